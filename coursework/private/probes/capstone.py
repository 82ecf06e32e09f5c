"""Probes of the capstone: its tools, and a reader on fresh questions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from coursework.grading.probe import (
    Assignment,
    Call,
    Part,
    Variant,
    close,
    exact,
)
from transformer_course.world import lexicon, tasks

JOBS = ("who-eats-whom", "pronoun-typed", "pronoun-role-bound", "french")
Exam = dict[str, list[dict[str, Any]]]
Answers = dict[str, list[str]]
Report = dict[str, tuple[float, float, float]]


def below(draw: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number from low to high - 1."""
    return int(torch.randint(low, high, (), generator=draw))


def coins(draw: torch.Generator, n: int, p: float) -> list[bool]:
    """Throw n coins that show True with probability p."""
    thrown: list[bool] = (torch.rand(n, generator=draw) < p).tolist()
    return thrown


# --- 1. the report


def report_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One edit, several edits, all right and none right."""

    def call(n: int, p: float, names: list[str], group: str) -> Call:
        order = [names[below(draw, 0, len(names))] for _ in range(n - 2)]
        edits = [e for e in [names[0], names[-1], *order] for _ in range(2)]
        return Call((coins(draw, 2 * n, p), edits), group=group)

    three = ["roles", "voice", "predicate"]
    return [
        call(11 + below(draw, 0, 20), 0.7, ["roles"], "one edit"),
        call(31 + below(draw, 0, 20), 0.8, three, "several edits"),
        call(13 + below(draw, 0, 20), 0.6, three, "several edits"),
        call(7 + below(draw, 0, 20), 1.1, ["voice"], "all or none"),
        call(7 + below(draw, 0, 20), -0.1, ["voice"], "all or none"),
    ]


def pair_report(right: list[bool], edits: list[str], *bugs: str) -> Report:
    """Count the pairs of each edit, with the bugs that are named."""
    if "items" in bugs:
        marks = list(zip(right, edits, strict=True))
    else:
        twins = zip(right[::2], right[1::2], edits[::2], strict=True)
        marks = [(one and other, edit) for one, other, edit in twins]
    report: Report = {}
    for name in ["all", *sorted(set(edits))]:
        kept = [mark for mark, edit in marks if name in ("all", edit)]
        n, p, z2 = len(kept), sum(kept) / len(kept), 1.96**2
        if "twice as many" in bugs:
            n *= 2
        spread = math.sqrt(z2 * p * (1 - p) / n + (z2 / (2 * n)) ** 2)
        low, high = (
            (p + z2 / (2 * n) + sign * spread) / (1 + z2 / n)
            for sign in (-1, 1)
        )
        if "plain" in bugs:
            spread = math.sqrt(z2 * p * (1 - p) / n)
            low, high = p - spread, p + spread
        report[name] = (p, low, high)
    if "edits alone" in bugs:
        del report["all"]
    return report


# --- 2. the plan


def steps(v: Variant, rule: str = "") -> int:
    """Steps that fit into the budget of 20 seconds."""
    d = v.choice("width", (24, 32, 40, 48, 64))
    d_ff = d * v.integer("times", 1, 4)
    blocks = 1 if rule == "one block" else v.choice("blocks", (2, 4, 5))
    t, b = v.integer("words", 9, 21), v.choice("batch", (16, 24, 32, 48, 64))
    speed = v.choice("speed", (1.5e9, 2.5e9, 3e9, 4e9))
    mixing = 0 if rule == "no mixing" else 2 * t * d
    word = 4 * d * d + 2 * d * d_ff + mixing
    passes = 1 if rule == "forward only" else 3
    return int(20 * speed / (passes * blocks * b * t * word))


def whole(got: Any, want: Any) -> bool:
    """Compare numbers of steps; rounding may differ by one."""
    return close(1.01, 0.0)(got, want)


# --- 3. seen before


def run_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Texts from few words, from the world, and with nothing shared."""

    def texts(n: int, words: list[str], low: int, high: int) -> list[str]:
        return [
            " ".join(
                words[below(draw, 0, len(words))]
                for _ in range(below(draw, low, high))
            )
            for _ in range(n)
        ]

    # No word of these begins or ends with another one.
    few = ["hen", "dog", "the", "a", "cat", "saw"]
    nouns = lexicon.nouns("creature")
    some = texts(11, few, 3, 8)
    train, test = (
        [i.text for i in tasks.make("french", 20, below(draw, 0, 9999), split)]
        for split in ("train", "test")
    )
    for shelf in (some, train):  # a run that crosses from text to text
        shelf[:2] = [f"{shelf[0]} owl", f"fox {shelf[1]}"]
    train[2] += " catfish"
    again = texts(5, few, 5, 9)
    inside = texts(3, few, 3, 6)
    return [
        Call((some, [*texts(7, few, 4, 9), "owl fox"]), group="few words"),
        Call((train, [*test, "owl fox", "fish"]), group="sentences"),
        Call(([*inside, "a catfish slept"],
              ["fish", "slept catfish a", f"pizza {inside[0]}"]),
             group="whole words"),
        Call((texts(5, nouns[:9], 2, 5),
              ["pizza", *texts(3, ["the", "a", "then"], 2, 4)]),
             group="nothing shared"),
        Call((again, [again[2], f"pizza {again[0]}"]), group="all shared"),
    ]  # fmt: skip


