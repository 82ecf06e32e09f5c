"""The engine of the checks: it explains, and nothing gets past it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from transformer_course import checking
from transformer_course.checking import (
    Kind,
    UnknownExerciseError,
    judge,
    registry,
    running,
    showing,
    trial,
)
from transformer_course.checking.chapter_07 import repaired, window_mask
from transformer_course.checking.comparing import difference, same

NAME = "07-window-mask"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UnknownExerciseError, match="nearest name is '07-win"):
        judge("07-windowmask", window_mask)
    with pytest.raises(UnknownExerciseError, match="'05-weights-of-go'"):
        judge("5-weights-of-go", window_mask)
    for ask in (showing.hint, showing.solution):
        with pytest.raises(UnknownExerciseError, match="'07-repaired'"):
            ask("07-repair")


def test_no_chapter_is_imported_but_the_one_asked_for():
    code = (
        "import sys\n"
        "from transformer_course.checking import check, judge\n"
        "loaded = lambda: [m for m in sys.modules if '.chapter_' in m]\n"
        "assert not loaded(), loaded()\n"
        "judge('07-window-mask', lambda n, w: 1)\n"
        "assert all('chapter_07' in m for m in loaded()), loaded()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- what is not attempted ------------------------------------------------


def empty(n_positions, width):
    """Only a docstring."""


def dots(n_positions, width): ...


def nothing(n_positions, width):
    """Said to return nothing."""
    return


def bare(n_positions, width):
    raise NotImplementedError


@pytest.mark.parametrize("stub", [empty, dots, nothing, bare])
def test_an_empty_function_is_not_attempted(stub):
    assert judge(NAME, stub).kind is Kind.NOT_ATTEMPTED


def test_a_forgotten_return_is_no_empty_function():
    def forgot(n_positions, width):
        mask = window_mask(n_positions, width)  # noqa: F841

    verdict = judge(NAME, forgot)
    assert verdict.kind is Kind.WRONG
    assert "returns None" in verdict.title


def test_a_print_in_place_of_return(capsys):
    def prints(n_positions, width):
        print(window_mask(n_positions, width))

    assert "prints its result" in judge(NAME, prints).title
    assert capsys.readouterr().out == ""


def test_a_not_implemented_error_of_torch_is_an_exception():
    def whole(scores, mask):
        return scores.long().softmax(dim=-1) * mask

    verdict = judge("07-repaired", whole)
    assert verdict.kind is Kind.FAILED
    assert "whole numbers" in verdict.body


# --- what is explained ----------------------------------------------------


def test_something_that_is_no_function():
    verdict = judge(NAME, window_mask(3, 2))
    assert verdict.kind is Kind.FAILED
    assert "got a Tensor, not a function" in verdict.title


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, w: window_mask(n, w).tolist(), "a list; a Tensor"),
        (lambda n, w: window_mask(n, w).numpy(), "a NumPy array; a Tensor"),
        (lambda n, w: window_mask(n, w)[None], r"the shape \(1, 1, 1\)"),
        (lambda n, w: window_mask(n, w).float(), "holds torch.float32"),
        (lambda n, w: window_mask(n, w).int(), "holds torch.int32"),
        (lambda n, w: window_mask(n, w).to("meta"), "on the device meta"),
        (lambda n, w: (window_mask(n, w), 1), "returns a tuple; a Tensor"),
    ],
)
def test_type_shape_dtype_and_device_are_explained(answer, words):
    verdict = judge(NAME, answer)
    assert verdict.kind is Kind.WRONG
    assert re.search(words, verdict.title), str(verdict)


def test_a_narrower_dtype_is_explained():
    verdict = judge("07-repaired", lambda s, m: repaired(s, m).float())
    assert verdict.kind is Kind.WRONG
    assert "keep the input's dtype" in verdict.title


def test_nan_is_explained():
    verdict = judge("07-repaired", lambda s, m: repaired(s, m) * torch.nan)
    assert "NaN" in verdict.title


def test_an_unknown_wrong_answer_gets_the_smallest_failing_input():
    def odd(n_positions, width):
        mask = window_mask(n_positions, width)
        if n_positions > 2:
            mask[-1, 0], mask[0, -1] = ~mask[-1, 0], ~mask[0, -1]
        return mask

    verdict = judge(NAME, odd)
    assert verdict.kind is Kind.WRONG
    assert verdict.title == "Right on 2 of 6 inputs, but not on all."
    assert "window_mask(3, 2)" in verdict.body
    assert "Wanted: tensor([[True, False, False], [True, True" in verdict.body
    assert "Got:    tensor([[True, False, True]" in verdict.body


def by_line(n_positions, width):
    place = torch.arange(n_positions)
    return place @ torch.ones(n_positions + 1)  # the faulty line


def test_an_exception_shows_the_learners_own_line():
    verdict = judge(NAME, by_line)
    assert verdict.kind is Kind.FAILED
    assert verdict.title == "Your function raises RuntimeError."
    assert "return place @ torch.ones(n_positions + 1)" in verdict.body
    assert "The call was window_mask(1, 1)." in verdict.body


def test_a_misspelt_name_gets_a_suggestion():
    def misspelt(n_positions, width):
        place = torch.arange(n_positions)  # noqa: F841
        return plac > width  # noqa: F821

    assert "Did you mean: 'place'?" in judge(NAME, misspelt).body


def test_a_wrong_number_of_arguments():
    assert "TypeError" in judge(NAME, lambda n: n).title


def test_needs_of_the_chapter_are_asked_for():
    verdict = judge("10-doer-accuracy", lambda model, blocks: 1.0, {})
    assert verdict.kind is Kind.FAILED
    assert "needs model of the chapter" in verdict.title


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        (NAME, lambda n, w: n, "an int; a Tensor"),
        ("09-parameters-of-a-block", lambda d, f: d, "gives back what it was"),
        ("09-parameters-of-a-block", lambda d, f: 28, "same result for every"),
        ("03-bias-for-half-life", lambda k: 3 * HALF(k), "all 3 times"),
        (
            "09-parameters-of-a-block",
            lambda d, f: BLOCK(d, f) + 1,
            "all 1 too",
        ),
        ("00-on-paper", lambda: 1, "returns an int; a tuple is wanted"),
        ("05-weights-of-go", lambda: [0.463, 0.537, 0.474, 0.526], "another"),
        ("10-weights-of-bos", lambda: [4.34, 17.86, 73.46, 4.34], "percent"),
        ("10-weights-of-bos", lambda: [0.04, 0.18, 0.72, 0.04], "are close"),
        ("10-weights-of-bos", lambda: [0.04, 0.2], "returns 2 things"),
        ("06-cost", lambda d, h, q, k: {}, "returns a dict"),
    ],
)
def test_patterns_of_any_exercise_are_recognised(name, answer, words):
    verdict = judge(name, answer)
    assert verdict.kind is Kind.WRONG
    assert words in verdict.title, str(verdict)


HALF = registry.find("03-bias-for-half-life").reference
BLOCK = registry.find("09-parameters-of-a-block").reference


def test_a_result_of_another_form_is_told_the_form():
    verdict = judge("07-leaks", lambda *_: 3)
    assert "another form" in verdict.title
    assert "a set of pairs" in verdict.body


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (lambda d, h, q, k: (4 * d * d, COST(d, h, q, k)[1]), "no biases"),
        (
            lambda d, h, q, k: (4 * d * d, 2 * COST(d, h, q, k)[1]),
            "no biases + operations",
        ),
    ],
)
def test_mistakes_in_several_parts_are_named_together(answer, named):
    verdict = judge("06-cost", answer)
    assert verdict.kind is Kind.MISTAKE
    assert verdict.mistake == named
    assert ("Besides: " in verdict.body) == ("+" in named)


COST = registry.find("06-cost").reference


def test_a_right_part_is_told():
    verdict = judge(
        "06-cost", lambda d, h, q, k: (7 + d // 3, COST(d, h, q, k)[1])
    )
    assert verdict.title == "Right in part: number 2 of your results."


PAIRS = registry.find("02-count-pairs").reference
BASE = registry.find("04-table-with-base").reference
AXES = registry.find("08-shared-axes").reference


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        # terms of a formula
        (
            "09-parameters-of-a-block",
            lambda d, f: BLOCK(d, f) + d * f - 3 * f,
            "3 * d_ff too small and d_model * d_ff too large",
        ),
        (
            "06-cost",
            lambda d, h, q, k: (COST(d, h, q, k)[0], COST(d, h, q, k)[1] - q),
            "Number 2 of your results: Your numbers are t_q too small",
        ),
        # an argument that is taken for another
        (
            "04-table-with-base",
            lambda n, d, base: BASE(n, d, 2 * base),
            "right one if base were twice as large",
        ),
        (
            "02-count-pairs",
            lambda n, w: PAIRS(w, n),
            "right one if n_words and window were exchanged",
        ),
        (
            NAME,
            lambda n, w: window_mask(n, w + 1),
            "",  # a mistake of the exercise's own comes first
        ),
        (
            "13-best-span",
            lambda scores, longest: scores.argmin(dim=0).tolist(),
            "never uses its argument longest",
        ),
        # what is peculiar to the numbers
        ("06-softer-heads", lambda: [0.7, 0.7], "are all equal"),
        ("05-weights-of-go", lambda: [0.5] * 4, "rounded to 1"),
        (
            "10-weights-of-bos",
            lambda: [0.9566, 0.8214, 0.2654, 0.9566],
            "1 minus",
        ),
        ("05-weights-of-go", lambda: [0.3, 0.2, 0.3, 0.2], "sum to 1; the"),
        ("10-weights-of-bos", lambda: [0.3, 0.3, 0.5, 0.1], "do not sum to 1"),
        ("08-two-features", lambda: ([-1, 1], [0, 1.5]), "do not sum to 0"),
        (
            "10-weights-of-bos",
            lambda: [0.0434, 0.1786, 0.7346, -0.1],
            "do not sum to 1",
        ),
        (
            "08-shared-axes",
            lambda norm: AXES(norm) | {"batch"},
            "right but for 'batch'",
        ),
        (
            "08-shared-axes",
            lambda norm: {a.rstrip("s") for a in AXES(norm)},
            "never wanted",
        ),
        (
            "04-table-with-base",
            lambda n, d, base: BASE(n, d, base).index_fill(
                1, torch.arange(1, d, 2), 7.0
            ),
            "wrong in the odd columns alone",
        ),
    ],
)
def test_what_is_peculiar_to_a_wrong_answer_is_told(name, answer, words):
    verdict = judge(name, answer)
    assert verdict.kind in (Kind.WRONG, Kind.MISTAKE)
    assert words in verdict.title, str(verdict)


def test_a_mistake_is_named_beside_an_exception():
    def fails_on_small(n_positions, width):
        if n_positions == 1:
            raise ValueError("too small")
        return ~window_mask(n_positions, width)

    verdict = judge(NAME, fails_on_small)
    assert verdict.mistake == "inside out"
    assert "Besides: Your function raises ValueError" in verdict.body


def test_a_mask_of_zeros_and_ones_is_read_as_a_mask():
    verdict = judge(NAME, lambda n, w: 1 - window_mask(n, w).long())
    assert verdict.mistake == "inside out"


# --- hostile answers ------------------------------------------------------


def raising(error):
    def answer(n_positions, width):
        raise error

    return answer


class Unruly(BaseException):
    def __str__(self):
        raise RuntimeError("not even a message")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"), SystemExit(3), KeyboardInterrupt(), MemoryError(),
        GeneratorExit(), StopIteration(), NotImplementedError("later"),
        AssertionError(), Unruly(),
    ],
    ids=lambda e: type(e).__name__,
)  # fmt: skip
def test_whatever_is_raised_becomes_a_verdict(error):
    assert judge(NAME, raising(error)).kind is Kind.FAILED


def leaves(n_positions, width):
    sys.exit()


def recurses(n_positions, width):
    return recurses(n_positions, width)


@pytest.mark.parametrize("answer", [leaves, recurses])
def test_leaving_and_recursion_become_a_verdict(answer):
    assert judge(NAME, answer).kind is Kind.FAILED


def loops(n_positions, width):
    while True:
        pass


def swallows(n_positions, width):
    while True:
        try:
            time.sleep(0.001)
        except BaseException:
            continue


def sleeps(n_positions, width):
    time.sleep(60)


def yields_for_ever(token_ids):
    while True:
        yield ""


@pytest.mark.parametrize("answer", [loops, swallows, sleeps])
def test_an_endless_loop_ends(answer, monkeypatch):
    monkeypatch.setattr(trial, "LIMIT", 0.1)
    before, traced = signal.getsignal(signal.SIGALRM), sys.gettrace()
    verdict = judge(NAME, answer)
    assert verdict.kind is Kind.FAILED
    assert "did not end within 0.1 seconds" in verdict.title
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert sys.gettrace() is traced


def test_an_endless_generator_ends(monkeypatch):
    monkeypatch.setattr(trial, "LIMIT", 0.3)
    verdict = judge("01-decode-stream", yields_for_ever)
    assert verdict.kind in (Kind.WRONG, Kind.FAILED)


def test_the_first_endless_input_is_the_last(monkeypatch):
    monkeypatch.setattr(trial, "LIMIT", 0.1)
    calls = []

    def counted(n_positions, width):
        calls.append(1)
        loops(n_positions, width)

    judge(NAME, counted)
    assert len(calls) == 1


def test_outside_the_main_thread_checks_work_without_a_limit():
    found = []
    thread = threading.Thread(
        target=lambda: found.append(judge(NAME, window_mask))
    )
    thread.start()
    thread.join()
    assert found[0].kind is Kind.RIGHT


def test_a_changed_argument_is_told_and_harms_nobody():
    def changes(scores, mask):
        result = repaired(scores, mask)
        scores.zero_()
        return result

    for _ in range(2):  # the inputs are the same at the second check
        verdict = judge("07-repaired", changes)
        assert verdict.kind is Kind.WRONG
        assert "changes its argument number 1" in verdict.title


def test_a_model_that_is_trained_along_is_told():
    model = torch.nn.Linear(2, 2)
    before = model.weight.clone()

    def trains(model, with_blocks):
        model.weight.data += 1
        return 1.0

    verdict = judge("10-doer-accuracy", trains, {"model": model})
    assert "freeze it" in verdict.body
    assert torch.equal(model.weight, before)


def test_chance_is_told():
    def rolls(n_positions, width):
        return torch.rand(n_positions, n_positions) > 0.5

    state = torch.get_rng_state()
    assert "gives two results" in judge(NAME, rolls).title
    assert torch.equal(torch.get_rng_state(), state)


def test_an_answer_that_is_right_only_once_is_not_right():
    calls = []

    def tires(n_positions, width):
        calls.append(1)
        return window_mask(n_positions, width + (len(calls) > 6))

    assert "gives two results" in " ".join(judge(NAME, tires).title.split())


def test_prints_and_warnings_of_a_right_answer_do_no_harm(capsys):
    def talks(n_positions, width):
        print("x" * 100_000)
        print("y", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return window_mask(n_positions, width)

    assert judge(NAME, talks).kind is Kind.RIGHT
    assert capsys.readouterr() == ("", "")


class Lying:
    """Equal to everything, and cannot be shown."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("not shown")

    def __len__(self):
        raise RuntimeError("no length")


