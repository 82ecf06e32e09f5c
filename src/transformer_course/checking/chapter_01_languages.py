"""The stretch exercise of chapter 1: what a language costs."""

from __future__ import annotations

from typing import Any

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("01")
Sizes = dict[str, tuple[int, int]]


def tokens_per_language(
    languages: tuple[str, ...] = ("fr", "de", "es"),
) -> Sizes:
    """Return {language: (English tokens, tokens of the translation)}.

    Stands in for the solution: numbers of a run.
    """
    return {"fr": (26669, 53505), "de": (39541, 83958)}


COUNTS: dict[str, Sizes] = {
    "tokens": {"fr": (26669, 53505), "de": (39541, 83958)},
    "characters": {"fr": (124664, 156892), "de": (180958, 220210)},
    "bytes": {"fr": (124679, 162148), "de": (180982, 223793)},
    "words": {"fr": (20659, 24185), "de": (30332, 28797)},
    "pieces": {"fr": (23660, 30208), "de": (35156, 37146)},
    "own tokens": {"fr": (26046, 32892), "de": (38378, 46548)},
    "joined": {"fr": (26122, 53032), "de": (38762, 83274)},
    "joined by lines": {"fr": (30107, 56944), "de": (44053, 88470)},
    "the first English": {"fr": (26669, 53505), "de": (26669, 83958)},
}


def _near(found: Any, right: Any) -> bool:
    """Say whether two numbers are those of a count, but for 1 %."""
    return all(
        abs(float(a) - b) <= 0.008 * b
        for a, b in zip(found, right, strict=True)
    )


def _sizes(result: Any) -> str:
    """Say what was counted: the numbers are far enough apart."""
    if set(result) != {"fr", "de"}:
        return "other languages"
    for name, right in COUNTS.items():
        if all(_near(result[k], right[k]) for k in right):
            return name
        if all(_near(result[k], right[k][::-1]) for k in right):
            return f"{name}, exchanged"
    means = all(float(n) < 60 for pair in result.values() for n in pair)
    return "means" if means else "another count"


_languages = EXERCISES.exercise(
    tokens_per_language,
    label="ex-01-languages",
    level="Stretch",
    minutes=30,
    cases=[(("fr", "de"),)],
    seconds=15,
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
    return {k: n[::-1] for k, n in COUNTS["tokens"].items()}


@_languages.mistake
def _characters(languages: Any = ()) -> Any:
    """You count characters.

    gpt2.encode gives the ids: count these.
    """
    return COUNTS["characters"]


@_languages.mistake
def _bytes(languages: Any = ()) -> Any:
    """You count bytes.

    gpt2.encode gives the ids: count these.
    """
    return COUNTS["bytes"]


@_languages.mistake
def _words(languages: Any = ()) -> Any:
    """You count words.

    gpt2.encode gives the ids: count these.
    """
    return COUNTS["words"]


@_languages.mistake
def _pieces(languages: Any = ()) -> Any:
    """You count the pieces before they are cut into tokens.

    A piece may be several tokens. gpt2.encode gives their ids.
    """
    return COUNTS["pieces"]


@_languages.mistake
def _own_tokens(languages: Any = ()) -> Any:
    """You count tokens of a BPE of the language's own.

    The function gives GPT-2's; the other count is the second half of the
    exercise.
    """
    return COUNTS["own tokens"]


@_languages.mistake
def _joined(languages: Any = ()) -> Any:
    """You join the sentences to one text first.

    Then nearly every sentence begins with a space that it does not have, and
    is cut otherwise. Encode each by itself, and add up.
    """
    return COUNTS["joined"]


@_languages.mistake
def _joined_by_lines(languages: Any = ()) -> Any:
    """You join the sentences with line breaks, and count these too.

    Encode each sentence by itself, and add up.
    """
    return COUNTS["joined by lines"]


@_languages.mistake
def _first_english(languages: Any = ()) -> Any:
    """You count one language's English sentences for all languages.

    Each language has pairs of its own, on both sides.
    """
    return COUNTS["the first English"]


@_languages.mistake
def _means(languages: Any = ()) -> Any:
    """You give means a sentence.

    All tokens of all sentences are wanted.
    """
    return {"fr": (7.8, 15.6), "de": (8.8, 18.6)}


@_languages.mistake
def _all_three(languages: Any = ()) -> Any:
    """You do not give the languages that were asked for.

    Is the argument used?
    """
    return {"fr": (26669, 53505), "de": (1, 2), "es": (1, 2)}
