"""The analysis as text for a terminal or a mail."""

from __future__ import annotations

from coursework.inventory.analysis import Analysis, QuestionResult

HIGH, LOW = 0.7, 0.3  # Hake (1998), section II


def report(analysis: Analysis, n_beliefs: int = 10) -> str:
    """Write an analysis in three parts: class, questions, beliefs.

    Args:
        analysis: The results.
        n_beliefs: How many beliefs are listed.

    Returns:
        Lines of at most 79 characters, but for the beliefs' own words.
    """
    lines = [*_class(analysis), "", *_questions(analysis), ""]
    lines += _beliefs(analysis, n_beliefs)
    return "\n".join(lines) + "\n"


def _class(analysis: Analysis) -> list[str]:
    blank_before, blank_after = analysis.blank
    lines = [
        f"{analysis.students} students answered before and after.",
        f"Right answers: {analysis.before:.0%} before, "
        f"{analysis.after:.0%} after.",
        f"Normalized gain (Hake 1998): {_gain(analysis.gain)}"
        f"{_band(analysis.gain)}.",
    ]
    if analysis.spread is not None:
        lines.append(
            "Standard deviation of the students' own gains: "
            f"{analysis.spread:.2f}."
        )
    if blank_before or blank_after:
        lines.append(
            f"Left out, and counted as not right: {blank_before} answers "
            f"before, {blank_after} after."
        )
    if analysis.left_out:
        lines.append(
            f"Not counted, one paper only: {', '.join(analysis.left_out)}."
        )
    return lines


def _questions(analysis: Analysis) -> list[str]:
    lines = [
        "question  before  after   gain  discr.  most chosen wrong answer",
        "--------  ------  -----  -----  ------  " + "-" * 37,
    ]
    for result in analysis.questions:
        lines.append(
            f"{result.question.key:8}  {result.before:6.0%}  "
            f"{result.after:5.0%}  {_gain(result.gain):>5}  "
            f"{_gain(result.discrimination):>6}  {_tempting(result)}"
        )
    lines.append(
        "discr.: share right in the better half of the class after the course,"
    )
    lines.append("minus that in the other half; near 0, look at the question.")
    return lines


def _beliefs(analysis: Analysis, n_beliefs: int) -> list[str]:
    lines = [
        "Most frequent misconceptions (times chosen before, after):",
    ]
    for belief, before, after in analysis.beliefs[:n_beliefs]:
        lines.append(f"{before:4} {after:4}  {belief.says}")
        lines.append(f"           {belief.page}: {belief.heading}")
    if not analysis.beliefs:
        lines.append("none")
    return lines


def _tempting(result: QuestionResult) -> str:
    if result.tempting is None:
        return ""
    belief, times = result.tempting
    return f"{belief.key} ({times})"


def _gain(gain: float | None) -> str:
    return "-" if gain is None else f"{gain:.2f}"


def _band(gain: float | None) -> str:
    if gain is None:
        return " (all was right before)"
    name = "high" if gain >= HIGH else "medium" if gain >= LOW else "low"
    return f" ({name})"