@pytest.mark.parametrize("name", ["07-window-mask", "06-cost", "00-on-paper"])
@pytest.mark.parametrize(
    "value",
    [
        Lying(), "text", b"x", 1j, float("nan"), float("inf"), [], {}, set(),
        object(), type, [Lying()], torch.tensor(1.0), torch.empty(0), [[]],
        torch.tensor([1j]), range(3), NotImplemented,
    ],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_any_value_gets_a_verdict(name, value):
    verdict = judge(name, lambda *args: value)
    assert verdict.kind in (Kind.WRONG, Kind.MISTAKE)
    assert str(verdict)
    assert showing.markup(verdict)


def test_a_callable_object_and_a_class_are_judged():
    class Mask:
        def __call__(self, n_positions, width):
            return window_mask(n_positions, width)

    assert judge(NAME, Mask()).kind is Kind.RIGHT
    assert judge(NAME, Mask).kind is Kind.FAILED


def test_the_checks_leave_the_processs_environment_alone():
    before = dict(os.environ), torch.get_default_dtype()
    judge(NAME, window_mask)
    assert before == (dict(os.environ), torch.get_default_dtype())


# --- comparing ------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (torch.tensor(1.0), 1.0), ((1, 2), [1, 2]), (1, 1.0),
        (torch.tensor([1.0, 2.0]), [1.0, 2.0]), ({1: (2,)}, {1: [2]}),
        (torch.tensor([1.0]), torch.tensor([1.0]).double()),
        (torch.tensor([1]), torch.tensor([1]).int()),
        (torch.tensor(True), True),
    ],
)  # fmt: skip
def test_equal_results_written_differently(got, wanted):
    assert same(got, wanted, 1e-5)


