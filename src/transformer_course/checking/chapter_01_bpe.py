"""Exercises of chapter 1: encoding a piece, and learning from words."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from transformer_course.checking.chapter_01 import Merge, _merged
from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("01")


def encode_piece(piece: str, ranks: dict[Merge, int]) -> tuple[str, ...]:
    """Return the tokens of a piece; ranks maps each merge to its place."""
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if not pairs:
            return tokens
        pair = min(pairs, key=ranks.__getitem__)
        merged: list[str] = []
        for token in tokens:  # join the pair, from left to right
            if merged and (merged[-1], token) == pair:
                merged[-1] += token
            else:
                merged.append(token)
        tokens = tuple(merged)


def _ranks(*merges: str) -> dict[Merge, int]:
    pairs = [tuple(merge.split()) for merge in merges]
    return {(a, b): place for place, (a, b) in enumerate(pairs)}


RANKS = _ranks("a t", "e at", "m eat", "eat s")
OTHER = _ranks("c d", "b c", "a b", "ab cd", "d e")

_order = EXERCISES.exercise(
    encode_piece,
    label="ex-01-order",
    level="Standard",
    minutes=10,
    cases=[
        ("a", RANKS),
        ("at", RANKS),
        ("seat", RANKS),
        ("meats", RANKS),
        ("eatmeats", RANKS),
        ("abcde", OTHER),
        ("abc", _ranks("b c", "a b")),
        ("atatxat", RANKS),
    ],
    solution="""
