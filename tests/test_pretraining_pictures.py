"""Chapter 15's pictures: what they draw is what they were given."""

import matplotlib.pyplot as plt
import pytest

from transformer_course.plotting import pretraining as pictures
from transformer_course.plotting import style


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_transformations_draw_a_box_a_part_and_a_dot_a_text():
    rows = {
        "a": [["<start>", "x", "y", "<extract>"]],
        "b": [
            ["<start>", "x", "<delim>", "y", "<extract>"],
            ["<start>", "y", "<delim>", "x", "<extract>"],
        ],
    }
    ax = pictures.transformations(rows).axes[0]
    assert texts(ax)[:-1] == [
        "a", "start", "x y", "extract",
        "b", "start", "x", "delim", "y", "extract",
        "", "start", "y", "delim", "x", "extract",
    ]  # fmt: skip
    assert len(ax.patches) == 13
    assert [line.get_ydata()[0] for line in ax.get_lines()] == [0, 1, 2]
    hatched = [patch.get_hatch() is not None for patch in ax.patches]
    assert hatched == [
        True, False, True,
        True, False, True, False, True,
        True, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("text", [[], ["<start>", "x"]])
def test_transformations_need_an_end(text):
    with pytest.raises(ValueError, match="'a' does not end with <extract>"):
        pictures.transformations({"a": [text]})


SCORES = {
    "a": {
        "p": {50: [0.5, 0.7], 200: [0.75, 0.75]},
        "q": {50: [0.2], 200: [1]},
    },
    "b": {"p": {50: [0.0], 200: [0.25]}, "q": {50: [0.5], 200: [0.5]}},
    "c": {"p": {50: [0.0], 200: [0.25]}, "q": {50: [0.5], 200: [0.5]}},
}
LEVELS = {task: [pictures.Level("chance", 0.5)] for task in SCORES}


def test_labels_draw_means_seeds_and_levels():
    figure = pictures.by_labels(SCORES, LEVELS)
    ax = figure.axes[0]
    one, two, level = ax.get_lines()
    assert list(one.get_xdata()) == [50, 200]
    assert one.get_ydata() == pytest.approx([60, 75])
    assert two.get_ydata() == pytest.approx([20, 100])
    assert list(level.get_ydata()) == [50, 50]
    heights = [group.get_offsets()[:, 1].tolist() for group in ax.collections]
    assert heights == [[50, 70], [75, 75], [20], [100]]
    assert [a.get_title("left") for a in figure.axes[:3]] == [*"abc"]
    assert not figure.axes[3].axison
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["p", "q", "chance"]


def test_labels_need_levels_for_the_same_tasks():
    with pytest.raises(ValueError, match="are not"):
        pictures.by_labels(SCORES, {"a": []})


def test_gains_draw_seeds_and_two_standard_errors():
    ax = pictures.gains({"a": [0.1, 0.3], "b": [0.0, -0.2]}, "points").axes[0]
    zero, one, mean, *_ = ax.get_lines()
    assert list(zero.get_xdata()) == [0, 0]
    assert one.get_xdata().tolist() == pytest.approx([10, 30])
    assert mean.get_xdata()[0] == pytest.approx(20)
    bar = ax.collections[0].get_segments()[0]
    # Deviation 14.14, error 10, two errors 20.
    assert bar[:, 0].tolist() == pytest.approx([0, 40])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["a", "b"]
    assert ax.get_xlabel() == "points"


def test_gains_need_two_seeds():
    with pytest.raises(ValueError, match="'a' has 1 differences"):
        pictures.gains({"a": [0.5]}, "points")


def test_arms_differ_by_more_than_colour():
    ax = pictures.by_labels(SCORES, LEVELS).axes[0]
    one, two, _ = ax.get_lines()
    assert one.get_marker() != two.get_marker()
    assert one.get_linestyle() != two.get_linestyle()
    assert one.get_color() == style.CYCLE[0]
