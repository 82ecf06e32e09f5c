"""Chapter 11's pictures: what they draw is what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from transformer_course.plotting import four_jobs as pictures
from transformer_course.plotting import style


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def dots(ax):
    """Places of the dots of each group, in the order of drawing."""
    return [group.get_offsets().tolist() for group in ax.collections]


def names(labels):
    return [label.get_text() for label in labels]


def test_learning_draws_a_line_a_job_in_percent():
    shares = {"a": [0, 0.25, 1], "b": [0.5, 0.5, 0.75]}
    ax = pictures.learning([10, 20, 30], shares).axes[0]
    one, two = ax.get_lines()
    assert one.get_xdata().tolist() == [10, 20, 30]
    assert one.get_ydata().tolist() == [0, 25, 100]
    assert two.get_ydata().tolist() == [50, 50, 75]
    assert one.get_marker() != two.get_marker()
    assert names(ax.get_legend().get_texts()) == ["a", "b"]


def test_learning_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="'a' has 2 shares for 3 steps"):
        pictures.learning([1, 2, 3], {"a": [0, 1]})
    many = {str(i): [0.0] for i in range(7)}
    with pytest.raises(ValueError, match="7 jobs came"):
        pictures.learning([1], many)


def test_baselines_and_model_stand_in_the_row_of_their_job():
    ax = pictures.beside_baselines(
        {"a": [0.0, 0.25], "b": [0.5]}, {"a": 0.75, "b": 1.0}
    ).axes[0]
    assert dots(ax) == [[[0, 0], [25, 0]], [[75, 0]], [[50, 1]], [[100, 1]]]
    assert names(ax.get_yticklabels()) == ["a", "b"]
    assert ax.yaxis_inverted()
    assert ax.collections[0].get_facecolors().size == 0  # open circles
    assert names(ax.get_legend().get_texts()) == [
        "partial-input baselines", "the model",
    ]  # fmt: skip


def test_baselines_need_the_same_jobs():
    with pytest.raises(ValueError, match=r"\['a'\] of the baselines"):
        pictures.beside_baselines({"a": [0.5]}, {"b": 0.5})


def test_token_grid_writes_every_share():
    shares = np.array([[1.0, 0.0, 0.25], [0.5, 0.125, 0.75]])
    ax = pictures.token_grid(shares, ["x", "y"], ["p", "q", "r"]).axes[0]
    assert names(ax.texts) == ["1.00", "0.00", "0.25", "0.50", "0.12", "0.75"]
    assert names(ax.get_xticklabels()) == ["p", "q", "r"]
    assert names(ax.get_yticklabels()) == ["x", "y"]
    assert ax.images[0].get_clim() == (0, 1)


def test_one_and_four_draw_a_mark_a_seed():
    one = {"a": [0.5, 0.75], "b": [1.0, 0.0]}
    four = {"a": [0.25, 0.25], "b": [0.0, 0.5]}
    ax = pictures.one_and_four(one, four).axes[0]
    groups = dots(ax)
    assert [[x for x, _ in group] for group in groups] == [
        [50, 75], [100, 0], [25, 25], [0, 50],
    ]  # fmt: skip
    assert [round(group[0][1]) for group in groups] == [0, 1, 0, 1]
    marks = [c.get_paths()[0].vertices.shape for c in ax.collections]
    assert marks[0] != marks[2]  # another marker
    assert len(ax.get_legend().get_texts()) == 2
    assert ax.get_xlabel() == "% right"


def test_one_and_four_need_the_same_jobs():
    with pytest.raises(ValueError, match="are not"):
        pictures.one_and_four({"a": [1.0]}, {"b": [1.0]})


def test_pictures_are_in_the_books_colours():
    ax = pictures.learning([1], {"a": [0.5]}).axes[0]
    assert ax.get_lines()[0].get_color() == style.CYCLE[0]
