"""Chapter 6's pictures: what they draw is what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from transformer_course.plotting import heads as pictures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_rows_carry_their_weights_and_what_comes_out():
    weights = torch.tensor([[0.5, 0.0, 0.5], [0.25, 0.75, 0.0]])
    figure = pictures.two_rows(
        {
            "a b c": (["a", "b", "c"], weights, [1.0, 1.25]),
            "c b a": (["c", "b", "a"], weights, [1.0, -0.75]),
        },
        ["one", "two"],
    )
    left, right = figure.axes
    assert texts(left)[:6] == ["0.50", "0.00", "0.50", "0.25", "0.75", "0.00"]
    assert texts(left)[6:] == ["→ 1.00", "→ 1.25"]
    assert texts(right)[6:] == ["→ 1.00", "→ -0.75"]
    assert [t.get_text() for t in right.get_xticklabels()] == ["c", "b", "a"]
    assert [t.get_text() for t in left.get_yticklabels()] == ["one", "two"]


def test_reshape_shows_each_entry_in_its_words_colour():
    words = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]])
    right = words.view(3, 2, 2).transpose(0, 1)
    wrong = words.view(2, 3, 2)
    figure = pictures.reshapes(words, right, wrong)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles[1:3] == titles[4:] == ["head 0", "head 1"]
    assert texts(figure.axes[1]) == ["00", "01", "10", "11", "20", "21"]
    assert texts(figure.axes[4]) == ["00", "01", "02", "03", "10", "11"]
    colours = [ax.get_images()[0].get_array() for ax in figure.axes]
    assert colours[1].tolist() == [[0, 0], [1, 1], [2, 2]]
    assert colours[4].tolist() == [[0, 0], [0, 0], [1, 1]]


def test_times_stand_at_their_ratios_with_the_work_as_a_line_at_one():
    sizes = [
        {
            "words": n,
            "written out": {"1": 1, "4": 3},
            "fused": {"1": 1, "4": y},
        }
        for n, y in ((7, 1.5), (11, 2.5))
    ]
    figure = pictures.times(sizes)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "7 words",
        "11 words",
    ]
    written, fused, work = figure.axes[1].get_lines()
    assert list(written.get_ydata()) == [1, 3]
    assert list(fused.get_ydata()) == [1, 2.5]
    assert list(fused.get_xdata()) == [1, 4]
    assert list(work.get_ydata()) == [1, 1]


def test_scores_stand_over_their_number_of_heads():
    figure = pictures.by_heads({"1": [2, 3, 5], "16": [80, 70, 90]})
    ax = figure.axes[0]
    one, sixteen = ax.get_lines()
    assert list(one.get_ydata()) == [2, 3, 5]
    assert list(sixteen.get_ydata()) == [80, 70, 90]
    assert np.round(sixteen.get_xdata()).tolist() == [1, 1, 1]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "16"]


def test_cuts_have_subjects_across_and_objects_up():
    figure = pictures.cuts(
        {"2 heads": [(3, 97), (95, 2)], "4 heads": [(50, 60)]}
    )
    two, four = figure.axes
    (points,) = two.get_lines()
    assert list(points.get_xdata()) == [3, 95]
    assert list(points.get_ydata()) == [97, 2]
    assert "subjects" in two.get_xlabel()
    assert "objects" in two.get_ylabel()
    assert four.get_title(loc="left").startswith("4 heads")


def test_broken_models_are_drawn_without_and_with_padding():
    figure = pictures.broken(
        {"fine": [[99, 98], [97, 96]], "a bug": [[90], [7]]}
    )
    ax = figure.axes[0]
    heights = [list(line.get_ydata()) for line in ax.get_lines()]
    assert heights == [[99, 98], [97, 96], [90], [7]]
    labels = [t.get_text() for t in ax.get_legend().get_texts()]
    assert labels == ["as in training", "more padding"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["fine", "a\nbug"]


def test_maps_have_who_asks_down_and_who_is_asked_across():
    grid = torch.tensor([[0.25, 0.75], [0.0, 1.0]])
    figure = pictures.maps({"head 3": grid, "head 5": grid.T}, ["a", "b"])
    left, right = figure.axes
    np.testing.assert_allclose(left.get_images()[0].get_array(), grid)
    np.testing.assert_allclose(right.get_images()[0].get_array(), grid.T)
    assert left.get_ylabel() == "asks"
    assert left.get_images()[0].get_clim() == (0, 1)


def test_bars_of_the_previous_word_are_percentages_by_head():
    shares = {
        "in order": torch.tensor([0.0, 1.0, 0.5]),
        "shuffled": torch.tensor([0.25, 0.75, 0.5]),
    }
    ax = pictures.previous_word(shares).axes[0]
    order, shuffled = ax.containers
    assert [bar.get_height() for bar in order] == [0, 100, 50]
    assert [bar.get_height() for bar in shuffled] == [25, 75, 50]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(shares)
