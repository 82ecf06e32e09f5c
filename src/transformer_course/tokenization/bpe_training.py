"""How BPE learns its merges: ours to be read, and a fast one to be used."""

from __future__ import annotations

import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from transformer_course.tokenization.bpe import Merge, vocabulary_of
from transformer_course.tokenization.pretokenization import (
    split_pieces,
    to_byte_characters,
)

_Pair = tuple[int, int]


def count_pieces(texts: Iterable[str]) -> Counter[str]:
    """Count the pieces of some texts, in the visible byte alphabet.

    Training needs no more of a text than this table.

    >>> count_pieces(["low low lower"])
    Counter({'low': 1, 'Ġlow': 1, 'Ġlower': 1})

    Args:
        texts: Texts without lone surrogates.

    Returns:
        How often each piece comes.

    Raises:
        ValueError: A text has a lone surrogate.
    """
    raw = Counter(piece for text in texts for piece in split_pieces(text))
    return Counter({to_byte_characters(p): n for p, n in raw.items()})


class _Corpus:
    """Pieces as lists of ids, and the count of every pair of neighbours.

    After a merge only the pieces that had the pair are counted again, which
    is what makes it fast enough for a whole book.
    """

    def __init__(self, pieces: Counter[str]) -> None:
        self.symbols = vocabulary_of([])
        self._id_of = {symbol: i for i, symbol in enumerate(self.symbols)}
        self.words = [[self._id_of[c] for c in piece] for piece in pieces]
        self.times = list(pieces.values())
        self.counts: dict[_Pair, int] = defaultdict(int)
        self.places: dict[_Pair, set[int]] = defaultdict(set)
        for place in range(len(self.words)):
            self._add(place)
        self.heap = [(-n, pair) for pair, n in self.counts.items()]
        heapq.heapify(self.heap)

    def _add(self, place: int) -> set[_Pair]:
        pairs = list(pairwise(self.words[place]))
        for pair in pairs:
            self.counts[pair] += self.times[place]
            self.places[pair].add(place)
        return set(pairs)

    def _remove(self, place: int) -> set[_Pair]:
        pairs = list(pairwise(self.words[place]))
        for pair in pairs:
            self.counts[pair] -= self.times[place]
            self.places[pair].discard(place)
        return set(pairs)

    def most_frequent(self) -> tuple[_Pair, int] | None:
        # Entries whose count has changed since are stale; the true count was
        # pushed when it changed. A pair of ids settles a tie: lowest first.
        while self.heap:
            count, pair = heapq.heappop(self.heap)
            if -count == self.counts[pair]:
                return pair, -count
        return None

    def merge(self, pair: _Pair) -> None:
        token = self.symbols[pair[0]] + self.symbols[pair[1]]
        if token not in self._id_of:
            self._id_of[token] = len(self.symbols)
            self.symbols.append(token)
        new, changed = self._id_of[token], set[_Pair]()
        for place in sorted(self.places[pair]):
            changed |= self._remove(place)
            self.words[place] = list(_joined(self.words[place], pair, new))
            changed |= self._add(place)
        for other in changed:
            if self.counts[other] > 0:
                heapq.heappush(self.heap, (-self.counts[other], other))


def _joined(word: list[int], pair: _Pair, new: int) -> Iterator[int]:
    i = 0
    while i < len(word):
        hit = i + 1 < len(word) and (word[i], word[i + 1]) == pair
        yield new if hit else word[i]
        i += 2 if hit else 1


def steps(
    texts: Iterable[str], min_count: int = 2
) -> Iterator[tuple[Merge, int]]:
    """Learn byte-level BPE and hand out each merge as it is found.

    The most frequent pair of neighbours is merged, again and again. Of pairs
    with equal counts, the one with the lowest ids is merged: first the lower
    left id, then the lower right id. Bytes have lower ids than merged tokens,
    and earlier merges lower ids than later ones.

    >>> list(steps(["low lower lowest"]))[:2]
    [(('l', 'o'), 3), (('lo', 'w'), 3)]

    Args:
        texts: Texts without lone surrogates.
        min_count: Stop when the most frequent pair comes less often.

    Yields:
        A merge, and how often its pair came when it was merged.

    Raises:
        ValueError: A text has a lone surrogate.

    Source:
        Sennrich et al. (2016), sec. 3.2; on bytes, Radford et al. (2019),
        sec. 2.2.
    """
    corpus = _Corpus(count_pieces(texts))
    while (best := corpus.most_frequent()) and best[1] >= min_count:
        (left, right), count = best
        yield (corpus.symbols[left], corpus.symbols[right]), count
        corpus.merge((left, right))


def train(
    texts: Iterable[str], vocab_size: int, min_count: int = 2
) -> list[Merge]:
    """Learn byte-level BPE up to a size; ``steps`` says by which rule.

    >>> train(["low lower lowest"], vocab_size=259)
    [('l', 'o'), ('lo', 'w'), ('Ġ', 'low')]

    Args:
        texts: Texts without lone surrogates.
        vocab_size: Stop when there are this many tokens, the 256 bytes
            included.
        min_count: Stop when the most frequent pair comes less often.

    Returns:
        The merges, in the order in which they were learned.

    Raises:
        ValueError: ``vocab_size`` is below 256, ``min_count`` below 1, or a
            text has a lone surrogate.
    """
    _check(vocab_size, min_count)
    tokens = set(vocabulary_of([]))
    merges: list[Merge] = []
    for (left, right), _ in steps(texts, min_count):
        if len(tokens) == vocab_size:
            break
        merges.append((left, right))
        tokens.add(left + right)
    return merges


def train_fast(
    texts: Iterable[str], vocab_size: int, min_count: int = 2
) -> list[Merge]:
    """Learn the same merges as ``train`` with the tokenizers library.

    It breaks ties by the same rule, and takes seconds for 5 MB of text.

    Args:
        texts: Texts without lone surrogates.
        vocab_size: Stop when there are this many tokens, the 256 bytes
            included.
        min_count: Stop when the most frequent pair comes less often.

    Returns:
        The merges, in the order in which they were learned.

    Raises:
        ValueError: ``vocab_size`` is below 256, ``min_count`` below 1, or a
            text has a lone surrogate.
    """
    _check(vocab_size, min_count)
    texts = list(texts)
    for text in texts:
        to_byte_characters(text)  # refuses lone surrogates by name
    engine = Tokenizer(models.BPE())
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_count,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    engine.train_from_iterator(texts, trainer)
    learned = json.loads(engine.to_str())["model"]["merges"]
    return [(left, right) for left, right in learned]


def _check(vocab_size: int, min_count: int) -> None:
    if vocab_size < 256:
        raise ValueError(f"vocab_size {vocab_size} is below the 256 bytes")
    if min_count < 1:
        raise ValueError(f"min_count {min_count} is below 1")
