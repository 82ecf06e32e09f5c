"""The stretch exercise of chapter 13: how far does BERT read?"""

from __future__ import annotations

from typing import Any

from transformer_course.checking.bands import share
from transformer_course.checking.exercise import Cases, Chapter, Space
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("13")


def restored_within(model: Any, distance: int) -> float:
    """Share of hidden words named from the nearest words alone.

    Stands in for the solution: numbers of a run.
    """
    return {0: 0.21, 1: 0.52}.get(distance, 0.54)


def _near_and_far(space: Space) -> Cases:
    return [(space["model"], distance) for distance in (0, 1, 8)]


@share
def _share(number: float) -> str:
    if number < 0.1:
        return "hardly any"
    if number < 0.33:
        return "some"
    return "half" if number < 0.65 else "most"


_within = EXERCISES.exercise(
    restored_within,
    label="ex-13-only-next-to-the-mask",
    level="Stretch",
    minutes=30,
    cases=_near_and_far,
    seconds=25,
    needs=("model", "held_out"),
    view=_share,
    wanted="one share from 0 to 1: about a fifth if nothing is left to read "
    "(distance 0), about half with 1 and with 8",
    hints=(
        "Every hidden word keeps other neighbours. So each needs a row of "
        "its own: how many rows are that, and what stands in them?",
        "rows, places = asked.nonzero().T; ids[rows] has one row a hidden "
        "word. Where |place in the row - its place| is above distance, or 0, "
        "comes MASK; padding stays padding.",
        "apart = (torch.arange(T) - places[:, None]).abs(); reads = "
        "ids[rows].masked_fill(((apart > distance) | (apart == 0)) & "
        "(ids[rows] != PAD), MASK). Take the vector at each row's place, "
        "model.name it, and compare with the true id. 500 rows at a time.",
    ),
    solution="""
def restored_within(model, distance):
    ids, segments, _ = held_out
    _, asked = hide(ids, seed(0))
    rows, places = asked.nonzero().T  # (n,) each: one hidden word a row
    named = []
    for row, place in zip(rows.split(500), places.split(500)):
        told = ids[row]  # (n, T)
        apart = (torch.arange(ids.size(1)) - place[:, None]).abs()  # (n, T)
        far = (apart > distance) | (apart == 0)  # the word itself, too
        reads = told.masked_fill(far & (told != PAD), MASK)
        with torch.no_grad():
            output = model.body(reads, reads != PAD, segments[row])
            every = torch.arange(len(row))
            scores = model.name(output.hidden[every, place])
        named.append(scores.argmax(dim=1) == told[every, place])
    return torch.cat(named).float().mean().item()
""",
)


@_within.mistake
def _itself_read(model: Any, distance: int) -> float:
    """Yours names half of the words with nothing left to read.

    Either `distance` is not used, or the model reads the very word that it
    is asked for: that word must be [MASK] in the row that asks for it.
    """
    return 0.55


@_within.mistake
def _no_neighbour(model: Any, distance: int) -> float:
    """With one neighbour on each side yours is no better than with none.

    What is further away than `distance` is replaced, not what is as far.
    """
    return 0.54 if distance == 8 else 0.21


@_within.mistake
def _never_any(model: Any, distance: int) -> float:
    """Yours names a fifth, however many words are left to read.

    A fifth is what the most frequent word gives. Is everything replaced,
    whatever `distance` says?
    """
    return 0.21


@_within.mistake
def _wrong_place(model: Any, distance: int) -> float:
    """Yours gets worse where neighbours are left to read.

    Is the vector taken at the hidden word's own place? One place beside it
    the model names the neighbour.
    """
    return 0.16 if distance == 0 else 0.06


@_within.mistake
def _hardly(model: Any, distance: int) -> float:
    """Hardly any word of yours is named.

    Compare with the true ids at the hidden places, not with what is read.
    """
    return 0.03


@_within.mistake
def _turned_round(model: Any, distance: int) -> float:
    """Yours names more words, the fewer are left to read.

    Replace what is further away than `distance`, and keep what is nearer.
    """
    return 0.54 if distance == 0 else 0.25


@_within.mistake
def _most(model: Any, distance: int) -> float:
    """Most words of yours are named: words that were not hidden are counted.

    Ask only where `asked` is True, and mask the word in its own row.
    """
    return {0: 0.21}.get(distance, 0.9)


@_within.mistake
def _percent(model: Any, distance: int) -> float:
    """You return percent or a count; a share from 0 to 1 is wanted.

    A mean of True and False is a share.
    """
    return 45.0


@_within.telltale("class:OurBERT")
def _one_row_for_all(seen: Seen) -> bool:
    """You read each sentence once for all of its hidden words.

    What is far from one hidden word may be near to another. Each hidden
    word needs a copy of the sentence of its own.
    """
    chapter = seen.space
    ids, *_ = chapter["held_out"]
    _, asked = chapter["hide"](ids, chapter["seed"](0))
    rows = sum(len(call["args"][0]) for call in seen["class:OurBERT"])
    return 0 < rows < len(seen.inputs) * int(asked.sum())


def _read(seen: Seen) -> tuple[Any, Any]:
    """Give the rows that were read, and the true rows of hidden words."""
    chapter = seen.space
    ids, *_ = chapter["held_out"]
    _, asked = chapter["hide"](ids, chapter["seed"](0))
    rows, _ = asked.nonzero().T
    return [call["args"][0] for call in seen["class:OurBERT"]], ids[rows]


@_within.telltale("class:OurBERT")
def _padding_masked(seen: Seen) -> bool:
    """You replace the padding by [MASK], too: it is read as words.

    Padding stays padding, and is barred as before.
    """
    read, told = _read(seen)
    padding = seen.space["PAD"]
    n_rows = sum(map(len, read))
    n_read = sum(int((rows == padding).sum()) for rows in read)
    n_told = len(seen.inputs) * int((told == padding).sum())
    return n_rows == len(seen.inputs) * len(told) and n_read < n_told


@_within.telltale("class:OurBERT")
def _word_not_masked(seen: Seen) -> bool:
    """The word that is asked for is not always [MASK] in its own row.

    hide leaves a tenth as they are and puts other words for a tenth. Take
    the true ids, and mask the word itself besides what is far.
    """
    read, told = _read(seen)
    first, missing = [], len(told)
    for rows in read:  # those of distance 0 come first
        first.append(rows[:missing])
        missing -= len(first[-1])
    words = len(seen.space["SPECIAL"])
    return missing == 0 and any(bool((r >= words).any()) for r in first)