@pytest.mark.parametrize(
    ("got", "wanted", "kind"),
    [
        (True, 1, "type"), (1, True, "type"), ("1", 1, "type"),
        ([1, 2], [1], "length"), ({1: 2}, {2: 2}, "keys"),
        (1.1, 1.0, "value"), (float("nan"), 1.0, "nan"), (2, 1, "value"),
        (1.4, 1, "value"), ({1}, {2}, "value"), (None, 1, "type"),
        (torch.ones(2), torch.ones(3), "shape"),
        (torch.ones(2), torch.ones(2).bool(), "dtype"),
        (torch.ones(1), 1.0, "shape"), ({1: 3}, {1: 2}, "value"),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]), "value"),
    ],
)  # fmt: skip
def test_differences_have_their_kind(got, wanted, kind):
    assert difference(got, wanted, 1e-5).kind == kind
    assert not same(got, wanted, 1e-5)


def test_numbers_within_the_tolerance_are_equal_and_beyond_are_not():
    assert same(1.0009, 1.0, 1e-3)
    assert not same(1.002, 1.0, 1e-3)
    assert not same(torch.tensor([1.0 + 1e-6]), torch.tensor([1.0]), 0)


def test_an_outcome_keeps_the_arguments_as_they_were():
    x = torch.ones(2)
    outcome = running.run(lambda x: x.add_(1), (x,), 1)
    assert outcome.changed == 1
    assert x.tolist() == [1, 1]


