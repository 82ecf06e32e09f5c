"""The two plain ways to cut a text: at the spaces, or everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from transformer_course.tokenization.vocabulary import (
    Vocabulary,
    with_special,
)

# A word keeps its inner apostrophes; every other sign stands alone.
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Cut a text into words and signs, and drop the whitespace.

    >>> split_words("Let's go.  It's 3 o'clock!")
    ["Let's", 'go', '.', "It's", '3', "o'clock", '!']

    Args:
        text: Any text.

    Returns:
        The words and signs, in order, spelled as they came.
    """
    return _WORD.findall(text)


def _most_frequent(counts: Counter[str], max_tokens: int | None) -> list[str]:
    # Equal counts in the order of spelling, so that a vocabulary depends on
    # the text alone and not on the order in which it was read.
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    return ranked[:max_tokens]


class WordTokenizer:
    """Make one token of each word, and ``<unk>`` of the words not known.

    The special tokens ``<pad>``, ``<unk>``, ``<bos>`` and ``<eos>`` have the
    ids 0 to 3.

    >>> tokenizer = WordTokenizer(["squatch", "eats", "pizza"])
    >>> tokenizer.encode("squatch eats broccoli")
    [4, 5, 1]
    >>> tokenizer.decode([4, 5, 1])
    'squatch eats <unk>'

    Args:
        words: The known words, in the order of their ids, each once.

    Raises:
        ValueError: A word comes twice.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.vocabulary: Vocabulary = with_special(words)

    @classmethod
    def train(
        cls, texts: Iterable[str], max_words: int | None = None
    ) -> WordTokenizer:
        """Learn the vocabulary: the most frequent words of some texts.

        Args:
            texts: The texts.
            max_words: How many words to keep; all if None.

        Returns:
            A tokenizer that knows them, most frequent first.
        """
        counts = Counter(word for text in texts for word in split_words(text))
        return cls(_most_frequent(counts, max_words))

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special ones included."""
        return len(self.vocabulary)

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids.

        Args:
            text: Any text.

        Returns:
            One id a word or sign.
        """
        return self.encode_words(split_words(text))

    def encode_words(self, words: Iterable[str]) -> list[int]:
        """Turn words that are cut already into ids.

        Args:
            words: Words, special tokens among them if wanted.

        Returns:
            One id a word.
        """
        return self.vocabulary.ids(words)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Turn ids into words with one space between them.

        The spaces of the original text are gone, and so is every word that
        was not known.

        Args:
            token_ids: Ids (T,).

        Returns:
            The text.

        Raises:
            ValueError: An id is none of this vocabulary.
        """
        return " ".join(self.vocabulary.token_of(i) for i in token_ids)


class CharacterTokenizer:
    r"""Make one token of each character, and ``<unk>`` of those not known.

    The special tokens ``<pad>``, ``<unk>``, ``<bos>`` and ``<eos>`` have the
    ids 0 to 3.

    >>> tokenizer = CharacterTokenizer("abc")
    >>> tokenizer.encode("cab!")
    [6, 4, 5, 1]

    Args:
        characters: The known characters, in the order of their ids.

    Raises:
        ValueError: A character comes twice.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.vocabulary: Vocabulary = with_special(characters)

    @classmethod
    def train(cls, texts: Iterable[str]) -> CharacterTokenizer:
        """Learn the vocabulary: all characters of some texts.

        Args:
            texts: The texts.

        Returns:
            A tokenizer that knows them, in the order of their code points.
        """
        return cls(sorted({character for text in texts for character in text}))

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special ones included."""
        return len(self.vocabulary)

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids.

        Args:
            text: Any text.

        Returns:
            One id a character.
        """
        return self.vocabulary.ids(text)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Turn ids into a text, the inverse of encode for known characters.

        Args:
            token_ids: Ids (T,).

        Returns:
            The text.

        Raises:
            ValueError: An id is none of this vocabulary.
        """
        return "".join(self.vocabulary.token_of(i) for i in token_ids)
