"""The comparison: outside the sandbox, where only values arrive."""

from __future__ import annotations

import builtins
import copy
import math
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from coursework.grading import exchange
from coursework.grading.compare import form
from coursework.grading.drivers import DRIVERS
from coursework.grading.probe import (
    STEP,
    Assignment,
    Call,
    Mistake,
    Part,
    Variant,
)

OTHER_ID = (
    "The notebook's STUDENT is not the id by which it was handed in, so"
    " its numbers are another student's."
)
OTHER = "another id"


class ProbeError(RuntimeError):
    """The probes are at fault, not a student."""


@dataclass(frozen=True)
class Verdict:
    """What a part earned, and what the student is told.

    Args:
        part: Name of the part.
        score: Points earned.
        points: Points of the part.
        message: One or two sentences, without any hidden value.
        mistake: Name of the known mistake, or empty.
    """

    part: str
    score: float
    points: float
    message: str
    mistake: str = ""


@dataclass(frozen=True)
class Plan:
    """All calls of one run: drawn once, given to the sandbox and kept.

    Args:
        assignment: The assignment that is graded.
        variant: The student's numbers.
        seed: What the calls were drawn from; secret until they ran.
        calls: The calls of each part by its name.
    """

    assignment: Assignment
    variant: Variant
    seed: int
    calls: dict[str, tuple[Call, ...]]

    def give(self, folder: Path, seconds: float) -> None:
        """Write the inputs where the sandbox reads them; no answers."""
        parts = {}
        for number, part in enumerate(self.assignment.parts):
            parts[part.name] = {
                "file": str(number),
                "target": part.target,
                "value": part.value,
                "driver": part.driver,
                "seconds": seconds,
                "calls": [_given(call) for call in self.calls[part.name]],
            }
        exchange.write(folder, "calls", parts)

    def judge(self, folder: Path) -> list[Verdict]:
        """Read what was handed in and compare it with the reference."""
        verdicts = []
        own = says_own_id(folder, self.variant.student)
        for number, part in enumerate(self.assignment.parts):
            try:
                results = exchange.read(folder, str(number))
            except exchange.ExchangeError as error:
                results = [{"error": f"kind {error}"}]
            calls = self.calls[part.name]
            verdict = _judge(part, calls, results, self.variant)
            if part.value and not own and verdict.score < part.points:
                verdict = replace(verdict, message=OTHER_ID, mistake=OTHER)
            verdicts.append(verdict)
        return verdicts


def says_own_id(folder: Path, student: str) -> bool:
    """Say whether the notebook named the student who handed it in."""
    try:
        named = exchange.read(folder, "student")
    except exchange.ExchangeError:
        return True
    return not isinstance(named, str) or named.strip().casefold() == student


def draw(
    assignment: Assignment, student: str, seed: int | None = None
) -> Plan:
    """Draw the calls of one run, fresh for the student and the run."""
    seed = secrets.randbits(62) if seed is None else seed
    variant = Variant(student, assignment.name)
    fresh = Variant(f"{student}/{seed}", assignment.name)
    calls: dict[str, tuple[Call, ...]] = {}
    for part in assignment.parts:
        calls[part.name] = (Call(),)
        if not part.value:
            generator = fresh.generator(part.name)
            try:
                calls[part.name] = tuple(part.calls(variant, generator))
            except Exception as error:
                raise ProbeError(
                    f"the calls of {part.name} fail for {student}: {error!r}"
                ) from error
        if not calls[part.name]:
            raise ProbeError(f"{part.name} has no calls")
    return Plan(assignment, variant, seed, calls)


def _given(call: Call) -> dict[str, Any]:
    """Return what the sandbox gets to see of a call."""
    return {
        "args": tuple(call.args),
        "kwargs": dict(call.kwargs),
        "build": dict(call.build),
        "state": dict(call.state),
        "seed": 0,
    }


def answer(
    part: Part, given: Callable[..., Any], call: Call, variant: Variant
) -> Any:
    """Ask a reference or a known mistake, on a copy of the inputs."""
    if part.value:
        return given(variant)
    with torch.random.fork_rng(devices=[]):
        return DRIVERS[part.driver](given, copy.deepcopy(_given(call)))