# --- showing --------------------------------------------------------------


def test_check_prints_the_verdict(capsys):
    checking.check(NAME, window_mask)
    assert capsys.readouterr().out == "07-window-mask: right\n"
    checking.check(NAME, lambda n, w: ~window_mask(n, w))
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "07-window-mask: not yet"
    assert out[1].startswith("Your mask is inside out")


def test_a_training_says_so_before_it_starts(capsys):
    checking.check("02-share-for-window", lambda window: 0.12)
    assert "trains, about" in capsys.readouterr().out.splitlines()[0]


def stub(window):
    raise NotImplementedError("your turn")


def test_an_untouched_training_says_nothing_of_time(capsys):
    checking.check("02-share-for-window", stub)
    assert capsys.readouterr().out == "02-share-for-window: not attempted\n"


def test_hints_open_one_at_a_time(capsys, monkeypatch):
    monkeypatch.setattr(showing, "OPENED", {})
    hints = registry.find(NAME).hints
    for place in (0, 1, 2, 2):
        checking.hint(NAME)
        out = capsys.readouterr().out
        assert out.startswith(f"Hint {place + 1} of 3")
        assert [text in out for text in hints] == [
            k == place for k in range(3)
        ]


def test_the_solution_is_the_references_source(capsys):
    checking.solution(NAME)
    assert capsys.readouterr().out.startswith("def window_mask(n_positions")


