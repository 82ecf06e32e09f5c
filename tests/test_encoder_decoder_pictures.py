"""Chapter 10's pictures: what they draw is what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import FancyBboxPatch, Rectangle

from transformer_course.plotting import encoder_decoder as pictures
from transformer_course.plotting import style


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_worked_example_writes_every_number_at_its_place():
    q, scores = torch.tensor([[0.0, 2], [1, 1]]), torch.rand(2, 3)
    k, v = torch.tensor([[2.0, 0], [0, 1], [5, 7]]), torch.rand(3, 2)
    weights, output = torch.rand(2, 3), torch.rand(2, 2)
    figure = pictures.worked_example(
        (q, k, scores), (weights, v, output), ["a", "b"], ["x", "y", "z"]
    )
    first, second, third = (texts(ax) for ax in figure.axes)
    assert first[:4] == ["0", "2", "1", "1"]
    keys = first[first.index("b") + 1 :]
    assert keys[:6] == ["2", "0", "5", "0", "1", "7"]  # a column a word
    assert second[:6] == [f"{x:.3f}" for x in scores.flatten()]
    assert second.count("y") == 2  # over the scores and over the weights
    assert [f"{x:.3f}" in third for x in v.flatten()] == [True] * 6
    boxes = [
        sum(isinstance(p, Rectangle) for p in ax.patches) for ax in figure.axes
    ]
    assert boxes == [10, 12, 10]


def test_flow_hands_one_memory_to_every_decoder_block():
    figure = pictures.flow(3)
    ax = figure.axes[0]
    assert sum(isinstance(p, FancyBboxPatch) for p in ax.patches) == 6
    assert sum("K, V from memory" in text for text in texts(ax)) == 3
    assert texts(ax).count("memory") == 1
    (pipe,) = ax.get_lines()
    x = pipe.get_xdata()[-1]
    arrows = [t for t in ax.texts if getattr(t, "arrow_patch", None)]
    assert sum(arrow.xyann[0] == x for arrow in arrows) == 3


def test_flow_needs_a_block():
    with pytest.raises(ValueError, match="n_layers is 0"):
        pictures.flow(0)


def test_parameters_stack_to_the_sum():
    counted = {
        "small": {
            "embedding": 2_000_000, "attention": 7_000_000,
            "feed_forward": 11_000_000, "norm": 1_000_000,
        },
        "tall": {
            "embedding": 13_000_000, "attention": 17_000_000,
            "feed_forward": 19_000_000, "norm": 0,
        },
    }  # fmt: skip
    ax = pictures.parameters(counted).axes[0]
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([2, 7, 11, 1, 13, 17, 19, 0])
    starts = [bar.get_x() for bar in ax.patches]
    assert starts == pytest.approx([0, 2, 9, 20, 0, 13, 30, 49])
    assert {"21.0", "49.0", "17.0"} <= set(texts(ax))
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["embedding", "attention", "feed-forward", "norms"]


def test_shares_mark_what_was_lost():
    ax = pictures.shares({"whole": 0.97, "shuffled": 0.97, "zero": 0.2}).axes[
        0
    ]
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([97, 97, 20])
    hatches = [bar.get_hatch() for bar in ax.patches]
    assert hatches == [None, None, "//"]
    assert texts(ax) == ["97", "97", "20"]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["whole", "shuffled", "zero"]


def test_alignment_frames_the_known_pairs():
    weights = torch.tensor([[0.1, 0.9], [0.7, 0.3], [0.5, 0.5]])
    ax = pictures.alignment(
        weights, ["la", "pizza", "est"], ["eats", "pizza"], [(0, 1), (1, 0)]
    ).axes[0]
    grid = ax.get_images()[0].get_array()
    np.testing.assert_allclose(grid, weights)
    centres = [
        (p.get_y() + p.get_height() / 2, p.get_x() + p.get_width() / 2)
        for p in ax.patches
    ]
    assert centres == [pytest.approx((0, 1)), pytest.approx((1, 0))]
    assert texts(ax)[:2] == ["0.10", "0.90"]


def test_broken_draws_a_dot_a_training():
    figure = pictures.broken(
        {"right": [(0.01, 1.0), (0.02, 0.75)], "bug": [(0.005, 0.0)]}
    )
    losses, exact = figure.axes
    assert losses.get_xscale() == "log"
    drawn = [list(line.get_xdata()) for line in losses.get_lines()]
    assert drawn == [[0.01, 0.02], [0.005]]
    drawn = [list(line.get_xdata()) for line in exact.get_lines()]
    assert drawn == [[100, 75], [0]]
    assert [list(line.get_ydata()) for line in exact.get_lines()] == [
        [0, 0],
        [1],
    ]
    names = [label.get_text() for label in losses.get_yticklabels()]
    assert names == ["right", "bug"]
    colors = {line.get_color() for line in exact.get_lines()}
    assert colors == {style.VERMILION}
