"""Homework 6, homework 7, capstone: the same wrong code, the same marks.

A student's wrong code is the source's solution with one thing changed. Its
mark may not depend on the inputs that were drawn, and the sentence has to
name what the student did.
"""

import functools
import json
import re
from pathlib import Path

import pytest
import torch

from coursework.grading import drivers, exchange, judge
from coursework.grading.probe import Variant
from tests.grading.test_sources import assignment

PRIVATE = Path(__file__).parents[2] / "coursework/private"
DRAWS = range(4)
CLASS = [f"student{i}" for i in range(60)]


@functools.lru_cache
def cells(hw: str) -> dict[str, str]:
    path = PRIVATE / "source" / hw / f"{hw}.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    return {c["id"]: "".join(c["source"]) for c in notebook["cells"]}


def run(hw: str, names: dict, *ids: str) -> dict:
    for name in ids:
        exec(compile(cells(hw)[name], f"{hw} {name}", "exec"), names)
    return names


def written(hw: str, part: str, *changes: tuple[str, str]) -> object:
    """The solution of a part with one thing changed."""
    code = cells(hw)[f"{part}-code"]
    for old, new in changes:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    names = run(hw, {}, "free-02", "code-03")
    exec(compile(code, part, "exec"), names)
    return names[assignment(hw).part(part).target]


def judged(hw: str, name: str, target: object, seed: int) -> judge.Verdict:
    """What a function earns on the inputs of one draw."""
    whole = assignment(hw)
    part = whole.part(name)
    plan = judge.draw(whole, f"student{seed}", seed)
    results = []
    for call in plan.calls[name]:
        try:
            value = judge.answer(part, target, call, plan.variant)
            results.append({"value": exchange.copied(value)})
        except Exception as error:
            results.append({"error": f"raised {type(error).__name__}"})
    return judge._judge(part, plan.calls[name], results, plan.variant)


