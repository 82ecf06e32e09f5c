"""Byte-level BPE, GPT-2's tokenizer: any text in, ids out, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from transformer_course.tokenization.pretokenization import (
    byte_alphabet,
    from_byte_characters,
    split_pieces,
    to_byte_characters,
)
from transformer_course.tokenization.vocabulary import Vocabulary

Merge = tuple[str, str]


def merge_pair(symbols: Sequence[str], pair: Merge) -> list[str]:
    """Join every occurrence of one pair of neighbours.

    Occurrences that overlap are joined from left to right.

    >>> merge_pair(["b", "a", "a", "a"], ("a", "a"))
    ['b', 'aa', 'a']

    Args:
        symbols: The symbols of a piece.
        pair: The two neighbours to join.

    Returns:
        The symbols after the merge.

    Source:
        Sennrich et al. (2016), sec. 3.2, algorithm 1.
    """
    joined: list[str] = []
    i = 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            joined.append(pair[0] + pair[1])
            i += 2
        else:
            joined.append(symbols[i])
            i += 1
    return joined


def apply_merges(
    symbols: Iterable[str], ranks: Mapping[Merge, int]
) -> list[str]:
    """Repeat the training's merges on a piece, earliest learned first.

    >>> apply_merges("abab", {("a", "b"): 0, ("ab", "ab"): 1})
    ['abab']

    Args:
        symbols: The symbols of a piece, one character each.
        ranks: When each pair was learned, 0 the first.

    Returns:
        The tokens; joined, they are the piece again.

    Source:
        Sennrich et al. (2016), sec. 3.2.
    """
    parts = list(symbols)
    while len(parts) > 1:
        pairs = set(pairwise(parts))
        known = [pair for pair in pairs if pair in ranks]
        if not known:
            break
        parts = merge_pair(parts, min(known, key=ranks.__getitem__))
    return parts


def vocabulary_of(merges: Iterable[Merge]) -> list[str]:
    """List the tokens that a list of merges makes, in the order of their ids.

    First the 256 bytes, in the order of their visible characters, then what
    each merge makes. Two merges may make the same token; it counts once.

    Args:
        merges: The merges, in the order in which they were learned.

    Returns:
        The tokens; a token's place is its id.
    """
    made = [left + right for left, right in merges]
    return list(dict.fromkeys([*sorted(byte_alphabet()), *made]))


class BPETokenizer:
    """Turn any text into ids and back, by byte-level byte-pair encoding.

    No text is unknown: what no merge covers falls apart into bytes. Special
    tokens never come out of ``encode``, whatever the text says; who wants
    one puts its id there.

    >>> merges = [("Ġ", "p"), ("z", "z"), ("Ġp", "i")]
    >>> tokenizer = BPETokenizer(merges, special=["<|endoftext|>"])
    >>> tokenizer.tokens(" pizza")
    ['Ġpi', 'zz', 'a']
    >>> tokenizer.decode(tokenizer.encode(" pizza"))
    ' pizza'

    Args:
        merges: Pairs of tokens in the visible byte alphabet, in the order in
            which they were learned.
        encoder: The id of each token; from the merges if not given.
        special: Tokens that stand for no text. Those that ``encoder`` lacks
            get the next ids.

    Raises:
        ValueError: ``encoder`` misses a byte or a token that a merge makes,
            or its ids are not 0, 1, 2 and so on.

    Source:
        Radford et al. (2019), sec. 2.2.
    """

    def __init__(
        self,
        merges: Sequence[Merge],
        encoder: Mapping[str, int] | None = None,
        special: Sequence[str] = (),
    ) -> None:
        made = vocabulary_of(merges)
        tokens = made if encoder is None else _in_order(encoder)
        missing = set(made) - set(tokens)
        if missing:
            raise ValueError(
                f"encoder misses {len(missing)} tokens that the bytes and "
                f"merges make, such as {min(missing)!r}"
            )
        new = [token for token in special if token not in set(tokens)]
        self.vocabulary: Vocabulary = Vocabulary([*tokens, *new])
        self.special: frozenset[str] = frozenset(special)
        self.ranks: dict[Merge, int] = {}
        for rank, pair in enumerate(merges):
            self.ranks.setdefault(pair, rank)
        # Most pieces of a text are words that came before.
        self._cut = lru_cache(maxsize=65_536)(self._cut_piece)

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special ones included."""
        return len(self.vocabulary)

    def _cut_piece(self, piece: str) -> tuple[str, ...]:
        return tuple(apply_merges(to_byte_characters(piece), self.ranks))

    def tokens(self, text: str) -> list[str]:
        """Cut a text into tokens, in the visible byte alphabet.

        Args:
            text: Any text without lone surrogates.

        Returns:
            The tokens, in order.

        Raises:
            ValueError: The text has a lone surrogate.
        """
        to_byte_characters(text)  # names the place in the whole text
        return [t for piece in split_pieces(text) for t in self._cut(piece)]

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids.

        Args:
            text: Any text without lone surrogates.

        Returns:
            Ids (T,); no special token is among them.

        Raises:
            ValueError: The text has a lone surrogate.
        """
        return self.vocabulary.ids(self.tokens(text))

    def decode(self, token_ids: Iterable[int]) -> str:
        """Turn ids into text, special tokens into their names.

        Bytes that are no UTF-8, as when a character is cut in two, become
        U+FFFD, the replacement character.

        Args:
            token_ids: Ids (T,).

        Returns:
            The text; for ids that ``encode`` gave, the text it came from.

        Raises:
            ValueError: An id is none of this vocabulary.
        """
        data = bytearray()
        for token_id in token_ids:
            token = self.vocabulary.token_of(token_id)
            special = token in self.special
            data += token.encode() if special else from_byte_characters(token)
        return data.decode("utf-8", errors="replace")


def _in_order(encoder: Mapping[str, int]) -> list[str]:
    tokens = sorted(encoder, key=encoder.__getitem__)
    for i, token in enumerate(tokens):
        if encoder[token] != i:
            raise ValueError(
                f"encoder gives {token!r} the id {encoder[token]} where {i} "
                "was wanted: ids must be 0, 1, 2 and so on"
            )
    return tokens
