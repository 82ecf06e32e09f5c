"""The table that every tokenizer ends with: a token and its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PAD = "<pad>"
UNK = "<unk>"
BOS = "<bos>"
EOS = "<eos>"
SPECIAL = (PAD, UNK, BOS, EOS)


class Vocabulary:
    """Give every token an id, and every id back its token.

    An id is a row number, nothing more: it has no size and no neighbours.

    >>> animals = Vocabulary(["<unk>", "cat", "owl"], unknown="<unk>")
    >>> animals.ids(["owl", "cat", "yeti"])
    [2, 1, 0]

    Args:
        tokens: The tokens, in the order of their ids, each once.
        unknown: The token that stands in for those that are missing; where
            it is None, a missing token is an error.

    Raises:
        ValueError: A token comes twice, or ``unknown`` is none of them.
    """

    def __init__(
        self, tokens: Iterable[str], *, unknown: str | None = None
    ) -> None:
        self.tokens = tuple(tokens)
        self.unknown = unknown
        self._ids: dict[str, int] = {}
        for i, token in enumerate(self.tokens):
            if token in self._ids:
                raise ValueError(
                    f"token {token!r} comes twice, as id {self._ids[token]} "
                    f"and as id {i}"
                )
            self._ids[token] = i
        if unknown is not None and unknown not in self._ids:
            raise ValueError(f"unknown {unknown!r} is not among the tokens")

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def id_of(self, token: str) -> int:
        """Look up one token.

        Args:
            token: The token.

        Returns:
            Its id, or the unknown token's where it has none.

        Raises:
            ValueError: The token is missing and nothing stands in for it.
        """
        if token in self._ids:
            return self._ids[token]
        if self.unknown is None:
            raise ValueError(
                f"token {token!r} is not in the vocabulary of "
                f"{len(self)} tokens, which has no unknown token"
            )
        return self._ids[self.unknown]

    def token_of(self, token_id: int) -> str:
        """Look up one id.

        Args:
            token_id: From 0 to ``len(self) - 1``.

        Returns:
            Its token.

        Raises:
            ValueError: There is no such id.
        """
        if not 0 <= token_id < len(self):
            raise ValueError(
                f"token_id {token_id} is not from 0 to {len(self) - 1}"
            )
        return self.tokens[token_id]

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """Look up many tokens.

        Args:
            tokens: Any tokens.

        Returns:
            Their ids, in order.

        Raises:
            ValueError: One is missing and nothing stands in for it.
        """
        return [self.id_of(token) for token in tokens]


def with_special(
    tokens: Iterable[str], special: Sequence[str] = SPECIAL
) -> Vocabulary:
    """Put the special tokens before the ordinary ones.

    Padding then has id 0, whatever the text was.

    Args:
        tokens: Ordinary tokens, each once.
        special: Special tokens; ``<unk>`` has to be among them.

    Returns:
        A vocabulary that answers ``<unk>`` for what it does not have.

    Raises:
        ValueError: A token comes twice, or ``<unk>`` is missing.
    """
    return Vocabulary([*special, *tokens], unknown=UNK)
