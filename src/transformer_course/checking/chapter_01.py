"""Exercises of chapter 1: tokenization by hand."""

from __future__ import annotations

import re
from typing import Any

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("01")
Merge = tuple[str, str]
FOUR: list[Merge] = [("a", "t"), ("e", "at"), ("m", "eat"), ("eat", "s")]
WORDS = ("mates", "steam", "eatmeats")


def _merged(tokens: tuple[str, ...], pair: Merge) -> tuple[str, ...]:
    out: list[str] = []
    i = 0
    while i < len(tokens):
        if tokens[i : i + 2] == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(tokens[i])
            i += 1
    return tuple(out)


def cut_by_hand() -> dict[str, list[str]]:
    """Return {word: list of its tokens} for the three words."""
    return {
        "mates": ["m", "at", "e", "s"],
        "steam": ["s", "t", "e", "a", "m"],
        "eatmeats": ["eat", "meat", "s"],  # with eats before meat: m eats
    }


def _tokens(result: Any) -> dict[str, list[str]]:
    return {
        word: tokens.split() if isinstance(tokens, str) else list(tokens)
        for word, tokens in result.items()
    }


_hand = EXERCISES.exercise(
    cut_by_hand,
    label="ex-01-trace",
    level="Warm-up",
    minutes=5,
    cases=[()],
    view=_tokens,
    wanted='a dictionary {"mates": [tokens], "steam": [...], "eatmeats": '
    "[...]}",
    hints=(
        "Start each word as single letters. Only neighbours can be merged, "
        "and only in this order of letters.",
        "mates: which letters stand side by side as a, t? After that, is "
        "there an e directly before at?",
        "eatmeats: all a t first, then all e at, then m eat, and eat s last: "
        "is an eat left before the s?",
    ),
)


def _cuts(merges: list[Merge]) -> dict[str, list[str]]:
    found = {}
    for word in WORDS:
        tokens = tuple(word)
        for pair in merges:
            tokens = _merged(tokens, pair)
        found[word] = list(tokens)
    return found


@_hand.mistake
def _swapped() -> dict[str, list[str]]:
    """You merge eat + s before m + eat.

    First learned, first applied: look at the order of the merges.
    """
    return _cuts([FOUR[0], FOUR[1], FOUR[3], FOUR[2]])


@_hand.mistake
def _letters() -> dict[str, list[str]]:
    """Your words are still single letters.

    Every merge that fits is applied.
    """
    return _cuts([])


@_hand.mistake
def _first_merge() -> dict[str, list[str]]:
    """Only the first merge is applied.

    All four are, one after the other.
    """
    return _cuts(FOUR[:1])


@_hand.mistake
def _two_merges() -> dict[str, list[str]]:
    """The merges with m and with s are missing.

    All four are applied, one after the other.
    """
    return _cuts(FOUR[:2])


@_hand.mistake
def _any_order() -> dict[str, list[str]]:
    """In mates you take ate for a token; no merge makes it.

    e + at joins letters in this order, and in mates the e stands behind. Nor
    is ate a token because it is one of the four words.
    """
    return _cuts(FOUR) | {"mates": ["m", "ate", "s"]}


@_hand.mistake
def _reordered_steam() -> dict[str, list[str]]:
    """You cut steam as if it held the letters e, a, t side by side.

    A merge joins neighbours; it moves no letter.
    """
    return _cuts(FOUR) | {"steam": ["s", "t", "ea", "m"]}


@_hand.mistake
def _last_s() -> dict[str, list[str]]:
    """The end of eatmeats is not right; the other words are.

    Once meat is made, is there an eat left to join the s?
    """
    return _cuts(FOUR) | {"eatmeats": ["eat", "meats"]}


@_hand.mistake
def _first_place_alone() -> dict[str, list[str]]:
    """You do each merge at the first place alone where its pair stands.

    The other places in the word are merged, too: eatmeats holds a t twice.
    """
    return _cuts([]) | {
        "mates": ["m", "at", "e", "s"],
        "eatmeats": ["eat", "m", "e", "a", "t", "s"],
    }


# The words of Hamlet whose cut, after a space and with the chapter's 3,000
# merges, keeps Ġt or he.
KEEPERS = (
    "t'is t'other table tables taints tame tann'd tanner tardy target tarre "
    "task taste tatters tear tedious tediousness teeth test tether tetter "
    "tickle timber'd tinct tis touches tree trespass trophies trophy try "
    "tumbled tune tunes turbulent turf tush tutor lethe nephew ophelia "
    "ophelia's whether adheres breathe brothel clothe highest nephew's "
    "nutshell o'erhear o'erwhelm prithee prophetic rheum spheres tithe"
)
KEPT = set(KEEPERS.split())


def why_keep_the_halves() -> str:
    """Return your explanation, and the word, as a string."""
    return (
        "cut starts from the bytes Ġ t h e. Without the two merges nothing "
        "can make Ġt or he, so the merge Ġt + he never fits: another merge, "
        "t + h, takes the t, and Ġ th e comes out. Merges build on each "
        "other. Words keep the halves too: tedious starts with Ġt."
    )


def _explained(result: Any) -> str:
    words = re.findall(r"[a-z']+", result.lower())
    if not any(word in KEPT for word in words):
        return "no word"
    return "both" if len(words) >= 10 else "word alone"


_halves = EXERCISES.exercise(
    why_keep_the_halves,
    label="ex-01-halves",
    level="Warm-up",
    minutes=5,
    cases=[()],
    view=_explained,
    wanted="a string with an explanation of some words, and a word of Hamlet "
    "whose cut after a space keeps Ġt or he",
    hints=(
        "Which two tokens does the merge Ġt + he join, and where do they come "
        "from?",
        "Strike the two merges and call cut on Ġthe. What does the merge "
        "t + h do now?",
        "For the word: cut every word of Hamlet with the 3,000 merges, a "
        "space in front, and look for Ġt or he among its tokens. Some begin "
        "with te or tu, some hold phe or the.",
    ),
)


@_halves.mistake
def _no_word() -> str:
    """None of the words in your text keeps Ġt or he in its cut.

    Many words that begin with t are one token. Cut the words of Hamlet, each
    with a space in front, and search.
    """
    return (
        "The merges build on each other, so without them the word the is "
        "made of other tokens; a word that keeps one of them is they."
    )


@_halves.mistake
def _word_alone() -> str:
    """The word is right; the explanation is missing or very short.

    What would cut make of " the" without the two merges, and why?
    """
    return "tedious"


@_halves.mistake
def _a_list() -> Any:
    """You return something else than one string.

    Write explanation and word into one text.
    """
    return ["tedious", "because merges build on each other"]
