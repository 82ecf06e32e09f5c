"""Values from outside: how they travel, and how they are compared."""

import json
import os

import numpy as np
import pytest
import torch

from coursework.grading import exchange, judge
from coursework.grading.compare import close, exact
from coursework.grading.probe import Assignment, Call, Part, Variant

X = torch.arange(6.0).reshape(2, 3)


def double_calls(v, draw):
    return [
        Call((torch.rand(2, 3, generator=draw),), group="plain"),
        Call((torch.rand(5, generator=draw),), group="plain"),
        Call((X,), {"by": 3.0}, group="by"),
    ]


def double(x, by=2.0):
    return x * by


def twice(x, by=2.0):
    return x * 2


DOUBLE = Part(
    "double",
    4,
    "double",
    double,
    double_calls,
    says=[("ignores by", twice, "Your factor is always 2.")],
)
VALUE = Part("answer", 1, "answer", lambda v: v.integer("n", 2, 9), value=True)
ASSIGNMENT = Assignment("hw", (DOUBLE, VALUE))


def hand_in(plan, folder, function, answer=None):
    """Hand in what a function returns, as the collector does."""
    results = []
    for call in plan.calls["double"]:
        try:
            results.append({"value": function(*call.args, **call.kwargs)})
        except NotImplementedError:
            results.append({"error": "blank"})
    exchange.write(folder, "0", results)
    value = {"error": "missing"} if answer is None else {"value": answer}
    exchange.write(folder, "1", [value])
    return plan.judge(folder)


@pytest.fixture
def plan():
    return judge.draw(ASSIGNMENT, "ada")


def test_right_values_earn_everything(plan, tmp_path):
    n = Variant("ada", "hw").integer("n", 2, 9)
    verdicts = hand_in(plan, tmp_path, double, n)
    assert [(v.score, v.message) for v in verdicts] == [
        (4, "Right."),
        (1, "Right."),
    ]


def test_another_students_value_is_wrong(plan, tmp_path):
    n = Variant("ada", "hw").integer("n", 2, 9)
    other = next(
        m
        for i in range(99)
        if (m := Variant(f"s{i}", "hw").integer("n", 2, 9)) != n
    )
    assert hand_in(plan, tmp_path, double, other)[1].score == 0


def test_another_id_in_the_notebook_is_said(plan, tmp_path):
    for named, says in (("bo", "STUDENT is not"), (" ADA", "not right")):
        exchange.write(tmp_path, "student", named)
        assert says in hand_in(plan, tmp_path, double, 99)[1].message


def test_groups_earn_their_share_and_mistakes_are_named(plan, tmp_path):
    verdict = hand_in(plan, tmp_path, twice)[0]
    assert (verdict.score, verdict.mistake) == (2, "ignores by")
    assert verdict.message == "Your factor is always 2."


def single(part, tmp_path, *values):
    """What a part earns whose calls return these values."""
    plan = judge.draw(Assignment("hw", (part,)), "ada")
    exchange.write(tmp_path, "0", [{"value": value} for value in values])
    return plan.judge(tmp_path)[0]


def returns(want, **more):
    """A part of 3 points with one call, that is to return something."""
    return Part("p", 3, "f", lambda x: want, lambda v, d: [Call((1,))], **more)


@pytest.mark.parametrize(("earns", "marks"), [(0, 2), (1.5, 2), (3, 3)])
def test_a_mistake_earns_its_share_or_more(plan, tmp_path, earns, marks):
    says = [("ignores by", twice, "your factor is always 2.", earns)]
    part = Part("double", 4, "double", double, double_calls, says=says)
    values = [{"value": twice(*c.args)} for c in plan.calls["double"]]
    exchange.write(tmp_path, "0", values)
    verdict = judge._judge(part, plan.calls["double"], values, plan.variant)
    assert verdict.score == marks
    assert verdict.message == "Your factor is always 2."


@pytest.mark.parametrize("earns", [-0.5, 3, 4, 0.25])
def test_a_mistake_that_earns_too_much_is_refused(earns):
    says = [("m", lambda x: 2, "No.", earns)]
    with pytest.raises(ValueError, match="'m' earns"):
        returns(1, says=says)


def test_the_first_mistake_that_fits_counts(tmp_path):
    says = [("a", lambda x: 2, "A.", 1), ("b", lambda x: 2, "B.", 2)]
    verdict = single(returns(1, says=says), tmp_path, 2)
    assert (verdict.score, verdict.mistake) == (1, "a")


def test_the_other_sentence_stands_where_nothing_else_fits(tmp_path):
    part = returns(1, says=[("a", lambda x: 2, "A.")], otherwise="Too few.")
    assert single(part, tmp_path, 2).message == "A."
    assert single(part, tmp_path, 3).message == "Too few."
    assert "where numbers" in single(part, tmp_path, "3").message
    exchange.write(tmp_path, "0", [{"error": "raised KeyError"}])
    plan = judge.draw(Assignment("hw", (part,)), "ada")
    assert plan.judge(tmp_path)[0].message == "f() raises KeyError."


