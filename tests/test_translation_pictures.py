"""Chapter 12's pictures: what they draw is what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from transformer_course.plotting import style
from transformer_course.plotting import translation as pictures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_the_tree_parts_greedy_from_the_best():
    ax = pictures.beam_tree(
        {
            "la": (0.6, {"pizza": 0.4, "vache": 0.3}),
            "le": (0.4, {"squatch": 0.9, "ours": 0.1}),
        }
    ).axes[0]
    labels = [text.get_text() for text in ax.texts]
    assert labels == [
        "la 0.6", "pizza 0.24 (greedy)", "vache 0.18", "le 0.4",
        "squatch 0.36 (best)", "ours 0.04",
    ]  # fmt: skip
    drawn = [(line.get_linestyle(), line.get_color()) for line in ax.lines]
    greedy, best = ("--", style.WRONG), ("-", style.RIGHT)
    other = ("-", style.GREY)
    assert drawn == [greedy, greedy, other, best, best, other]
    ends = [tuple(line.get_xydata()[1]) for line in ax.lines]
    assert ends == [(1, 0.5), (2, 0), (2, 1), (1, 2.5), (2, 2), (2, 3)]


def test_the_tree_says_where_greedy_is_best():
    ax = pictures.beam_tree({"a": (1.0, {"b": 0.7, "c": 0.3})}).axes[0]
    assert ax.texts[1].get_text() == "b 0.70 (best) (greedy)"


def test_every_head_is_a_marker_in_its_training():
    ax = pictures.head_agreement(
        {
            "seed 0": ([[0.5, 0.75, 0.25], [1.0, 0.0, 0.125]], 0.875),
            "seed 3": ([[0.1, 0.2, 0.3], [0.4, 0.6, 0.7]], 0.8),
        },
        chance=0.15,
    ).axes[0]
    drawn = [list(line.get_ydata()) for line in ax.lines]
    assert drawn[:3] == [[50, 75, 25], [100, 0, 12.5], [87.5]]
    assert drawn[3] == pytest.approx([10, 20, 30])
    assert drawn[-1] == pytest.approx([15, 15])
    assert [round(line.get_xdata()[0]) for line in ax.lines[:6]] == [
        0, 0, 0, 1, 1, 1,
    ]  # fmt: skip
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["seed 0", "seed 3"]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["layer 0, a head", "layer 1, a head", "mean of all maps"]


def test_maps_frame_the_truth():
    maps = {"good": torch.eye(3)[:2], "bad": torch.tensor([[0, 0, 1.0]] * 2)}
    truth = torch.tensor([[True, False, False], [False, True, True]])
    figure = pictures.two_maps(maps, ["un", "deux"], list("abc"), truth)
    for ax, weights in zip(figure.axes, maps.values(), strict=True):
        np.testing.assert_allclose(ax.get_images()[0].get_array(), weights)
        centres = [
            (p.get_y() + p.get_height() / 2, p.get_x() + p.get_width() / 2)
            for p in ax.patches
        ]
        assert centres == [
            pytest.approx(at) for at in ((0, 0), (1, 1), (1, 2))
        ]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["good", "bad"]
    labels = [text.get_text() for text in figure.axes[1].get_yticklabels()]
    assert labels == ["un", "deux"]


def test_lengths_have_a_line_of_means_and_a_dot_a_training():
    ax = pictures.by_length(
        {"all": [[1.0, 0.5], [0.5, 0.25]], "short": [[0.75, 0.0]]},
        ["short", "long"],
    ).axes[0]
    drawn = [list(line.get_ydata()) for line in ax.lines]
    assert drawn == [[75, 37.5], [100, 50], [50, 25], [75, 0], [75, 0]]
    lines = [line.get_linestyle() for line in ax.lines]
    assert lines == ["-", "None", "None", "--", "None"]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["all", "short"]
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["short", "long"]
