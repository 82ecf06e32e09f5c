"""Chapter 4's pictures: what they draw is what the table holds."""

import json
import re
from html import unescape

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from transformer_course.plotting import positions as pictures
from transformer_course.positions import sinusoidal_positions

TABLE = sinusoidal_positions(41, 6)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def angles(markup: str) -> list[str]:
    return re.findall(r'<strong class="tc-live-text">([\d.]+)°', markup)


def test_clocks_carry_the_table_and_one_face_a_pair():
    markup = pictures.clocks_markup(TABLE, reach=11)
    found = re.search(r'data-table="([^"]+)"', markup)
    assert found is not None
    rows = torch.tensor(json.loads(unescape(found[1])))
    torch.testing.assert_close(rows, TABLE, rtol=0, atol=6e-6)
    assert markup.count('class="tc-face"') == 3
    assert 'max="29"' in markup  # 41 rows, less the reach of 11, from 0
    assert "http" not in markup


def test_angle_on_a_clock_depends_on_the_offset_alone():
    shown = [
        angles(pictures.clocks_markup(TABLE, place=p, offset=5, reach=11))
        for p in (0, 7, 29)
    ]
    degrees = 5 * 180 / np.pi * 10000.0 ** (-np.arange(3) / 3)
    assert shown[0] == [f"{d % 360:.1f}" for d in degrees]
    assert shown[0] == shown[1] == shown[2]
    other = angles(pictures.clocks_markup(TABLE, place=7, offset=6, reach=11))
    assert other != shown[0]


@pytest.mark.parametrize(("place", "offset"), [(30, 0), (-1, 0), (0, 12)])
def test_clocks_refuse_what_their_sliders_cannot_show(place, offset):
    with pytest.raises(ValueError, match="0 to 29 and 0 to 11"):
        pictures.clocks_markup(TABLE, place=place, offset=offset, reach=11)


def test_curves_of_all_anchors_coincide():
    figure = pictures.products_by_offset(TABLE, (13, 17, 23), reach=13)
    curves = [line.get_ydata() for line in figure.axes[0].get_lines()]
    assert len(curves) == 3
    assert len(curves[0]) == 27
    np.testing.assert_allclose(curves[1], curves[0], atol=1e-5)
    np.testing.assert_allclose(curves[2], curves[0], atol=1e-5)


def test_scores_stand_at_their_percentages_beside_both_coins():
    figure = pictures.scores({"a": [(0.5, 0.0), (0.75, 0.5)], "b": [(1, 1)]})
    lines = figure.axes[0].get_lines()
    xs = [np.asarray(line.get_xdata(), dtype=float).tolist() for line in lines]
    assert xs[:4] == [[50, 75], [0, 50], [100], [100]]
    assert [x[0] for x in xs[4:]] == [50, 25]


def test_swaps_are_named_by_the_words_that_changed_places():
    figure = pictures.swaps_noticed({"one": [0.75, 0.5, 0.25]})
    ax = figure.axes[0]
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["1 and 2", "2 and 3", "3 and 4"]
    assert ax.get_lines()[0].get_ydata().tolist() == [75, 50, 25]


def test_moved_word_ends_where_word_and_place_add_up():
    word = torch.tensor([0.9, 0.2])
    places = {"third": TABLE[2, :2], "first": TABLE[0, :2]}
    figure = pictures.moved_word("pizza", word, places)
    ends = {
        text.get_text(): text.xy
        for text in figure.axes[0].texts
        if text.get_text()
    }
    assert ends["pizza, first"] == pytest.approx((0.9, 1.2))
    assert ends["pizza, third"] == pytest.approx((1.8093, -0.2161), abs=1e-4)


def test_map_has_positions_down_and_dimensions_across():
    figure = pictures.waves_and_map(TABLE, sinusoidal_positions(7, 4))
    image = figure.axes[1].get_images()[0].get_array()
    assert image.shape == (7, 4)
    waves = [line.get_ydata() for line in figure.axes[0].get_lines()]
    np.testing.assert_allclose(np.stack(waves), TABLE[:, ::2].T)
