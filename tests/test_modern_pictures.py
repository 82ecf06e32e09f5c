"""Chapter 16's pictures: they draw the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from transformer_course.plotting import modern as pictures
from transformer_course.plotting import style


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_turning_draws_both_arrows_and_their_product():
    figure = pictures.turning(
        [("same place", [2, 1], [3, 0], 6.0), ("one on", [-1, 2], [3, 0], -3)]
    )
    first, second = figure.axes
    tips = [t.xy for t in first.texts if t.get_text() in ("q", "k")]
    assert tips == [(2.0, 1.0), (3.0, 0.0)]
    colors = [t.get_color() for t in first.texts if t.get_text()]
    assert colors == [style.QUERY, style.KEY]
    assert first.get_xlabel() == "q · k = 6"
    assert second.get_xlabel() == "q · k = -3"
    assert first.get_xlim() == second.get_xlim() == (-3.6, 3.6)
    with pytest.raises(ValueError, match="places is empty"):
        pictures.turning([])


def test_reach_draws_each_seed_and_the_mean():
    seeds = [{"24": 1.0, "48": 0.5}, {"24": 0.8, "48": 0.1}]
    figure = pictures.reach(
        {"back": {"rotary": seeds, "alibi": seeds[:1]}},
        trained=24,
        chance={"back": 0.25},
    )
    ax = figure.axes[0]
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(lines["rotary"].get_ydata(), [0.9, 0.3])
    np.testing.assert_allclose(lines["alibi"].get_ydata(), [1.0, 0.5])
    faint = [line.get_ydata() for line in ax.lines if line.get_alpha()]
    np.testing.assert_allclose(faint, [[1, 0.5], [0.8, 0.1], [1, 0.5]])
    assert [24.0, 24.0] in [list(line.get_xdata()) for line in ax.lines]
    assert [0.25, 0.25] in [list(line.get_ydata()) for line in ax.lines]
    names = [t.get_text() for t in figure.legends[0].texts]
    assert names == ["rotary", "alibi"]
    assert list(ax.get_xticks()) == [24, 48]
    with pytest.raises(ValueError, match="tasks is empty"):
        pictures.reach({}, 24, {})


def test_groups_joins_every_query_with_its_keys():
    figure = pictures.groups(4, [4, 2, 1])
    joins = [
        [tuple(line.get_xdata()) for line in ax.lines] for ax in figure.axes
    ]
    assert joins[0] == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert joins[1] == [(0, 0.5), (1, 0.5), (2, 2.5), (3, 2.5)]
    assert joins[2] == [(0, 1.5), (1, 1.5), (2, 1.5), (3, 1.5)]
    words = [[t.get_text() for t in ax.texts] for ax in figure.axes]
    assert [w.count("k v") for w in words] == [4, 2, 1]
    assert [w.count("q") for w in words] == [4, 4, 4]
    with pytest.raises(ValueError, match="3 does not divide n_heads 4"):
        pictures.groups(4, [3])


def test_growth_draws_what_fits_and_marks_what_does_not():
    figure = pictures.growth(
        {
            "512": {
                "written out": [2 * 2**20, 0.004],
                "fused": [2**20, 0.001],
            },
            "1024": {"written out": None, "fused": [2**20, 0.002]},
        },
        limit=3 * 2**20,
    )
    memory, time = figure.axes
    lines = {line.get_label(): line for line in memory.lines}
    assert list(lines["written out"].get_xdata()) == [512]
    assert list(lines["written out"].get_ydata()) == [2]
    assert list(lines["fused"].get_ydata()) == [1, 1]
    assert list(lines["no room"].get_xdata()) == [1024]
    assert list(lines["no room"].get_ydata()) == [3]
    assert [3.0, 3.0] in [list(line.get_ydata()) for line in memory.lines]
    speeds = {line.get_label(): line for line in time.lines}
    np.testing.assert_allclose(speeds["written out"].get_ydata(), [4])
    np.testing.assert_allclose(speeds["fused"].get_ydata(), [1, 2])
    assert memory.get_yscale() == time.get_yscale() == "log"
    assert memory.yaxis.get_major_formatter()(1000) == "1,000"
    with pytest.raises(ValueError, match="measured is empty"):
        pictures.growth({}, 1)


def test_gains_orders_the_arms_and_tells_clear_ones_apart():
    figure = pictures.gains(
        {
            "clear": [0.3, 0.31, 0.29],
            "unclear": [0.1, -0.1, 0.02],
            "worse": [-0.2, -0.21, -0.19],
        },
        "nats",
    )
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "worse", "unclear", "clear",
    ]  # fmt: skip
    means = [bar.lines[0] for bar in ax.containers]
    np.testing.assert_allclose(
        [line.get_xdata()[0] for line in means], [-0.2, 0.02 / 3, 0.3]
    )
    assert [to_hex(line.get_color()) for line in means] == [
        style.WRONG, style.GREY, style.RIGHT,
    ]  # fmt: skip
    assert [line.get_marker() for line in means] == ["D", "o", "D"]
    bars = [bar.lines[2][0].get_segments()[0] for bar in ax.containers]
    np.testing.assert_allclose(
        bars[2][:, 0], [0.3 - 0.02 / 3**0.5, 0.3 + 0.02 / 3**0.5]
    )
    points = [line for line in ax.lines if line.get_marker() == "."]
    np.testing.assert_allclose(points[0].get_xdata(), [-0.2, -0.21, -0.19])
    assert ax.get_xlabel() == "nats"
    with pytest.raises(ValueError, match="lone has 1 seeds"):
        pictures.gains({"lone": [0.1]}, "nats")
