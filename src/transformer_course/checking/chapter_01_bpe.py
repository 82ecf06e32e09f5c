"""Exercises of chapter 1: encoding, learning, and decoding as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from transformer_course import datasets
from transformer_course.checking.bands import place
from transformer_course.checking.chapter_01 import Merge, _merged
from transformer_course.checking.exercise import Chapter
from transformer_course.tokenization import bpe

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


def decode_stream(token_ids: list[int]) -> Iterator[str]:
    """Yield pieces of text; no piece ever ends in half a character."""
    gpt2, held = _gpt2(), []
    for token_id in token_ids:
        held.append(token_id)
        text = gpt2.decode(held)
        if not text.endswith("\ufffd"):
            yield text
            held = []
    if held:
        yield gpt2.decode(held)


@cache
def _gpt2() -> bpe.BPETokenizer:
    encoder, published = datasets.load_gpt2_tokenizer_files()
    return bpe.BPETokenizer(published, encoder, special=["<|endoftext|>"])


TEXTS = (
    "go",
    "Hello world!",
    "na\u00efve",
    "\U0001f642",
    "a \U0001f642 b",
    "\u6771\u4eac",
)


def _stream(result: Any) -> tuple[str, str]:
    pieces = [piece for piece in result if piece]
    if not all(isinstance(piece, str) for piece in pieces):
        raise TypeError("pieces are text")
    if isinstance(result, str):
        return result, "one string"
    broken = any("\ufffd" in piece for piece in pieces)
    alone = len(pieces) == 1
    return "".join(pieces), (
        "broken" if broken else "one piece" if alone else "pieces"
    )


_streams = EXERCISES.exercise(
    decode_stream,
    label="ex-01-stream",
    level="Standard",
    minutes=20,
    cases=lambda _: [(_gpt2().encode(text),) for text in TEXTS],
    view=_stream,
    wanted="pieces of text, yielded as soon as they are certain, that join to "
    "the whole text and never hold half a character",
    hints=(
        "When is it certain that a piece of text is whole? What does decode "
        "put in place of an unfinished character?",
        "Keep the ids that are not yet printed in a list. Decode all of them "
        "together after each new id.",
        "If the text of the held ids ends in the sign \\ufffd, wait for the "
        "next id; else yield it and empty the list.",
    ),
    solution="""
def decode_stream(token_ids):
    held = []
    for token_id in token_ids:
        held.append(token_id)
        text = gpt2.decode(held)
        if not text.endswith("\\ufffd"):
            yield text
            held = []
    if held:
        yield gpt2.decode(held)
""",
)


@_streams.mistake
def _each_alone(token_ids: list[int]) -> Any:
    """You decode each id alone: halves of characters are lost.

    What comes out for the two tokens of a smiling face?
    """
    return [_gpt2().decode([i]) for i in token_ids]


@_streams.mistake
def _all_at_once(token_ids: list[int]) -> Any:
    """You wait for the end and yield everything at once.

    Text that is certain should appear while ids still come.
    """
    return [_gpt2().decode(token_ids)]


@_streams.mistake
def _dropped(token_ids: list[int]) -> Any:
    """You drop unfinished characters instead of holding them back.

    The bytes of the first half are needed when the second half comes.
    """
    alone = (_gpt2().decode([i]) for i in token_ids)
    return [text for text in alone if "\ufffd" not in text]


@_streams.mistake
def _grows(token_ids: list[int]) -> Any:
    """You yield everything so far, again and again.

    After a piece is yielded, forget its ids.
    """
    n = len(token_ids)
    texts = (_gpt2().decode(token_ids[: k + 1]) for k in range(n))
    return [text for text in texts if not text.endswith("\ufffd")]


@_streams.mistake
def _whole_text(token_ids: list[int]) -> Any:
    """You return one string.

    Write a generator: yield the pieces one by one.
    """
    return _gpt2().decode(token_ids)


def tokens_per_language(
    languages: tuple[str, ...] = ("fr", "de", "es"),
) -> dict[str, tuple[int, int]]:
    """Return {language: (English tokens, tokens of the translation)}.

    Stands in for the solution: numbers of a run.
    """
    return {"fr": (26669, 53505)}


def _sizes(result: Any) -> str:
    if set(result) != {"fr"}:
        return "other languages"
    one, other = (float(n) for n in result["fr"])
    if place(one, 25500, 31500) == place(other, 52000, 59000) == "inside":
        return "inside"
    if place(other, 25500, 31500) == place(one, 52000, 59000) == "inside":
        return "exchanged"
    if place(one, 110000, 140000) == place(other, 140000, 180000) == "inside":
        return "characters"
    if place(one, 18000, 22500) == place(other, 22600, 25400) == "inside":
        return "words"
    return "means" if other < 30 else "outside"


_languages = EXERCISES.exercise(
    tokens_per_language,
    label="ex-01-languages",
    level="Stretch",
    minutes=30,
    cases=[(("fr",),)],
    seconds=8,
    view=_sizes,
    wanted='{language: (tokens, tokens)} for the languages asked; for "fr" '
    "about 27,000 and 54,000",
    hints=(
        "Each pair of load_interface_sentences has the fields english and "
        "translation. Which tokenizer counts?",
        "For each language add up len(gpt2.encode(...)) over the English "
        "sides, and over the translations.",
        "{language: (sum(len(gpt2.encode(p.english)) for p in pairs), "
        "sum(len(gpt2.encode(p.translation)) for p in pairs))}",
    ),
    solution="""
def tokens_per_language(languages=("fr", "de", "es")):
    sizes = {}
    for language in languages:
        pairs = datasets.load_interface_sentences(language)
        sizes[language] = (
            sum(len(gpt2.encode(pair.english)) for pair in pairs),
            sum(len(gpt2.encode(pair.translation)) for pair in pairs),
        )
    return sizes
""",
)


@_languages.mistake
def _exchanged(languages: Any = ()) -> Any:
    """The two numbers are exchanged.

    English comes first.
    """
    return {"fr": (53505, 26669)}


@_languages.mistake
def _characters(languages: Any = ()) -> Any:
    """You count characters.

    gpt2.encode gives the ids: count these.
    """
    return {"fr": (124664, 156892)}


@_languages.mistake
def _words(languages: Any = ()) -> Any:
    """You count words.

    gpt2.encode gives the ids: count these.
    """
    return {"fr": (20659, 24185)}


@_languages.mistake
def _means(languages: Any = ()) -> Any:
    """You give means a sentence.

    All tokens of all sentences are wanted.
    """
    return {"fr": (7.8, 15.6)}


@_languages.mistake
def _all_three(languages: Any = ()) -> Any:
    """You do not give the languages that were asked for.

    Is the argument used?
    """
    return {"fr": (26669, 53505), "de": (1, 2), "es": (1, 2)}
