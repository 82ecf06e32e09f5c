"""Chapter 8's pictures: they draw the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, Rectangle

from transformer_course.plotting import residual as pictures
from transformer_course.plotting import style


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_placements_put_the_norm_where_its_title_says():
    figure = pictures.placements()
    found = {}
    for ax in figure.axes:
        boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
        names = {"f", "+", "norm"}
        texts = [t for t in ax.texts if t.get_text() in names]
        texts.sort(key=lambda t: t.get_position()[1])
        assert len(boxes) == len(texts)
        title = ax.get_title("left") or ax.get_title("center")
        found[title.split("\n")[0]] = [t.get_text() for t in texts]
    assert found == {
        "bare": ["f"],
        "post-norm": ["f", "+", "norm"],
        "pre-norm": ["norm", "f", "+"],
    }


def test_copy_goes_round_to_the_sum_and_past_the_norm_before_f():
    bare, post, pre = pictures.placements().axes
    assert not bare.lines
    for ax, height in ((post, 1), (pre, 2)):
        path = np.asarray(ax.lines[0].get_xydata())
        assert path[0].tolist() == [0, -0.6]  # leaves below everything
        assert path[-1][1] == height


def test_shared_means_marks_the_numbers_of_each_norm():
    figure = pictures.shared_means(2, 3, 5)
    counts, rows = [], []
    for ax in figure.axes:
        lit = [
            p
            for p in ax.patches
            if isinstance(p, Rectangle)
            and to_hex(p.get_facecolor()) == style.BLUE.lower()
        ]
        assert len(ax.patches) == 30
        counts.append(len(lit))
        rows.append({(p.get_x(), p.get_y()) for p in lit})
    assert counts == [5, 3, 2]  # features, words, sentences
    assert len({y for _, y in rows[0]}) == 1
    assert len({x for x, _ in rows[1]}) == 1
    assert len({x for x, _ in rows[2]}) == 1


def test_by_depth_draws_each_arm_and_keeps_to_the_floor():
    panels = {
        "gradient": {"bare": [1e-30, 1e-3], "post-norm": [0.1, 0.2]},
        "size": {"pre-norm": [1.0, 2.0, 4.0]},
    }
    figure = pictures.by_depth(
        panels, x_label="layer", logarithmic=["gradient"], floor=1e-12
    )
    left, right = figure.axes
    drawn = [line.get_ydata().tolist() for line in left.lines]
    assert drawn == [[1e-12, 1e-3], [0.1, 0.2]]
    assert (left.get_yscale(), right.get_yscale()) == ("log", "linear")
    assert right.lines[0].get_ydata().tolist() == [1, 2, 4]
    assert right.lines[0].get_xdata().tolist() == [0, 1, 2]


def test_an_arm_keeps_its_colour_and_unknown_ones_are_refused():
    one = pictures.by_depth({"a": {"post-norm": [1.0]}}, x_label="layer")
    two = pictures.accuracy_by_depth({"post-norm": {"1": [0.5]}})
    colors = [f.axes[0].lines[0].get_color() for f in (one, two)]
    assert colors[0] == colors[1]
    with pytest.raises(ValueError, match="arm 'none' is none of bare"):
        pictures.by_depth({"a": {"none": [1.0]}}, x_label="layer")


def test_accuracy_by_depth_shows_every_seed_and_what_broke_off():
    runs = {
        "bare": {"1": [0.75, 1.0], "6": [0.5, None]},
        "post-norm": {"1": [0.9, 0.8], "6": [0.7, 0.6]},
    }
    figure = pictures.accuracy_by_depth(runs)
    left, right = figure.axes
    dots = [line for line in left.lines if line.get_marker() == "o"]
    crosses = [line for line in left.lines if line.get_marker() == "x"]
    assert [line.get_ydata()[0] for line in dots] == [75, 100, 50]
    assert [round(line.get_xdata()[0]) for line in dots] == [0, 0, 1]
    assert len(crosses) == 1
    assert crosses[0].get_xdata()[0] > 1
    drawn = [
        line.get_ydata()[0] for line in right.lines if line.get_marker() == "o"
    ]
    np.testing.assert_allclose(drawn, [90, 80, 70, 60])


def test_in_company_stands_alone_below_the_batch():
    table = {"right": ([0.9], [0.9]), "wrong": ([0.8, 0.7], [0.5, 0.5])}
    ax = pictures.in_company(table).axes[0]
    drawn = [line.get_xdata().tolist() for line in ax.lines[:4]]
    np.testing.assert_allclose(drawn[0], [90])
    np.testing.assert_allclose(drawn[2], [80, 70])
    np.testing.assert_allclose(drawn[3], [50, 50])
    assert ax.lines[2].get_ydata().mean() < ax.lines[3].get_ydata().mean()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["right", "wrong"]


def test_weights_of_norms_draws_percentiles():
    weight, bias = torch.arange(101.0), -torch.arange(101.0)
    figure = pictures.weights_of_norms({"n": (weight, bias)})
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_xdata(), [1, 99])
    np.testing.assert_allclose(left.lines[1].get_xdata(), [50])
    np.testing.assert_allclose(right.lines[0].get_xdata(), [-99, -1])
    starts = [ax.lines[2].get_xdata()[0] for ax in (left, right)]
    assert starts == [1, 0]