def encode_piece(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if not pairs:
            return tokens
        tokens = merge(tokens, min(pairs, key=ranks.get))
""",
    hints=(
        "Which line makes the first tokens, and which line must be repeated?",
        "In the loop: find the pairs that are merges; if there is none, the "
        "work is done; else do one merge and look again.",
        "D, E, then indented B, F, and C; A stands under F, one step further "
        "in.",
    ),
)


def _encode(piece: str, ranks: dict[Merge, int], **how: Any) -> Any:
    tokens, rounds = tuple(piece), how.get("rounds", 1000)
    choose = how.get("choose", lambda ps: min(ps, key=ranks.__getitem__))
    while rounds and (ps := [p for p in pairwise(tokens) if p in ranks]):
        tokens, rounds = _merged(tokens, choose(ps)), rounds - 1
    return tokens


@_order.mistake
def _latest(piece: str, ranks: dict[Merge, int]) -> Any:
    """You apply the merge that was learned last.

    First learned, first applied: the smallest rank.
    """
    return _encode(
        piece, ranks, choose=lambda ps: max(ps, key=ranks.__getitem__)
    )


@_order.mistake
def _leftmost(piece: str, ranks: dict[Merge, int]) -> Any:
    """You apply the merge that comes first in the text.

    The one with the smallest rank goes first, wherever it stands.
    """
    return _encode(piece, ranks, choose=lambda ps: ps[0])


@_order.mistake
def _once(piece: str, ranks: dict[Merge, int]) -> Any:
    """You apply one merge and stop.

    After a merge there are new pairs: look again, until none fits.
    """
    return _encode(piece, ranks, rounds=1)


@_order.mistake
def _never(piece: str, ranks: dict[Merge, int]) -> Any:
    """You return single letters: no merge is applied.

    Does the function return before its loop has done anything?
    """
    return tuple(piece)


@_order.mistake
def _alphabetical(piece: str, ranks: dict[Merge, int]) -> Any:
    """You choose the merge by the alphabet.

    min of pairs compares letters; the key must be the rank.
    """
    return _encode(piece, ranks, choose=min)


@_order.mistake
def _one_string(piece: str, ranks: dict[Merge, int]) -> Any:
    """You return the piece as one string.

    A sequence of tokens is wanted.
    """
    return " ".join(_encode(piece, ranks))


def learn_from_dictionary(table: Any, n_merges: int) -> Any:
    """Return the merges learned when each different word counts once."""
    return _learn(dict.fromkeys(table, 1), n_merges)


def _learn(
    table: Any,
    n_merges: int,
    *,
    distinct: bool = False,
    rewrite: bool = True,
    sign: int = -1,
    ties: bool = True,
) -> list[Merge]:
    letters = sorted({letter for word in table for letter in word})
    ids, learned = {letter: i for i, letter in enumerate(letters)}, []
    for _ in range(n_merges):
        counts: Counter[Merge] = Counter()
        for tokens, times in table.items():
            pairs = list(pairwise(tokens))
            for pair in set(pairs) if distinct else pairs:
                counts[pair] += times
        best = min(
            counts, key=lambda p: (sign * counts[p], ids[p[0]], ids[p[1]])
        )
        if not ties:
            best = counts.most_common(1)[0][0]
        learned.append(best)
        ids[best[0] + best[1]] = len(ids)
        if rewrite:
            table = {_merged(word, best): n for word, n in table.items()}
        else:
            table = {
                tuple(" " if t in best else t for t in word): n
                for word, n in table.items()
            }
            ids[" "] = -1
    return learned


def _pairs_only(result: Any) -> list[Merge]:
    """Read merges, with or without the counts that `learn` gives."""
    return [
        tuple(item[0]) if len(item) == 2 and isinstance(item[1], int) else item
        for item in result
    ]


def _table(**times: int) -> dict[tuple[str, ...], int]:
    return {tuple(word): n for word, n in times.items()}


_dictionary = EXERCISES.exercise(
    learn_from_dictionary,
    label="ex-01-types",
    level="Standard",
    minutes=15,
    cases=[
        (_table(ab=9, cd=1, cde=1), 1),
        (_table(eat=5, eats=4, meat=4, ate=2), 4),
        (_table(the=50, them=9, walking=1, going=2, sing=1), 3),
        (_table(banana=1, band=3, ban=1, nana=7, xaxbxaxb=1), 4),
    ],
    view=_pairs_only,
    wanted="a list of merges, each a pair of strings",
    hints=(
        "Where does `learn` use how often a word occurs?",
        "The numbers come from the table's values alone. Which table counts "
        "each different word once?",
        "Give learn a table with all values 1: {word: 1 for word in table}.",
    ),
    solution="""
def learn_from_dictionary(table, n_merges):
    once = {word: 1 for word in table}
    return [pair for pair, _ in learn(once, n_merges)]
""",
)


@_dictionary.mistake
def _first_seen(table: Any, n_merges: int) -> Any:
    """Of pairs that are equally frequent you take the first one seen.

    learn has a rule for ties: the smaller ids come first.
    """
    return _learn(dict.fromkeys(table, 1), n_merges, ties=False)


@_dictionary.mistake
def _by_text(table: Any, n_merges: int) -> Any:
    """You count each word as often as it occurs: that is `learn` itself.

    Here every different word counts once.
    """
    return _learn(table, n_merges)


@_dictionary.mistake
def _once_a_word(table: Any, n_merges: int) -> Any:
    """You count a pair once a word, even where the word has it twice.

    The word counts once; the pairs in it count as often as they stand there.
    """
    return _learn(dict.fromkeys(table, 1), n_merges, distinct=True)


@_dictionary.mistake
def _seen_once(table: Any, n_merges: int) -> Any:
    """You keep the words alone that occur once in the text.

    Every different word counts once, however often it occurs. Without a word
    there is no pair, and min of nothing raises ValueError.
    """
    return _learn({word: n for word, n in table.items() if n == 1}, n_merges)


@_dictionary.mistake
def _one_short(table: Any, n_merges: int) -> Any:
    """You learn one merge too few.

    n_merges is how many.
    """
    return learn_from_dictionary(table, n_merges)[:-1]


@_dictionary.mistake
def _never_applied(table: Any, n_merges: int) -> Any:
    """Your merges never build on each other.

    After each merge the words are rewritten, and pairs are counted anew.
    """
    return _learn(dict.fromkeys(table, 1), n_merges, rewrite=False)


@_dictionary.mistake
def _table_returned(table: Any, n_merges: int) -> Any:
    """You return joined tokens, not pairs.

    A merge is the pair of its two halves.
    """
    return ["".join(p) for p in learn_from_dictionary(table, n_merges)]


@_dictionary.mistake
def _least(table: Any, n_merges: int) -> Any:
    """You learn the rarest pairs.

    The most frequent pair is merged.
    """
    return _learn(dict.fromkeys(table, 1), n_merges, sign=1)