def longest_letters(words: list[str], known: str) -> int:
    """Look for the longest run of words among the letters of a text."""
    n = len(words)
    pairs = ((i, j) for i in range(n) for j in range(i + 1, n + 1))
    found = (j - i for i, j in pairs if " ".join(words[i:j]) in known)
    return max(found, default=0)


def seen_runs(train: list[str], test: list[str], *bugs: str) -> list[int]:
    """Look for the longest run, with the bugs that are named."""
    shelf = [text.split() for text in train]
    if "joined" in bugs:
        shelf = [[word for text in shelf for word in text]]
    longest = []
    for text in test:
        words, best = text.split(), 0
        for known in shelf:
            if "any order" in bugs:
                best = max(best, sum(word in known for word in words))
                continue
            if "letters" in bugs:
                best = max(best, longest_letters(words, " ".join(known)))
                continue
            for i in range(len(words)):
                for j in range(len(known)):
                    n = 0
                    while (
                        i + n < len(words)
                        and j + n < len(known)
                        and words[i + n] == known[j + n]
                    ):
                        n += 1
                    if "same place" not in bugs or i == j:
                        best = max(best, n)
        longest.append(best)
    return longest


# --- 4. the mean of states


def state_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """One state, several, and states with a counter."""

    def call(n: int, gamma: float, group: str) -> Call:
        states = []
        for i in range(n):
            state = {
                "score.weight": torch.randn(2, 5, generator=draw).double(),
                "score.bias": torch.randn(3, generator=draw).double(),
            }
            if group == "a counter":
                state["steps"] = torch.tensor(7 * i + below(draw, 0, 5))
            states.append(state)
        return Call((states, gamma), group=group)

    gamma = 0.3 + 0.5 * torch.rand((), generator=draw).item()
    return [
        call(1, gamma, "one state"),
        call(3, gamma, "several states"),
        call(7, 0.9, "several states"),
        call(5, gamma, "a counter"),
    ]


def averaged(
    states: list[dict[str, Tensor]], gamma: float, *bugs: str
) -> dict[str, Tensor]:
    """Mix from the oldest on, with the bugs that are named."""
    last = states[-1]
    if "oldest" in bugs:
        states = states[::-1]
    mixed = dict(states[0])
    total = 1.0
    for state in states[1:]:
        decay = 1.0 if "plain" in bugs else gamma
        total = decay * total + 1
        for name, new in state.items():
            share = 1 - decay if "running" in bugs else 1 / total
            mixed[name] = (1 - share) * mixed[name] + share * new
    for name, new in last.items():
        if not (new.is_floating_point() or "counters" in bugs):
            mixed[name] = new
        elif "not divided" in bugs:
            mixed[name] = total * mixed[name]
    return mixed


# --- 5. the reader


def exam_calls(v: Variant, draw: torch.Generator) -> list[Call]:
    """Draw 150 test pairs of each job."""
    exam: Exam = {}
    for job in JOBS:
        items = tasks.make(job, 150, below(draw, 0, 10**9), "test")
        exam[job] = [
            {"text": item.text, "choices": list(item.choices)}
            for item in items
        ]
    return [Call((exam,))]


