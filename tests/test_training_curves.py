"""The curves of a training show what the history holds."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from transformer_course.plotting import training_curves
from transformer_course.training import History


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def trained(**changes) -> History:
    whole = {
        "losses": [4.0, 2.0, 3.0, 1.0],
        "learning_rates": [0.1, 0.2, 0.2, 0.1],
        "gradient_norms": [5.0, 6.0, 7.0, 8.0],
        "scores": [(2, 0.5), (4, 0.75)],
        "best_step": 4,
    }
    return History(**(whole | changes))


def lines(ax):
    return [np.asarray(line.get_xydata()).tolist() for line in ax.lines]


def test_every_curve_is_drawn_at_its_step():
    figure = training_curves.history(trained(), "accuracy", smooth=2)
    losses, scores, rates, norms = figure.axes
    raw, mean = lines(losses)
    assert raw == [[1, 4], [2, 2], [3, 3], [4, 1]]
    assert mean == [[2, 3], [3, 2.5], [4, 2]]
    assert lines(scores) == [[[2, 0.5], [4, 0.75]], [[4, 0.75]]]
    assert scores.get_title(loc="left") == "accuracy, best at step 4"
    assert lines(rates) == [[[1, 0.1], [2, 0.2], [3, 0.2], [4, 0.1]]]
    assert lines(norms) == [[[1, 5], [2, 6], [3, 7], [4, 8]]]
    assert {ax.get_xlabel() for ax in figure.axes} == {"step"}


def test_what_was_not_measured_has_no_axes():
    figure = training_curves.history(
        trained(scores=[], best_step=None, gradient_norms=[])
    )
    assert [ax.axison for ax in figure.axes] == [True, False, True, False]


def test_a_mean_is_never_longer_than_the_training():
    figure = training_curves.history(trained(), smooth=99)
    assert lines(figure.axes[0])[1] == [[4, 2.5]]


def test_errors():
    with pytest.raises(ValueError, match="no step"):
        training_curves.history(History())
    with pytest.raises(ValueError, match="smooth is 0"):
        training_curves.history(trained(), smooth=0)
