"""Before and after: what a class has learned, and what it still believes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from coursework.inventory.answers import WHEN, Paper
from coursework.inventory.questions import Belief, Inventory, Question


@dataclass(frozen=True)
class QuestionResult:
    """How the class answered one question.

    Attributes:
        question: The question.
        before: Share of right answers before the course.
        after: Share of right answers after it.
        gain: Normalized gain of the class on this question.
        discrimination: Share right among the better half of the papers after
            the course, minus that among the others; None with fewer than
            four papers.
        tempting: The wrong answer chosen most often after the course, and
            how often; None if nobody chose a wrong one.
    """

    question: Question
    before: float
    after: float
    gain: float | None
    discrimination: float | None
    tempting: tuple[Belief, int] | None


@dataclass(frozen=True)
class Analysis:
    """Results of the students who were there both times.

    Attributes:
        students: How many answered before and after.
        left_out: Ids of those who answered once.
        before: Mean share of right answers before.
        after: Mean share of right answers after.
        gain: Normalized gain of the class.
        spread: Standard deviation of the students' own gains; None with
            fewer than two of them.
        questions: One result a question, in order.
        beliefs: Belief, times chosen before, times chosen after; the most
            frequent one after the course first.
        blank: Answers left out, before and after.
    """

    students: int
    left_out: tuple[str, ...]
    before: float
    after: float
    gain: float | None
    spread: float | None
    questions: tuple[QuestionResult, ...]
    beliefs: tuple[tuple[Belief, int, int], ...]
    blank: tuple[int, int]


def normalized_gain(before: float, after: float) -> float | None:
    """Say which share of what could be gained was gained.

    The gain of the means over the largest gain that is possible, (after -
    before) / (1 - before): Hake (1998), "Interactive-engagement versus
    traditional methods", American Journal of Physics 66 (1), 64-74,
    equation 1. Hake calls 0.7 and more high, below 0.3 low.

    Args:
        before: Mean share of right answers before the course, 0 to 1.
        after: The same after it.

    Returns:
        The gain, 1 at most, negative if answers became worse; None if
        everything was right before.

    Example:
        >>> normalized_gain(0.4, 0.7)
        0.5
    """
    if before >= 1:
        return None
    return round((after - before) / (1 - before), 12)


def analyse(inventory: Inventory, papers: Sequence[Paper]) -> Analysis:
    """Compare before and after for those who have both papers.

    Args:
        inventory: What was asked.
        papers: The class's papers, at most two a student.

    Returns:
        The results. An answer left out counts as not right.

    Raises:
        ValueError: Nobody has both papers.
    """
    by_time = {
        when: {p.student.casefold(): p for p in papers if p.when == when}
        for when in WHEN
    }
    both = sorted(by_time["before"].keys() & by_time["after"].keys())
    if not both:
        raise ValueError("nobody answered both before and after the course")
    first, second = ([by_time[w][s] for s in both] for w in WHEN)
    n = len(inventory.questions)
    shares = [[_right(p) / n for p in group] for group in (first, second)]
    own = [normalized_gain(b, a) for b, a in zip(*shares, strict=True)]
    gains = [gain for gain in own if gain is not None]
    once = by_time["before"].keys() ^ by_time["after"].keys()
    before, after = fmean(shares[0]), fmean(shares[1])
    return Analysis(
        students=len(both),
        left_out=tuple(sorted(once)),
        before=before,
        after=after,
        gain=normalized_gain(before, after),
        spread=stdev(gains) if len(gains) > 1 else None,
        questions=tuple(
            _question(q, first, second) for q in inventory.questions
        ),
        beliefs=_beliefs(inventory, first, second),
        blank=(_blank(first, n), _blank(second, n)),
    )


def _right(paper: Paper) -> int:
    return sum(option.belief is None for option in paper.chosen.values())


def _blank(papers: Sequence[Paper], n: int) -> int:
    return sum(n - len(paper.chosen) for paper in papers)


def _share(question: Question, papers: Sequence[Paper]) -> float:
    """Count the papers that have a question right, as a share."""
    chosen = [paper.chosen.get(question.key) for paper in papers]
    return fmean(o is not None and o.belief is None for o in chosen)


def _question(
    question: Question, first: Sequence[Paper], second: Sequence[Paper]
) -> QuestionResult:
    before, after = _share(question, first), _share(question, second)
    wrong = _chosen_beliefs(second, [question])
    top = min(wrong, key=lambda b: (-wrong[b], b.key), default=None)
    return QuestionResult(
        question=question,
        before=before,
        after=after,
        gain=normalized_gain(before, after),
        discrimination=_discrimination(question, second),
        tempting=(top, wrong[top]) if top else None,
    )


def _discrimination(
    question: Question, papers: Sequence[Paper]
) -> float | None:
    half = len(papers) // 2
    if half < 2:
        return None
    ranked = sorted(papers, key=_right)
    return _share(question, ranked[-half:]) - _share(question, ranked[:half])


def _chosen_beliefs(
    papers: Iterable[Paper], questions: Iterable[Question]
) -> Counter[Belief]:
    keys = [question.key for question in questions]
    chosen = (paper.chosen.get(key) for paper in papers for key in keys)
    return Counter(o.belief for o in chosen if o and o.belief)


def _beliefs(
    inventory: Inventory, first: Sequence[Paper], second: Sequence[Paper]
) -> tuple[tuple[Belief, int, int], ...]:
    before = _chosen_beliefs(first, inventory.questions)
    after = _chosen_beliefs(second, inventory.questions)
    rows = [(b, before[b], after[b]) for b in before | after]
    return tuple(sorted(rows, key=lambda r: (-r[2], -r[1], r[0].key)))