def bound(words: list[str]) -> str:
    """Say which noun "it" is."""
    here = [word for word in words if word in lexicon.NOUNS]
    tail = f" {' '.join(words[words.index('it') + 1 :])} "
    kinds = {
        p.kind for p in lexicon.PREDICATES.values() if f" {p.name} " in tail
    }
    for kind in ("food", "machine"):
        if kind in kinds:
            return next(n for n in here if lexicon.NOUNS[n].kind == kind)
    passive = "by" in words
    return here[int(passive == ("hunter" in kinds))]


def solve(job: str, text: str) -> str:
    """Answer an item by the world's own rules."""
    words = text.split()
    if job == "who-eats-whom":
        return words[-1] if "by" in words else words[0]
    noun = bound(words)
    if job == "french":
        return {"m": "il", "f": "elle"}[lexicon.NOUNS[noun].gender]
    return noun


def solved(exam: Exam) -> Answers:
    """Answer all items of all jobs."""
    return {
        job: [solve(job, item["text"]) for item in items]
        for job, items in exam.items()
    }


def first_choice(exam: Exam) -> Answers:
    """Take the first choice always."""
    return {
        job: [item["choices"][0] for item in items]
        for job, items in exam.items()
    }


def first_noun(exam: Exam) -> Answers:
    """Take the noun that comes first in the sentence."""
    answers = {}
    for job, items in exam.items():
        nouns = [
            next(w for w in item["text"].split() if w in lexicon.NOUNS)
            for item in items
        ]
        if job == "french":
            marks = {"m": "il", "f": "elle"}
            nouns = [marks[lexicon.NOUNS[noun].gender] for noun in nouns]
        answers[job] = nouns
    return answers


def exchanged(exam: Exam) -> Answers:
    """Take the wrong choice always."""
    right = solved(exam)
    return {
        job: [
            next(c for c in item["choices"] if c != answer)
            for item, answer in zip(items, right[job], strict=True)
        ]
        for job, items in exam.items()
    }


def from_pairs(level: float) -> Callable[[Any, Any], bool]:
    """Accept answers that agree in so many pairs of twins."""

    def compare(got: Any, want: Any) -> bool:
        if (
            not isinstance(got, dict)
            or not got
            or not got.keys() <= want.keys()
        ):
            return False
        return all(
            isinstance(answers, list)
            and len(answers) == len(want[job])
            and tasks.pair_accuracy(
                [a == b for a, b in zip(answers, want[job], strict=True)]
            )
            >= level
            for job, answers in got.items()
        )

    return compare


def for_jobs(*jobs: str) -> Callable[[Exam], Answers]:
    """Answer the items of some jobs only."""

    def some(exam: Exam) -> Answers:
        answers = solved(exam)
        return {job: answers[job] for job in jobs}

    return some


FIRST = (
    "always the first choice",
    first_choice,
    "Your reader takes the first choice whatever the sentence says.",
)
FIRST_NOUN = (
    "the first noun in the sentence",
    first_noun,
    "Your reader takes the first noun of the sentence, whatever follows.",
)
EXCHANGED = (
    "choices exchanged",
    exchanged,
    "Your reader is right the wrong way round: it takes the other choice. "
    "Are labels and choices in the same order?",
)
TYPED = (
    "a job that earns less: typed",
    for_jobs("pronoun-typed"),
    "Your reader is good enough. pronoun-typed earns no points here, as the "
    "table of the jobs says.",
)
WHO = (
    "a job that earns less: who eats whom",
    for_jobs("who-eats-whom"),
    "Your reader is good enough. who-eats-whom earns no points here, as the "
    "table of the jobs says.",
)


def held_out(level: int, jobs: tuple[str, ...], *easier: Any) -> Part:
    """Make the part that counts pairs from a level on."""
    return Part(
        f"held-out-{level}",
        points=2,
        target="sit_exam",
        calls=exam_calls,
        expected=for_jobs(*jobs),
        compare=from_pairs(level / 100),
        says=[FIRST, FIRST_NOUN, EXCHANGED, *easier],
        otherwise=(
            f"Fewer than {level} of 100 held-out pairs are right. rehearse() "
            "on validation items shows how far away your reader is."
        ),
    )