@pytest.mark.parametrize(
    ("got", "want", "says"),
    [
        (2.5, X, "floats where tensors are wanted"),
        ((2.5, 1), (X, X), "floats where tensors are wanted"),
        (X, (X, X), "tensors where tuples are wanted"),
        (X[:, :2], X, "shape (2, 2) where (2, 3) is wanted"),
        (X > 1, X, "a tensor of bools where numbers are wanted"),
        ([X], (X, X), "1 value where 2 are wanted"),
        ([1], [1, 2], "a list that is too long or too short"),
        ({"a": 1}, {"b": 1}, "other keys than the wanted ones"),
        ({"a": "x"}, {"a": 1}, "strings where numbers are wanted"),
        (True, 1, "bools where numbers are wanted"),
        (None, X, "None"),
    ],
)
def test_a_wrong_form_is_named(tmp_path, got, want, says):
    assert (
        single(returns(want), tmp_path, got).message == f"f() returns {says}."
    )


@pytest.mark.parametrize(
    ("got", "want"),
    [(3, 1.5), (X + 1, X), (torch.tensor(3), 1), (np.float32(2), 1.0),
     (X.double().numpy() + 1, X), ([1, 3], (1, 2)), ("a", "b")],
)  # fmt: skip
def test_the_right_form_is_not_blamed(tmp_path, got, want):
    message = single(returns(want), tmp_path, got).message
    assert message == "f() returns a wrong value."


def test_a_comparison_of_ones_own_may_accept_another_form(tmp_path):
    part = returns(7, compare=lambda got, want: got in (7, "seven"))
    assert single(part, tmp_path, "eight").message == (
        "f() returns a wrong value."
    )


def test_a_value_of_ones_own_is_named_without_an_article(tmp_path):
    part = Part("answer", 1, "my_n", lambda v: 3, value=True)
    assert single(part, tmp_path, 4).message == (
        "my_n is not right for your own numbers."
    )
    assert single(part, tmp_path, None).message == "my_n has no value yet."
    assert single(part, tmp_path, "4").message == (
        "my_n holds strings where numbers are wanted."
    )


def test_a_blank_is_said_to_be_blank(plan, tmp_path):
    def blank(x, by=2.0):
        raise NotImplementedError

    verdicts = hand_in(plan, tmp_path, blank)
    assert [v.score for v in verdicts] == [0, 0]
    assert "not attempted" in verdicts[0].message
    assert verdicts[1].message == "answer has no value yet."


def test_every_run_has_fresh_inputs():
    first, second = (
        judge.draw(ASSIGNMENT, "ada"),
        judge.draw(ASSIGNMENT, "ada"),
    )
    again = judge.draw(ASSIGNMENT, "ada", first.seed)
    values = [p.calls["double"][0].args[0] for p in (first, second, again)]
    assert not torch.equal(values[0], values[1])
    assert torch.equal(values[0], values[2])


@pytest.mark.parametrize(
    "handed_in",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'[{"value": {"tensor": "nowhere"}}]',
        b'[{"value": {"pickle": "x"}}]',
        b'{"tuple": 3}',
        b"3",
        b'[{"value": NaN}]',
        b'[{"error": {"dict": []}}]',
        b"[]",
        b'[[[{"value": 1, "error": 2}]]]',
    ],
)
def test_what_a_stranger_writes_scores_nothing(plan, tmp_path, handed_in):
    hand_in(plan, tmp_path, double)
    (tmp_path / "0.json").write_bytes(handed_in)
    assert plan.judge(tmp_path)[0].score == 0


def test_nothing_handed_in_scores_nothing(plan, tmp_path):
    assert [v.score for v in plan.judge(tmp_path)] == [0, 0]


def test_links_pipes_and_large_files_are_not_read(tmp_path):
    exchange.write(tmp_path, "real", 1)
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(exchange.LARGEST_JSON + 1)
    for name in ("link", "pipe", "folder", "large", "nothing"):
        (tmp_path / f"{name}.safetensors").write_bytes(
            (tmp_path / "real.safetensors").read_bytes()
        )
        with pytest.raises(exchange.ExchangeError):
            exchange.read(tmp_path, name)


def test_values_survive_the_journey(tmp_path):
    value = {
        "t": X,
        "mask": X > 2,
        "view": X.t(),
        3: (1, 2.5, None, True, "text"),
        "a": np.arange(3),
        "n": float("nan"),
        "s": np.float32(0.5),
    }
    exchange.write(tmp_path, "v", value)
    back = exchange.read(tmp_path, "v")
    assert torch.equal(back["view"], X.t())
    assert back[3] == value[3]
    assert isinstance(back["a"], np.ndarray)
    assert back["mask"].dtype == torch.bool
    assert back["s"] == 0.5
    assert back["n"] != back["n"]


