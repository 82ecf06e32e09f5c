"""Chapter 7's pictures: what they draw is what was masked and measured."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle

from transformer_course.plotting import masking as pictures

WORDS = ["let's", "go", "Squatch"]
TRIANGLE = torch.ones(3, 3).bool().tril()


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def hatched(ax) -> set[tuple[int, int]]:
    """Rows and columns of the cells that are hatched."""
    return {
        (round(patch.get_y() + 0.5), round(patch.get_x() + 0.5))
        for patch in ax.patches
        if isinstance(patch, Rectangle) and patch.get_hatch()
    }


def dots(ax) -> list[list[float]]:
    """Coordinates along the axis of accuracy or loss of each row's dots."""
    return [
        np.asarray(line.get_xdata(), dtype=float).tolist()
        for line in ax.get_lines()
        if line.get_linestyle() == "None" or line.get_marker() in ("o", "s")
    ]


def test_worked_example_replaces_scores_of_the_future_alone():
    scores = torch.arange(9.0).view(3, 3) / 10
    weights = scores.masked_fill(~TRIANGLE, -torch.inf).softmax(dim=-1)
    figure = pictures.worked_example(
        scores, TRIANGLE, weights, weights @ scores[:, :2], WORDS
    )
    plain, masked, mixed, output = figure.axes
    future = {(0, 1), (0, 2), (1, 2)}
    assert hatched(plain) == hatched(output) == set()
    assert hatched(masked) == hatched(mixed) == future
    texts = [text.get_text() for text in masked.texts]
    assert texts == [
        "0.000", "−∞", "−∞", "0.300", "0.400", "−∞", "0.600", "0.700", "0.800",
    ]  # fmt: skip
    assert [text.get_text() for text in plain.texts][1] == "0.100"
    shown = [float(text.get_text()) for text in mixed.texts]
    np.testing.assert_allclose(shown, weights.flatten(), atol=5e-4)
    assert len(output.texts) == 6


def test_allowed_hatches_what_each_mask_forbids():
    padding = torch.tensor([True, True, False]).expand(3, 3)
    figure = pictures.allowed({"causal": TRIANGLE, "padding": padding}, WORDS)
    causal, real = figure.axes
    assert hatched(causal) == {(0, 1), (0, 2), (1, 2)}
    assert hatched(real) == {(0, 2), (1, 2), (2, 2)}
    dark = causal.get_images()[0].get_array()
    assert np.array_equal(np.asarray(dark) > 0, TRIANGLE.numpy())
    labels = [label.get_text() for label in causal.get_yticklabels()]
    assert labels == WORDS


def test_writers_carry_losses_and_shares_of_every_seed():
    figure = pictures.writers(
        {"no mask": [4.0] * 19 + [2.0] * 21, "causal": [4.0] * 40},
        {"no mask": [0.0, 0.25], "causal": [0.9, 1.0]},
    )
    left, right = figure.axes
    first, second = (line.get_ydata() for line in left.get_lines())
    assert first[0] == pytest.approx(3.9)  # nineteen steps at 4, one at 2
    assert first[-1] == pytest.approx(2.0)
    assert np.allclose(second, 4.0)
    shares = [line.get_ydata().tolist() for line in right.get_lines()]
    assert shares == [[0, 25], [90, 100]]


def test_arms_stand_at_their_percentages_in_order():
    figure = pictures.arms(
        {"a": {"x": [0.5, 1.0], "y": [0.75, 0.8]}, "b": {"z": [0.6]}}
    )
    above, below = figure.axes
    assert dots(above)[:2] == [[50, 100], [75, 80]]
    assert dots(below)[:1] == [[60]]
    names = [label.get_text() for label in above.get_yticklabels()]
    assert names == ["x", "y"]
    assert above.get_ylim()[0] > above.get_ylim()[1]  # first arm on top


def test_letters_mark_what_is_below_the_floor():
    figure = pictures.letters({"right": [2.09, 2.08], "leak": [0.3]}, 2.079)
    honest, leak, *rest = figure.axes[0].get_lines()
    assert honest.get_marker() == "o"
    assert leak.get_marker() == "s"
    assert honest.get_xdata().tolist() == [2.09, 2.08]
    assert rest[0].get_xdata()[0] == 2.079


def test_influence_writes_zero_only_for_exactly_zero():
    moves = torch.tensor([[0.5, 0.0], [1e-9, 1.25]])
    figure = pictures.influence({"one": moves})
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.texts] == [".50", "0", ".00", "1.25"]
    tint = np.asarray(ax.get_images()[0].get_array())
    assert (tint > 0).tolist() == [[True, False], [True, True]]