ASSIGNMENT = Assignment(
    "capstone",
    seconds=240.0,  # trains; the budget stands in the notebook
    cell_seconds=120.0,
    parts=(
        Part(
            "pair-report",
            points=3,
            target="pair_report",
            calls=report_calls,
            expected=pair_report,
            says=[
                (
                    "items counted",
                    lambda *a: pair_report(*a, "items"),
                    "You counted items. A pair is right if both twins are.",
                ),
                (
                    "plain interval",
                    lambda *a: pair_report(*a, "plain"),
                    "The shares are right. The bounds are not Wilson's: at "
                    "all or none of the pairs yours have no width.",
                    1,
                ),
                (
                    "twice as many",
                    lambda *a: pair_report(*a, "twice as many"),
                    "The shares are right. Your intervals are too narrow: n "
                    "is the number of pairs, not of items.",
                    1,
                ),
                (
                    "edits alone",
                    lambda *a: pair_report(*a, "edits alone"),
                    'The row for "all" is missing; the others are looked at '
                    "separately.",
                    2,
                ),
            ],
        ),
        Part(
            "plan-by-hand",
            points=2,
            target="my_steps",
            value=True,
            expected=steps,
            compare=whole,
            says=[
                (
                    "forward only",
                    lambda v: steps(v, "forward only"),
                    "You counted the way forward only. A training step "
                    "costs three times as much.",
                ),
                (
                    "one block",
                    lambda v: steps(v, "one block"),
                    "You counted one block. There are several.",
                ),
                (
                    "no mixing",
                    lambda v: steps(v, "no mixing"),
                    "You left out the scores and the mixing of the values, "
                    "which grow with the length of the sentence.",
                ),
            ],
        ),
        Part(
            "seen-runs",
            points=3,
            target="seen_runs",
            calls=run_calls,
            expected=seen_runs,
            compare=exact,
            says=[
                (
                    "any order",
                    lambda *a: seen_runs(*a, "any order"),
                    "You counted shared words in any order. A run has them "
                    "in the same order and without a gap.",
                ),
                (
                    "training texts joined",
                    lambda *a: seen_runs(*a, "joined"),
                    "Your runs cross from one training text into the next.",
                ),
                (
                    "same place",
                    lambda *a: seen_runs(*a, "same place"),
                    "Your runs stand at the same place in both texts. They "
                    "may stand anywhere.",
                ),
                (
                    "inside a word",
                    lambda *a: seen_runs(*a, "letters"),
                    "You found a word inside a longer one. Whole words count.",
                ),
            ],
            partial={
                "whole words": 0.5,
                "nothing shared": 0.5,
                "all shared": 0.5,
            },
        ),
        Part(
            "averaged",
            points=2,
            target="averaged",
            calls=state_calls,
            expected=averaged,
            compare=close(1e-6, 1e-6),
            says=[
                (
                    "oldest heaviest",
                    lambda *a: averaged(*a, "oldest"),
                    "Your oldest state is the heaviest. The last one in the "
                    "list is the newest.",
                ),
                (
                    "running mean",
                    lambda *a: averaged(*a, "running"),
                    "You mixed as you went along. So the first state keeps "
                    "too large a share: divide by the sum of the weights.",
                ),
                (
                    "plain mean",
                    lambda *a: averaged(*a, "plain"),
                    "All your states weigh the same, whatever gamma is.",
                ),
                (
                    "not divided",
                    lambda *a: averaged(*a, "not divided"),
                    "Your weights do not sum to 1: divide by their sum.",
                ),
                (
                    "counters averaged",
                    lambda *a: averaged(*a, "counters"),
                    "Whole-number tensors are those of the newest state.",
                ),
            ],
        ),
        held_out(
            50,
            ("who-eats-whom", "pronoun-typed", "pronoun-role-bound", "french"),
        ),
        held_out(80, ("pronoun-typed", "pronoun-role-bound", "french"), WHO),
        held_out(95, ("pronoun-role-bound", "french"), TYPED, WHO),
    ),
)
