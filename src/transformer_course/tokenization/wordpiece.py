"""WordPiece, BERT's tokenizer: words first, then the longest known parts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from transformer_course.tokenization.vocabulary import Vocabulary

INSIDE = "##"  # marks a part that does not begin its word
UNKNOWN = "[UNK]"

# Where Chinese characters stand; there, one character is one word.
_CJK = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


def _is_removed(character: str) -> bool:
    if character in "\t\n\r":
        return False
    category = unicodedata.category(character)
    return category.startswith("C") or character == "\N{REPLACEMENT CHARACTER}"


def _stands_alone(character: str) -> bool:
    if character.isascii():
        return character.isprintable() and not (
            character.isalnum() or character == " "
        )
    if unicodedata.category(character).startswith("P"):
        return True
    point = ord(character)
    return any(low <= point <= high for low, high in _CJK)


def _fold(text: str) -> str:
    """Drop accents and case, a character at a time."""
    bare = (
        character
        for character in unicodedata.normalize("NFD", text)
        if unicodedata.category(character) != "Mn"
    )
    return "".join(character.lower() for character in bare)


def split_words(text: str, *, lowercase: bool = True) -> list[str]:
    """Cut a text into the words that WordPiece then cuts further.

    >>> split_words("Café olé, isn't it?")
    ['cafe', 'ole', ',', 'isn', "'", 't', 'it', '?']

    Args:
        text: Any text; control characters and lone surrogates are dropped.
        lowercase: Drop case and accents, as BERT's "uncased" models do.

    Returns:
        Words and signs; whitespace is gone.

    Source:
        Devlin et al. (2019), the released ``tokenization.py``.
    """
    clean = "".join(c for c in text if not _is_removed(c))
    spaced = "".join(f" {c} " if _stands_alone(c) else c for c in clean)
    folded = _fold(spaced) if lowercase else spaced
    # Without its accent a sign may become one that stands alone.
    again = "".join(f" {c} " if _stands_alone(c) else c for c in folded)
    return again.split()


class WordPieceTokenizer:
    """Cut each word into the longest parts that the vocabulary has.

    Greedy from the left: the longest part that begins the word, then the
    longest that goes on from there, marked ``##``. Where that gets stuck the
    whole word becomes ``[UNK]``.

    >>> parts = ["[UNK]", "token", "##ize", "##iz", "##ation", "##s"]
    >>> WordPieceTokenizer(parts).tokens("Tokenization tokens yeti")
    ['token', '##iz', '##ation', 'token', '##s', '[UNK]']

    Args:
        vocabulary: The tokens, in the order of their ids; ``[UNK]`` has to
            be among them.
        lowercase: Drop case and accents first.
        longest_word: Words with more characters become ``[UNK]``.

    Raises:
        ValueError: A token comes twice, or ``[UNK]`` is missing.

    Source:
        Wu et al. (2016), sec. 4.1; Devlin et al. (2019), sec. 3.
    """

    def __init__(
        self,
        vocabulary: Iterable[str],
        *,
        lowercase: bool = True,
        longest_word: int = 100,
    ) -> None:
        self.vocabulary: Vocabulary = Vocabulary(vocabulary, unknown=UNKNOWN)
        self.lowercase = lowercase
        self.longest_word = longest_word

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special ones included."""
        return len(self.vocabulary)

    def cut(self, word: str) -> list[str]:
        """Cut one word.

        Args:
            word: A word, folded already where the vocabulary is.

        Returns:
            Its parts, or ``[UNK]`` alone.
        """
        if len(word) > self.longest_word:
            return [UNKNOWN]
        parts: list[str] = []
        start = 0
        while start < len(word):
            mark = INSIDE if start else ""
            for end in range(len(word), start, -1):
                if mark + word[start:end] in self.vocabulary:
                    break
            else:
                return [UNKNOWN]
            parts.append(mark + word[start:end])
            start = end
        return parts

    def tokens(self, text: str) -> list[str]:
        """Cut a text into tokens.

        Args:
            text: Any text.

        Returns:
            The tokens, in order.
        """
        words = split_words(text, lowercase=self.lowercase)
        return [part for word in words for part in self.cut(word)]

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids.

        Args:
            text: Any text.

        Returns:
            Ids (T,).
        """
        return self.vocabulary.ids(self.tokens(text))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Turn ids into words with one space between them.

        Case, accents and the original spaces are gone.

        Args:
            token_ids: Ids (T,).

        Returns:
            The text.

        Raises:
            ValueError: An id is none of this vocabulary.
        """
        tokens = (self.vocabulary.token_of(i) for i in token_ids)
        return " ".join(tokens).replace(f" {INSIDE}", "")


def pair_scores(
    words: Mapping[tuple[str, ...], int],
) -> dict[tuple[str, str], float]:
    """Score each pair of neighbours as WordPiece's training does.

    The count of the pair over the product of its members' counts: a pair
    scores high where its members rarely come without each other.

    >>> pair_scores({("q", "##u"): 2, ("s", "##o"): 3, ("s", "##u"): 1})[
    ...     "q", "##u"
    ... ]
    0.3333333333333333

    Args:
        words: How often each word, cut into parts, comes.

    Returns:
        The score of each pair.
    """
    parts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for word, times in words.items():
        for part in word:
            parts[part] += times
        for pair in pairwise(word):
            pairs[pair] += times
    return {(a, b): n / (parts[a] * parts[b]) for (a, b), n in pairs.items()}


def train(
    word_counts: Mapping[str, int], n_merges: int
) -> list[tuple[str, str]]:
    """Learn WordPiece's merges: the pair with the highest score, each time.

    Of equal scores the pair that sorts first is merged. Google's own
    training code was never published; this is the rule as it is usually
    told. It counts everything again after each merge, so keep it small.

    Args:
        word_counts: How often each word comes.
        n_merges: How many merges to learn; fewer where none is left.

    Returns:
        The merges, in order.

    Source:
        Schuster & Nakajima (2012), sec. 4, for the idea.
    """
    words = {
        (word[0], *(INSIDE + c for c in word[1:])): n
        for word, n in word_counts.items()
        if word
    }
    merges: list[tuple[str, str]] = []
    for _ in range(n_merges):
        scores = pair_scores(words)
        if not scores:
            break
        best = min(scores, key=lambda pair: (-scores[pair], pair))
        merges.append(best)
        words = {_joined(word, best): n for word, n in words.items()}
    return merges


def _joined(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    parts: list[str] = []
    i = 0
    while i < len(word):
        if word[i : i + 2] == pair:
            parts.append(pair[0] + pair[1].removeprefix(INSIDE))
            i += 2
        else:
            parts.append(word[i])
            i += 1
    return tuple(parts)
