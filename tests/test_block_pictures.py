"""Chapter 9's pictures: what they draw is what was measured."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from transformer_course.plotting import block as pictures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def points(line) -> list[list[float]]:
    return np.asarray(line.get_xydata(), dtype=float).tolist()


def title(ax) -> str:
    return ax.get_title(loc="left") or ax.get_title()


def test_bend_parts_the_points_by_their_answer():
    facts = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    hidden = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [2.0, 1.0]])
    figure = pictures.bend(facts, hidden, torch.tensor([0, 1, 1, 0]))
    before, after = (ax.get_lines() for ax in figure.axes)
    assert points(before[0]) == [[0, 0], [1, 1]]
    assert points(before[1]) == [[0, 1], [1, 0]]
    assert before[0].get_marker() != before[1].get_marker()
    assert points(after[0]) == [[0, 0], [2, 1]]
    assert points(after[1]) == [[1, 0], [1, 0]]
    for h_1, h_2 in points(after[2]):  # the line y = h1 - 2 h2 = 1/2
        assert h_1 - 2 * h_2 == pytest.approx(0.5)


def test_trace_writes_every_number_of_every_step():
    steps = {
        "words": torch.tensor([[2.0, 0.0, 1.0], [0.0, 2.0, 1.25]]),
        "add 1": torch.tensor([[3.0, 1.0, -2.0], [1.0, 3.0, 2.0]]),
    }
    figure = pictures.trace(steps)
    written = [[t.get_text() for t in ax.texts] for ax in figure.axes]
    assert written[0] == ["2", "0", "1", "0", "2", "1.25"]
    assert written[1] == ["3", "1", "-2", "1", "3", "2"]
    titles = [title(ax) for ax in figure.axes[:2]]
    assert titles == ["words", "add"]
    assert [ax.axison for ax in figure.axes] == [True] * 2 + [False] * 6


def test_arms_stand_in_the_same_row_on_every_task_and_in_the_paper():
    measured = {
        "typed": {"attention": [1.0, 0.75], "no norm": [0.5]},
        "look-up": {"attention": [0.25], "no norm": [0.125]},
    }
    figure = pictures.arms(
        measured, {"typed": 0.5, "look-up": 0.125}, {"no norm": 46.1}
    )
    typed, look_up, paper = figure.axes
    labels = [label.get_text() for label in typed.get_yticklabels()]
    assert labels == ["attention", "no norm"]
    assert points(typed.get_lines()[0]) == [[100, 0], [75, 0]]
    assert points(typed.get_lines()[1]) == [[50, -1]]
    assert points(look_up.get_lines()[1]) == [[12.5, -1]]
    assert points(paper.get_lines()[0]) == [[46.1, -1]]
    assert look_up.get_lines()[2].get_xdata()[0] == 12.5  # chance
    assert "paper" in title(paper)
    assert "paper" not in title(typed)