def test_the_page_escapes_what_an_answer_says():
    def angry(n_positions, width):
        raise ValueError("<script>alert(1)</script>")

    page = showing.markup(judge(NAME, angry))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_in_a_notebook_it_shows_html_and_plain_text():
    code = (
        "from transformer_course.checking import check, hint, solution\n"
        "def window_mask(n, width):\n    while True: pass",
        "import transformer_course.checking.trial as trial\n"
        "trial.LIMIT = 0.2\n"
        "check('07-window-mask', window_mask)",
        "def window_mask(n, width):\n    return nn.ones(n)",
        "check('07-window-mask', window_mask)",
        "solution('07-window-mask')",
        "hint('07-window-mask')",
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text) for text in code]
    )
    NotebookClient(notebook, timeout=60).execute()
    endless, raised, shown, hints = (
        notebook.cells[k].outputs[0] for k in (1, 3, 4, 5)
    )
    plain = endless.data["text/plain"]
    assert plain.startswith("07-window-mask: could not be checked\n")
    assert "while True: pass" in plain
    assert "<!--picture--><div" in endless.data["text/html"]
    assert "return nn.ones(n)" in raised.data["text/plain"]
    assert shown.data["text/plain"] == "a solution of 07-window-mask"
    assert "window_mask" in shown.data["text/html"]
    assert "<!--picture--><details style" in shown.data["text/html"]
    assert hints.data["text/plain"] == "3 hints for 07-window-mask"


def test_hints_on_a_page_are_closed_each_inside_the_one_before():
    page = showing.nested(["a < b", "two", "three"])
    assert " open" not in page
    assert "<p>a &lt; b</p><details" in page
    assert re.findall(r"Hint (\d) of 3", page) == ["1", "2", "3"]
    assert page.endswith("<p>three</p>" + 3 * "</details>")