class Liar(torch.Tensor):
    pass


@pytest.mark.parametrize(
    "value",
    [
        X.as_subclass(Liar),
        object(),
        {1.5: 2},
        lambda: 1,
        10**400,
        X.to_sparse(),
        type("L", (list,), {})(),
    ],
)
def test_what_is_no_plain_value_cannot_be_handed_in(tmp_path, value):
    with pytest.raises(exchange.ExchangeError):
        exchange.write(tmp_path, "v", value)


def test_too_deep_a_value_cannot_be_handed_in(tmp_path):
    nested = []
    for _ in range(50):
        nested = [nested]
    with pytest.raises(exchange.ExchangeError, match="deep"):
        exchange.write(tmp_path, "v", nested)


NAN = float("nan")
INF = float("inf")


@pytest.mark.parametrize(
    ("got", "want", "same"),
    [
        (1.0, 1.0 + 1e-7, True),
        (1, 1.0, True),
        (torch.tensor(1.0), 1.0, True),
        (1.0, 1.1, False),
        (True, 1, False),
        (1, True, False),
        (None, None, True),
        (None, 0.0, False),
        ("a", "a", True),
        (NAN, 1.0, False),
        (NAN, NAN, True),
        (INF, 1.0, False),
        (INF, INF, True),
        (1.0, INF, False),
        ([1, 2], (1, 2), True),
        ([1, 2], (1, 2, 3), False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"b": 1}, {"a": 1.0}, False),
        (X.double(), X, True),
        (X.numpy(), X, True),
        (X.tolist(), X, False),
        (X.t(), X, False),
        (X * NAN, X, False),
        (X > 1, X > 1, True),
        ((X > 1).float(), X > 1, False),
        (X.long(), X, True),
    ],
)
def test_comparison(got, want, same):
    assert close()(got, want) is same


def test_exact_has_no_tolerance():
    assert exact([1, 2], (1, 2))
    assert not exact(1.0 + 1e-12, 1.0)


@pytest.mark.parametrize(
    ("share", "marks"),
    [(1, 3), (0.999, 2.5), (0.5, 1.5), (0.1, 0.5), (0.05, 0), (0, 0)],
)
def test_marks_are_halves_and_only_all_is_all(share, marks):
    assert judge._round(3, share) == marks


def test_a_failing_reference_is_not_the_students_fault(plan, tmp_path):
    def broken(x, by=2.0):
        raise RuntimeError("oh")

    part = Part("double", 4, "double", broken, double_calls)
    plan = judge.draw(Assignment("hw", (part,)), "ada")
    exchange.write(tmp_path, "0", [{"value": 1}] * 3)
    with pytest.raises(judge.ProbeError, match="fails for ada"):
        plan.judge(tmp_path)


def test_the_sandbox_gets_no_answer(plan, tmp_path):
    plan.give(tmp_path, 5.0)
    given = exchange.read(tmp_path, "calls")
    assert set(given["double"]) == {
        "file", "target", "value", "driver", "seconds", "calls",
    }  # fmt: skip
    assert set(given["double"]["calls"][0]) == {
        "args", "kwargs", "build", "state", "seed",
    }  # fmt: skip
    text = json.dumps(json.loads((tmp_path / "calls.json").read_text()))
    assert "factor" not in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"points": 0}, "0 points"),
        ({"target": "a b"}, "is no name"),
        ({"value": True}, "not both"),
        ({"driver": "x"}, "driver 'x'"),
    ],
)
def test_a_part_that_cannot_be_graded_is_refused(change, says):
    whole = {
        "name": "double",
        "points": 4,
        "target": "double",
        "expected": double,
        "calls": double_calls,
    }
    with pytest.raises(ValueError, match=says):
        Part(**(whole | change))


def test_two_parts_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two parts"):
        Assignment("hw", (DOUBLE, DOUBLE))


class Scale(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.zeros(n))

    def forward(self, x):
        return x * self.factor


class Renamed(Scale):
    def __init__(self, n):
        super().__init__(n)
        self.other = self.factor
        del self.factor

    def forward(self, x):
        return x * self.other


@pytest.mark.parametrize("built", [Scale, Renamed])
def test_a_module_is_driven_with_given_weights(tmp_path, built):
    call = Call((X,), build={"n": 3}, state={"factor": torch.ones(3) * 5})
    part = Part(
        "m", 1, "Scale", Scale, lambda v, draw: [call], driver="module"
    )
    plan = judge.draw(Assignment("hw", (part,)), "ada")
    got = judge.answer(part, built, call, plan.variant)
    assert torch.equal(got, X * 5)
    exchange.write(tmp_path, "0", [{"value": got}])
    assert plan.judge(tmp_path)[0].score == 1
