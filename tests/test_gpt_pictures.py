"""Chapter 14's pictures: they draw the numbers that they are given."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from transformer_course.plotting import gpt as pictures
from transformer_course.plotting import style


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_next_tokens_orders_the_bars_and_marks_the_chosen_one():
    figure = pictures.next_tokens(
        [
            ("the", {"girl": 0.2, "boy": 0.1, "king": 0.3}, "boy"),
            ("the boy", {"went": 0.6, "eats": 0.25}, "went"),
        ]
    )
    first, second = figure.axes
    assert [b.get_width() for b in first.patches] == [0.3, 0.2, 0.1]
    assert [t.get_text() for t in first.get_yticklabels()] == [
        "king", "girl", "boy",
    ]  # fmt: skip
    assert [b.get_hatch() for b in first.patches] == [None, None, "//"]
    assert [b.get_hatch() for b in second.patches] == ["//", None]
    assert [t.get_text() for t in second.texts] == ["0.60", "0.25"]
    assert first.get_title("left") == '"the" + "boy"'
    assert first.yaxis_inverted()
    assert "probability" in second.get_xlabel()


def test_next_tokens_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="steps is empty"):
        pictures.next_tokens([])
    with pytest.raises(ValueError, match="chosen 'boy' is none of"):
        pictures.next_tokens([("the", {"girl": 1.0}, "boy")])


def test_choices_writes_every_probability_under_its_token():
    rules = {"as it is": [0.5, 0.3, 0.2], "greedy": [1, 0, 0]}
    ax = pictures.choices(["a", "b", "c"], rules).axes[0]
    np.testing.assert_array_equal(
        ax.images[0].get_array(), [[0.5, 0.3, 0.2], [1, 0, 0]]
    )
    assert [t.get_text() for t in ax.texts][:4] == [
        "0.500", "0.300", "0.200", "1.000",
    ]  # fmt: skip
    assert [t.get_text() for t in ax.get_yticklabels()] == list(rules)
    with pytest.raises(ValueError, match="column_labels has 2 labels for 3"):
        pictures.choices(["a", "b"], rules)


def test_losses_puts_a_dot_for_each_training_and_bits_above():
    figure = pictures.losses({"5-gram": 1.5, "GPT": [1.9, 2.0, 2.1]})
    ax = figure.axes[0]
    gram, gpt = ax.lines
    assert gram.get_xdata().tolist() == [1.5]
    assert gpt.get_xdata().tolist() == [1.9, 2.0, 2.1]
    assert set(gpt.get_ydata()) == {1}
    assert gram.get_marker() != gpt.get_marker()
    assert [t.get_text() for t in ax.texts] == ["1.50", "2.00"]
    figure.canvas.draw()
    bits = ax.child_axes[0]
    left, right = ax.get_xlim()
    np.testing.assert_allclose(
        bits.get_xlim(), [left / math.log(2), right / math.log(2)]
    )
    assert "bits" in bits.get_xlabel()
    assert "nats" in ax.get_xlabel()
    with pytest.raises(ValueError, match="found is empty"):
        pictures.losses({})


def test_learning_draws_the_curve_and_a_level_for_each_baseline():
    scores = [(10, 3.0), (20, 2.0), (30, 1.4)]
    ax = pictures.learning(scores, {"4-gram": 1.7, "5-gram": 1.5}).axes[0]
    curve, four, five = ax.lines
    np.testing.assert_array_equal(curve.get_xydata(), scores)
    assert set(four.get_ydata()) == {1.7}
    assert set(five.get_ydata()) == {1.5}
    assert four.get_linestyle() != five.get_linestyle()
    assert [(t.get_text(), t.xy[1]) for t in ax.texts] == [
        ("4-gram", 1.7), ("5-gram", 1.5),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="scores is empty"):
        pictures.learning([], {})


def test_recomputed_hatches_all_without_and_the_new_one_with_cache():
    without, with_cache = pictures.recomputed(3).axes
    cells = []
    for ax in (without, with_cache):
        lit = {
            (round(p.get_y() + 0.45), round(p.get_x() + 0.45))
            for p in ax.patches
            if p.get_hatch() == "//"
            and to_hex(p.get_facecolor()) == style.KEY.lower()
        }
        assert len(ax.patches) == 6
        cells.append(lit)
    assert cells[0] == {(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)}
    assert cells[1] == {(1, 1), (2, 2), (3, 3)}  # step, position
    assert without.get_title("left") == "without cache: 6 computed"
    assert with_cache.get_title("left") == "with cache: 3 computed"
    with pytest.raises(ValueError, match="n_positions is 0"):
        pictures.recomputed(0)


def test_speeds_draws_both_lines_and_their_ratio():
    ax = pictures.speeds([32, 64], [4.0, 9.0], [2.0, 2.0]).axes[0]
    slow, fast = ax.lines
    np.testing.assert_array_equal(slow.get_xydata(), [(32, 4), (64, 9)])
    np.testing.assert_array_equal(fast.get_xydata(), [(32, 2), (64, 2)])
    assert slow.get_label() == "without cache"
    assert slow.get_linestyle() != fast.get_linestyle()
    assert [t.get_text() for t in ax.texts] == ["2.0x", "4.5x"]
    assert ax.get_ylim()[0] == 0
    with pytest.raises(ValueError, match="2 lengths, 1 uncached, 2"):
        pictures.speeds([32, 64], [4.0], [2.0, 2.0])


def test_repeats_draws_a_dot_for_each_seed_and_sets_people_apart():
    ax = pictures.repeats({"greedy": [0.6, 0.7], "Shakespeare": [0.0]}).axes[0]
    greedy, person = ax.lines
    assert greedy.get_xdata().tolist() == [0.6, 0.7]
    assert greedy.get_ydata().tolist() == [0, 0]
    assert person.get_xdata().tolist() == [0.0]
    assert person.get_marker() != greedy.get_marker()
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "greedy", "Shakespeare",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="found is empty"):
        pictures.repeats({})