HW6, HW7, CAP = "hw6-bert", "hw7-pretraining", "capstone"
WRONG = [
    (HW6, "hide-words", 2, "asked for changed tokens only",
     [("token_ids), asked\n", "token_ids), asked & (second < 0.7)\n")]),
    (HW6, "hide-words", 2, "the chapter's shares of v",
     [("second < 0.5", "second < 0.8"), ("second < 0.7", "second < 0.9")]),
    (HW6, "pack", 2, "ties", [("len(left) > len", "len(left) >= len")]),
    (HW6, "pack", 1.5, "border one too early",
     [("(len(left) + 2)", "(len(left) + 1)"),
      ("(len(right) + 1)", "(len(right) + 2)")]),
    (HW6, "nearest", 2, "padding in the mean",
     [("last = real.sum(dim=1, keepdim=True) - 1", "last = real.size(1) - 1"),
      ("(place < last)", "(place < last) & real")]),
    (HW6, "nearest", 2, "wrong axis", [("dim=-1)", "dim=0)")]),
    (HW6, "nearest", 2, "best question of each text",
     [("max(dim=1)", "max(dim=0)")]),
    (HW6, "nearest", 1, "two bugs left: axis and choice",
     [("dim=-1)", "dim=0)"), ("max(dim=1)", "max(dim=0)")]),
    (HW6, "nearest", 2, "no lengths",
     [("functional.normalize(mean, dim=-1)", "mean")]),
    (HW6, "nearest", 2, "values first",
     [("best.indices, best.values", "best.values, best.indices")]),
    (HW7, "next-chances", 1, "negative logits divided",
     [("torch.where(logits > 0, logits / penalty, logits * penalty)",
       "logits / penalty")]),
    (HW7, "next-chances", 1.5, "-1 taken for word 0",
     [("written.unsqueeze", "written.clamp(min=0).unsqueeze")]),
    (HW7, "next-chances", 1.5, "bar of the whole batch",
     [("chances.amax(dim=-1, keepdim=True)", "chances.max()")]),
    (HW7, "next-chances", 1.5, "absolute bar",
     [("min_p * chances.amax(dim=-1, keepdim=True)", "min_p")]),
    (HW7, "next-chances", 1.5, "not renormalized",
     [("kept / kept.sum(dim=-1, keepdim=True)", "kept")]),
    (HW7, "packed", 2, "end opens the next document",
     [("closes.cumsum(dim=1) - closes.long()", "closes.cumsum(dim=1)")]),
    (HW7, "packed", 2, "positions go on",
     [("mask.sum(dim=2) - 1",
       "torch.arange(token_ids.size(1)).expand_as(token_ids)")]),
    (HW7, "packed", 1, "two bugs left: positions and targets",
     [("mask.sum(dim=2) - 1",
       "torch.arange(token_ids.size(1)).expand_as(token_ids)"),
      (".masked_fill(closes, -100)", "")]),
    (HW7, "odd-texts", 1.5, "extract at the last place",
     [("torch.tensor(places)", "torch.full((len(items),), width - 1)")]),
    (HW7, "odd-texts", 1.5, "no delimiter before the candidate",
     [("[*text, *candidate", "[*text[:-1], *candidate")]),
    (HW7, "fine-tuning-loss", 2, "no lam", [("lam * language", "language")]),
    (HW7, "fine-tuning-loss", 1.5, "all texts",
     [("said, told = logits[every, right], texts[every, right]",
       "said, told = logits.flatten(0, 1), texts.flatten(0, 1)")]),
    (CAP, "pair-report", 2, "edits alone",
     [('("all", edits[i])', "(edits[i],)")]),
    (CAP, "pair-report", 1, "twice as many",
     [("n, p, z = len(kept), sum(kept) / len(kept), 1.96",
       "n, p, z = 2 * len(kept), sum(kept) / len(kept), 1.96")]),
    (CAP, "averaged", 0.5, "oldest heaviest",
     [("range(len(states) - 1, -1, -1)", "range(len(states))")]),
    (CAP, "averaged", 0.5, "not divided", [(" / sum(shares)", "")]),
    (CAP, "averaged", 1.5, "counters averaged",
     [("if not newest.is_floating_point()", "if False")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("hw", "part", "marks", "mistake", "changes"),
    WRONG,
    ids=[f"{w[0]}:{w[1]}:{w[3]}" for w in WRONG],
)
def test_wrong_code_earns_the_same_for_everybody(
    hw, part, marks, mistake, changes
):
    target = written(hw, part, *changes)
    for seed in DRAWS:
        verdict = judged(hw, part, target, seed)
        assert (verdict.score, verdict.mistake) == (marks, mistake)


RUNS = [
    (1.5, "training texts joined", lambda train: [" ".join(train)]),
    (0.5, "", lambda train: []),
]


@pytest.mark.parametrize(("marks", "mistake", "shelf"), RUNS)
def test_runs_are_graded_alike(marks, mistake, shelf):
    right = assignment(CAP).part("seen-runs").expected
    for seed in DRAWS:
        verdict = judged(
            CAP, "seen-runs", lambda a, b: right(shelf(a), b), seed
        )
        assert (verdict.score, verdict.mistake) == (marks, mistake)


def test_a_word_inside_a_longer_one_is_named():
    def letters(train, test):
        found = []
        for words in map(str.split, test):
            runs = [
                stop - start
                for start in range(len(words))
                for stop in range(start + 1, len(words) + 1)
                if any(" ".join(words[start:stop]) in t for t in train)
            ]
            found.append(max(runs, default=0))
        return found

    for seed in DRAWS:
        verdict = judged(CAP, "seen-runs", letters, seed)
        assert (verdict.score, verdict.mistake) == (1.5, "inside a word")


def test_a_loss_of_plain_numbers_is_told_so():
    right = written(HW7, "fine-tuning-loss")
    verdict = judged(
        HW7,
        "fine-tuning-loss",
        lambda *a: tuple(loss.item() for loss in right(*a)),
        0,
    )
    assert verdict.score == 0
    assert verdict.message == (
        "fine_tuning_loss() returns floats where tensors are wanted."
    )


@pytest.mark.parametrize("level", [50, 80, 95])
def test_a_reader_that_is_not_good_enough_is_told_how_far(level):
    part = assignment(CAP).part(f"held-out-{level}")

    def half(exam):
        right = part.expected(exam)
        return {
            job: [a if i % 3 else "?" for i, a in enumerate(answers)]
            for job, answers in right.items()
        }

    verdict = judged(CAP, part.name, half, 0)
    assert verdict.score == 0
    assert verdict.message.startswith(f"Fewer than {level} of 100")


# --- numbers of one's own


@pytest.mark.parametrize("student", CLASS)
def test_everybody_meets_the_point_of_the_first_part_of_homework_6(student):
    names = run(HW6, {}, "free-02", "code-03")
    names["mine"] = v = Variant(student, HW6)
    run(HW6, names, "code-05", "reading-by-hand-code")
    part = assignment(HW6).part("reading-by-hand")
    reads = names["my_reading"]
    assert reads == part.expected(v)
    assert "moon" in reads
    assert "[MASK]" in reads
    kept = [names["my_v"][i] >= 0.7 for i in names["my_chosen"]]
    assert any(kept)
    for mistake in part.mistakes:
        assert mistake.wrong(v) != reads, mistake.name


@pytest.mark.parametrize("student", CLASS)
def test_three_rules_choose_three_endings_for_everybody(student):
    names = run(HW7, {}, "free-02", "code-03")
    names["mine"] = v = Variant(student, HW7)
    run(HW7, names, "code-05", "endings-by-hand-code")
    part = assignment(HW7).part("endings-by-hand")
    assert part.compare(names["my_best"], part.expected(v))
    which = next(m for m in part.mistakes if m.name == "which endings")
    assert sorted(which.wrong(v)) == [0, 1, 2]
    for mistake in part.mistakes:
        assert not part.compare(mistake.wrong(v), names["my_best"])


@pytest.mark.parametrize(
    ("hw", "part"), [(HW6, "betrayal-by-hand"), (CAP, "plan-by-hand")]
)
def test_no_known_mistake_is_right_by_chance(hw, part):
    part = assignment(hw).part(part)
    for student in CLASS:
        v = Variant(student, hw)
        wrong = [mistake.wrong(v) for mistake in part.mistakes]
        assert not any(part.compare(w, part.expected(v)) for w in wrong)
        for i, one in enumerate(wrong):
            assert not any(part.compare(one, other) for other in wrong[:i])


# --- what the notebooks say


def test_the_worked_example_of_min_p_is_right():
    logits = torch.tensor([[2.0, 1.0, -1.0, 0.0]])
    chances = written(HW7, "next-chances")
    text = cells(HW7)["text-07"]
    for min_p in (0.0, 0.3):
        p = chances(logits, torch.tensor([[0, 2, 0]]), 2.0, 1.0, min_p)
        numbers = ", ".join(
            f"{x:.3f}" if x else "0" for x in p.flatten().tolist()
        )
        assert numbers in text


VISIBLE = [
    (HW6, "pack", [("len(left) > len", "len(left) >= len")]),
    (HW6, "nearest", [("- 1  # (n, 1)", "- 0  # (n, 1)")]),
    (HW7, "next-chances",
     [("torch.where(logits > 0, logits / penalty, logits * penalty)",
       "logits / penalty")]),
    (HW7, "fine-tuning-loss",
     [("said, told = logits[every, right], texts[every, right]",
       "said, told = logits.flatten(0, 1), texts.flatten(0, 1)")]),
    (HW7, "fine-tuning-loss", [(", ignore_index=0", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("hw", "part", "changes"), VISIBLE)
def test_the_visible_checks_see_the_twist(hw, part, changes):
    target = assignment(hw).part(part).target
    for given, passes in (((), True), (changes, False)):
        names = run(hw, {}, "free-02", "code-03")
        names[target] = written(hw, part, *given)
        if passes:
            run(hw, names, part)
        else:
            with pytest.raises(AssertionError):
                run(hw, names, part)


def test_the_capstone_has_an_oral_of_four_questions():
    text = (PRIVATE / "orals/capstone.md").read_text("utf-8")
    parts = re.split(r"^## \d\. ", text, flags=re.MULTILINE)[1:]
    assert len(parts) == 4
    for part in parts:
        marks = re.findall(r"\*\*(Ask\.|[A-Z][a-z]+ \(\d\)\.)\*\*", part)
        assert marks == ["Ask.", "Good (2).", "Middling (1).", "Weak (0)."]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_tensor_of_ones_own_has_the_inputs_dtype(dtype):
    call = {"args": (torch.ones(2, 2, dtype=dtype),), "kwargs": {}, "seed": 0}
    found = drivers.function(lambda x: torch.eye(2) @ x, call)
    assert found.dtype == dtype
    assert torch.get_default_dtype() == torch.float32


def test_the_default_dtype_survives_an_error():
    def wrong(x):
        raise ValueError(x)

    call = {"args": (), "kwargs": {"x": torch.ones(1).double()}, "seed": 0}
    with pytest.raises(ValueError, match="tensor"):
        drivers.function(wrong, call)
    assert torch.get_default_dtype() == torch.float32
