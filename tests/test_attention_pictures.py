"""Chapter 5's pictures: they draw the numbers that they are given."""

import html
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import Tensor

from transformer_course.plotting import attention as pictures
from transformer_course.plotting import attention_explorer

WORDS = ["it", "<was>", "good"]


def a_map(seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, 3, generator=generator).softmax(dim=-1)


@pytest.fixture(autouse=True)
def _close_figures() -> object:
    yield
    plt.close("all")


def test_explorer_holds_every_row_in_percent() -> None:
    maps = {"first layer": a_map(1), "second layer": a_map(2)}
    page = attention_explorer.markup(WORDS, maps, start=2)
    data = json.loads(html.unescape(re.search(r'data-maps="(.*?)"', page)[1]))
    assert [entry["name"] for entry in data] == list(maps)
    for entry, grid in zip(data, maps.values(), strict=True):
        expected = 100 * grid.numpy()
        np.testing.assert_allclose(entry["rows"], expected, atol=0.5)


def test_explorer_reads_without_script() -> None:
    grid = a_map(1)
    page = attention_explorer.markup(WORDS, {"only": grid}, start=2)
    body = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.S)
    shares = re.findall(r'class="tc-share">(\d+) %', body)
    assert shares == [str(round(100 * w)) for w in grid[2].tolist()]
    pressed = re.findall(r'aria-pressed="true">(.*?)<', body)
    assert pressed == ["good"]


def test_explorer_escapes_words_and_asks_no_other_host() -> None:
    page = attention_explorer.markup(WORDS, {"only": a_map(1)})
    assert "<was>" not in page
    assert "&lt;was&gt;" in page
    assert not re.search(r"https?:|src=|@import|url\(", page)


def test_explorer_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"'only' has shape \(2, 2\)"):
        attention_explorer.markup(WORDS, {"only": torch.eye(2)})
    with pytest.raises(ValueError, match="start 3 is not from 0 to 2"):
        attention_explorer.markup(WORDS, {"only": a_map(1)}, start=3)


def test_worked_example_writes_every_number() -> None:
    matrices = [torch.full((2, 2), number / 8) for number in range(1, 6)]
    figure = pictures.worked_example(*matrices, ["let's", "go"])
    written = [text.get_text() for ax in figure.axes for text in ax.texts]
    for number, digits in ((0.125, 2), (0.375, 3), (0.5, 3), (0.625, 3)):
        assert written.count(f"{number:.{digits}f}") == 4
    assert written.count("0.2") == 8  # keys and values


def test_dot_products_draws_repeated_words() -> None:
    scores = [("the", 3.0), ("it", 5.0), ("the", 3.0)]
    figure = pictures.dot_products(scores, "it", ("the",))
    bars = figure.axes[0].patches
    assert [bar.get_height() for bar in bars] == [3.0, 5.0, 3.0]
    assert [bool(bar.get_hatch()) for bar in bars] == [False, True, False]


def test_accuracies_draws_shares() -> None:
    table = {"pronoun-typed": {"a": [True, False], "b": [True, True]}}
    figure = pictures.accuracies(table)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [50, 100]
    titles = [figure.axes[0].get_title(loc) for loc in ("left", "center")]
    assert "typed" in titles


def test_scissors_draws_each_reader_under_each_cut() -> None:
    cuts = {"0": {"it": 0.5, "both": 0.6}, "1": {"it": 0.7, "both": 0.8}}
    figure = pictures.scissors(cuts)
    drawn = [
        list(line.get_ydata())
        for line in figure.axes[0].lines
        if line.get_marker() == "o"
    ]
    np.testing.assert_allclose(drawn, [[50, 60], [70, 80]])


def test_rows_of_draws_the_row_of_the_one_who_asks() -> None:
    grid = a_map(3)
    figure = pictures.rows_of({"s": (WORDS, {"first layer": grid})}, "good")
    image = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(image, grid[2:3].numpy())
