"""Chapter 3's pictures: what they draw is what was measured."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle

from transformer_course.plotting import recurrence as pictures

ACCURACIES = {
    "LSTM": {8: [0.5, 1.0, 0.9], 16: [0.0, 0.1, 0.2]},
    "attention": {8: [1.0, 1.0, 0.7], 16: [0.9, 0.6, 0.3]},
}
RATIOS = {
    "LSTM": {2: [0.5, 0.2, 0.3], 5: [0.01, 0.04, 0.09]},
    "attention": {2: [1.0, 2.0, 0.5], 5: [0.7, 0.2, 0.1]},
}
TIMES = {"LSTM": {64: 0.002, 128: 0.004}, "attention": {64: 0.001, 128: 0.007}}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def lines(ax) -> dict[str, tuple[list[float], list[float]]]:
    """Points of each named line of an axes."""
    return {
        line.get_label(): (
            np.asarray(line.get_xdata(), dtype=float).tolist(),
            np.asarray(line.get_ydata(), dtype=float).tolist(),
        )
        for line in ax.get_lines()
        if not line.get_label().startswith("_")
    }


def dots(ax) -> list[tuple[float, float]]:
    """Every single point that belongs to no named line."""
    return [
        (float(x), float(y))
        for line in ax.get_lines()
        if line.get_label().startswith("_")
        for x, y in zip(*line.get_data(), strict=True)
    ]


def test_curves_have_numbers_as_keys_and_only_the_named_readers():
    measured = {"LSTM": {"8": [0.1], "16": [0.2]}, "RNN": {"8": [0.3]}}
    assert pictures.curves(measured, ["LSTM"]) == {
        "LSTM": {8: [0.1], 16: [0.2]}
    }


def test_accuracies_of_a_run_are_collected_over_its_seeds():
    def seed(near: float, far: float) -> dict[str, object]:
        return {
            "alone": {
                "LSTM": {
                    "8": {"accuracy": {"8": near}},
                    "16": {"accuracy": {"16": far}},
                }
            },
            "mixed": {"LSTM": {"accuracy": {"8": far, "16": near}}},
        }

    run = {"runs": {"0": seed(0.9, 0.1), "1": seed(0.8, 0.2)}}
    assert pictures.over_seeds(run, "alone", ["LSTM"]) == {
        "LSTM": {8: [0.9, 0.8], 16: [0.1, 0.2]}
    }
    assert pictures.over_seeds(run, "mixed", ["LSTM"]) == {
        "LSTM": {8: [0.1, 0.2], 16: [0.9, 0.8]}
    }
    with pytest.raises(ValueError, match="part is 'both'"):
        pictures.over_seeds(run, "both", ["LSTM"])


def test_unrolled_writes_each_word_and_each_state_in_order():
    figure = pictures.unrolled(["a", "b", "c"], [0.8, 0.6, 0.2], [1, 2, 0.5])
    ax = figure.axes[0]
    texts = {
        text.get_text(): text.get_position()
        for text in ax.texts
        if text.get_text()
    }
    assert texts["a  0.8"] == (0, 0)
    assert texts["c  0.2"] == (2, 0)
    assert texts["2.000"] == (1, 1)
    assert texts["0"] == (-1, 1)
    arrows = [text for text in ax.texts if not text.get_text()]
    assert len(arrows) == 6  # from the word and from the state before


def test_unrolled_refuses_a_word_without_a_state():
    with pytest.raises(ValueError, match="3 words, 3 inputs and 2 states"):
        pictures.unrolled(["a", "b", "c"], [1, 2, 3], [1, 2])


def test_gradients_draw_the_middle_seed_and_the_range():
    ax = pictures.gradients(RATIOS).axes[0]
    assert ax.get_yscale() == "log"
    assert lines(ax)["LSTM"] == ([2, 5], [0.3, 0.04])
    band = ax.collections[0].get_paths()[0].vertices
    assert set(np.round(band[:, 1], 3)) == {0.2, 0.5, 0.01, 0.09}


def test_recall_draws_means_every_seed_and_chance_in_percent():
    ax = pictures.recall(ACCURACIES, chance=0.05).axes[0]
    found = lines(ax)
    assert found["LSTM"][0] == [8, 16]
    assert found["LSTM"][1] == pytest.approx([80, 10])
    assert found["attention"][1] == pytest.approx([90, 60])
    assert found["chance"][1] == pytest.approx([5, 5])
    points = dots(ax)
    assert len(points) == 12
    assert (16, 30) in [(x, round(y)) for x, y in points]


def test_seconds_are_drawn_in_milliseconds():
    ax = pictures.seconds(TIMES).axes[0]
    assert lines(ax)["attention"][1] == pytest.approx([1, 7])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_beside_has_the_three_measures_and_one_legend():
    figure = pictures.beside(ACCURACIES, RATIOS, TIMES, chance=0.05)
    accuracy, gradient, time, corner = figure.axes
    assert lines(accuracy)["LSTM"][1] == pytest.approx([80, 10])
    assert lines(gradient)["LSTM"][1] == pytest.approx([0.3, 0.04])
    assert lines(time)["LSTM"][1] == pytest.approx([2, 4])
    names = [text.get_text() for text in corner.get_legend().get_texts()]
    assert names == ["LSTM", "attention"]


def test_by_length_draws_the_mean_share_in_percent():
    shares = {
        "one vector": {3: [1.0, 0.5], 5: [0.25, 0.0]},
        "with attention": {3: [1.0, 1.0], 5: [0.75, 1.0]},
    }
    ax = pictures.by_length(shares).axes[0]
    assert lines(ax)["one vector"] == ([3, 5], [75, 12.5])
    assert ax.get_xticks().tolist() == [3, 5]


def test_alignment_frames_the_word_that_a_reversal_needs():
    weights = torch.eye(3).flip(1)
    figure = pictures.alignment(weights, ["x", "y", "z"], ["z", "y", "x"])
    ax = figure.axes[0]
    shown = np.asarray(ax.get_images()[0].get_array())
    np.testing.assert_array_equal(shown, weights)
    frames = [p for p in ax.patches if isinstance(p, Rectangle)]
    for frame in frames:
        row, column = frame.get_y() + 0.5, frame.get_x() + 0.5
        assert shown[int(row), int(column)] == 1
    assert len(frames) == 3
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["x", "y", "z"]


def test_gradient_stands_above_effect_at_the_same_places():
    figure = pictures.gradient_beside_effect([0.5, 0.3, 0.2], [1.0, 0.0, 0.1])
    heights = [[bar.get_height() for bar in ax.patches] for ax in figure.axes]
    assert heights[0] == pytest.approx([50, 30, 20])
    assert heights[1] == pytest.approx([100, 0, 10])
    with pytest.raises(ValueError, match="2 shares and 1 effects"):
        pictures.gradient_beside_effect([0.5, 0.5], [1.0])


def test_cuts_put_every_seed_in_the_row_of_its_cut():
    ax = pictures.cuts({"none": [1.0, 0.9], "all": [0.1, 0.0]}, 0.05).axes[0]
    rows = ax.get_lines()
    assert rows[0].get_xdata().tolist() == [100, 90]
    assert rows[1].get_xdata().tolist() == [10, 0]
    assert np.round(rows[1].get_ydata()).tolist() == [1, 1]
    assert list(rows[2].get_xdata()) == [5, 5]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["none", "all"]