def _judge(
    part: Part, calls: Sequence[Call], results: Any, variant: Variant
) -> Verdict:
    """Compare what came back for one part."""
    if not isinstance(results, list):
        results = []
    got = [_result(results, i) for i in range(len(calls))]
    wanted = _wanted(part, calls, variant)
    pairs = zip(got, wanted, strict=True)
    right = [_same(part, result, want) for result, want in pairs]
    share = _share(part, calls, right)
    score = _round(part.points, share)
    if share == 1:
        return Verdict(part.name, score, part.points, "Right.")
    known = _recognise(part, calls, got, variant)
    if known is None:
        says = _describe(part, got, wanted, right)
        return Verdict(part.name, score, part.points, says)
    return Verdict(
        part.name,
        min(max(score, known.earns), part.points - STEP),
        part.points,
        known.says[:1].upper() + known.says[1:],
        known.name,
    )


def _wanted(part: Part, calls: Sequence[Call], variant: Variant) -> list[Any]:
    """Ask the reference for all calls."""
    try:
        return [answer(part, part.expected, call, variant) for call in calls]
    except Exception as error:
        raise ProbeError(
            f"the reference of {part.name} fails for"
            f" {variant.student}: {error!r}"
        ) from error


def _result(results: list[Any], index: int) -> dict[str, Any]:
    """Return the result of a call; a stranger wrote it."""
    result = results[min(index, len(results) - 1)] if results else None
    if index >= len(results) and results and "value" in results[-1]:
        result = None
    if not isinstance(result, dict) or len(result) != 1:
        return {"error": "missing"}
    return result


def _same(part: Part, result: dict[str, Any], want: Any) -> bool:
    """Say whether a call's value is right; a failing comparison is wrong."""
    if "value" not in result:
        return False
    try:
        return part.compare(result["value"], want) is True
    except Exception:
        return False


def _share(part: Part, calls: Sequence[Call], right: list[bool]) -> float:
    """Return the weighted share of groups whose calls are all right."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for index, (call, good) in enumerate(zip(calls, right, strict=True)):
        groups[call.group or f"call {index}"].append(good)
    weights = {g: part.partial.get(g, 1.0) for g in groups}
    earned = sum(weights[g] for g, good in groups.items() if all(good))
    return earned / sum(weights.values()) if all(right) is False else 1.0


def _round(points: float, share: float) -> float:
    """Round to half points; full marks only for all that is asked."""
    if share >= 1:
        return points
    rounded = round(points * max(share, 0.0) / STEP) * STEP
    return max(0.0, min(rounded, points - STEP))


def _recognise(
    part: Part,
    calls: Sequence[Call],
    got: list[dict[str, Any]],
    variant: Variant,
) -> Mistake | None:
    """Return the first known mistake that fits all calls."""
    if not any("value" in result for result in got):
        return None
    for mistake in part.mistakes:
        for call, result in zip(calls, got, strict=True):
            try:
                wrong = answer(part, mistake.wrong, call, variant)
            except Exception:
                if "value" in result:
                    break
                continue
            if not _same(part, result, wrong):
                break
        else:
            return mistake
    return None


def _describe(
    part: Part,
    got: list[dict[str, Any]],
    wanted: list[Any],
    right: list[bool],
) -> str:
    """Say what is wrong without a word of the hidden inputs."""
    errors = [str(r["error"]) for r in got if "error" in r]
    if errors:
        return _describe_error(part, errors[0])
    what = part.target if part.value else f"{part.target}()"
    for result, want, good in zip(got, wanted, right, strict=True):
        if good:
            continue
        if result["value"] is None and want is not None:
            says = "has no value yet" if part.value else "returns None"
            return f"{what} {says}."
        differs = form(part.compare, result["value"], want)
        if differs:
            verb = "holds" if part.value else "returns"
            return f"{what} {verb} {differs}."
    if part.otherwise:
        return part.otherwise
    if part.value:
        return f"{what} is not right for your own numbers."
    if len(right) == 1:
        return f"{what} returns a wrong value."
    wrong = len(right) - sum(right)
    return f"{what} returns wrong values in {wrong} of {len(right)} calls."


def _describe_error(part: Part, error: str) -> str:
    """Say why there is no value to compare."""
    what = part.target if part.value else f"{part.target}()"
    if error == "missing" and part.value:
        return f"{what} has no value yet."
    if error == "missing":
        return f"{what} is not there where its tests stand."
    if error == "blank":
        return f"{what} is not attempted yet."
    if error == "timeout":
        return f"{what} takes too long: a loop that does not end?"
    if error.startswith("raised "):
        name = error.removeprefix("raised ")
        known = isinstance(getattr(builtins, name, None), type)
        return f"{what} raises {name if known else 'an exception'}."
    verb = "holds" if part.value else "returns"
    return f"{what} {verb} something that is no plain value or too large."


def total(verdicts: Sequence[Verdict]) -> float:
    """Add up the scores."""
    return math.fsum(v.score for v in verdicts)
