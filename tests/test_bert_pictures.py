"""Chapter 13's pictures: what they draw is what was read and measured."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from transformer_course.plotting import bert as pictures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def boxes(ax) -> list[Rectangle]:
    return [p for p in ax.patches if isinstance(p, Rectangle)]


def test_inputs_have_a_token_a_segment_and_a_position_in_each_column():
    tokens = ["[CLS]", "owl", "[SEP]", "it", "[SEP]"]
    (ax,) = pictures.inputs(tokens, [0, 0, 0, 1, 1]).axes
    cells = {
        (round(t.get_position()[1]), int(t.get_position()[0])): t.get_text()
        for t in ax.texts
        if t.get_position()[0] > 0
    }
    for column, (token, part) in enumerate(zip(tokens, "AAABB", strict=True)):
        assert cells[0, column] == token
        assert cells[1, column] == part
        assert cells[2, column] == str(column)
    hatched = {int(b.get_x()) for b in boxes(ax) if b.get_hatch()}
    assert hatched == {3, 4}
    assert len(boxes(ax)) == 15
    names = [t.get_text() for t in ax.texts if t.get_position()[0] < 0]
    assert sorted(names) == ["+", "+", "position", "segment", "token"]


def test_inputs_refuse_a_token_without_segment():
    with pytest.raises(ValueError, match="2 tokens came with 1 segments"):
        pictures.inputs(["a", "b"], [0])


def test_arms_have_a_dot_a_training_and_a_row_an_arm():
    panels = {
        "easy": {"one": [0.5, 0.7], "two": [0.9]},
        "hard": {"one": [0.1, 0.2]},
    }
    figure = pictures.arms(panels, "right, %", line=0.6, span=(0.0, 1.0))
    easy, hard = figure.axes
    rows, dashed = easy.get_lines()[:2], easy.get_lines()[2]
    np.testing.assert_allclose(rows[0].get_xdata(), [50, 70])
    np.testing.assert_allclose(rows[1].get_xdata(), [90])
    assert rows[0].get_marker() != rows[1].get_marker()
    assert rows[0].get_color() != rows[1].get_color()
    assert np.allclose(np.round(rows[0].get_ydata()), 0)
    assert np.allclose(rows[1].get_ydata(), 1)
    assert dashed.get_xdata()[0] == 60
    assert [t.get_text() for t in easy.get_yticklabels()] == ["one", "two"]
    assert easy.get_title(loc="left") == "easy"
    assert hard.get_xlabel() == "right, %"
    np.testing.assert_allclose(hard.get_lines()[0].get_xdata(), [10, 20])
    low, high = hard.get_xlim()
    assert low < 0 < 100 < high


def test_arms_draw_no_line_that_was_not_asked_for():
    (ax,) = pictures.arms({"": {"one": [0.5]}}, "%").axes
    assert len(ax.get_lines()) == 1


def test_pointers_frame_the_true_places():
    words = ["the", "owl", "ran"]
    start, end = [0.1, 0.7, 0.2], [0.0, 0.1, 0.9]
    figure = pictures.pointers(words, start, end, (1, 2))
    above, below = figure.axes
    for ax, chances, place in ((above, start, 1), (below, end, 2)):
        drawn = np.asarray(ax.get_images()[0].get_array())
        np.testing.assert_allclose(drawn, [chances])
        (frame,) = boxes(ax)
        assert frame.get_x() == place - 0.5
        assert not frame.get_fill()
    assert [t.get_text() for t in below.get_xticklabels()] == words
    assert [t.get_text() for t in above.get_yticklabels()] == ["start"]


def test_likeness_writes_every_cosine_beside_its_sentence():
    grid = np.array([[1.0, 0.25], [0.25, 1.0]])
    (ax,) = pictures.likeness(grid, ["An owl ran.", "It was hungry."]).axes
    texts = [t.get_text() for t in ax.texts]
    assert texts == ["1.00", "0.25", "0.25", "1.00"]
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == ["1  An owl ran.", "2  It was hungry."]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2"]
