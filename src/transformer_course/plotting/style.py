"""One visual language for the whole book: colours, sizes, heat maps.

Colours are those of Okabe and Ito (2008), chosen so that readers with the
common colour-vision deficiencies can tell them apart. A colour is never the
only sign: lines also differ in dash, points in marker, bars in hatch, and
each is labelled where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats

BLACK = "#1f2328"
GREY = "#6e7781"
PALE = "#d8dee4"
ORANGE = "#e69f00"
SKY = "#56b4e9"
GREEN = "#009e73"
YELLOW = "#f0e442"
BLUE = "#0072b2"
VERMILION = "#d55e00"
PURPLE = "#cc79a7"

# What a colour means, everywhere in the book.
QUERY = BLUE
KEY = ORANGE
VALUE = GREEN
ENCODER = SKY
DECODER = PURPLE
RIGHT = GREEN
WRONG = VERMILION
CHANCE = GREY
HIGHLIGHT = YELLOW

# For things without a fixed meaning, in this order.
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")

# A map's darkness grows with its weight; zero is white.
SEQUENTIAL = "Blues"
# Values of both signs: zero is white, orange below and purple above.
DIVERGING = "PuOr"

WIDTH = 7.0  # inches: the text column of the site


def use() -> None:
    """Give every following figure the book's style; call it once a chapter.

    Figures are PNG at twice the nominal resolution, on an opaque white card
    that stays legible on a dark page.
    """
    set_matplotlib_formats("retina")
    mpl.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.2),
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.edgecolor": GREY,
            "axes.labelcolor": BLACK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": PALE,
            "grid.linewidth": 0.6,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=list(CYCLE))
            + cycler(linestyle=list(DASHES)),
            "lines.linewidth": 1.8,
            "text.color": BLACK,
            "xtick.color": BLACK,
            "ytick.color": BLACK,
            "legend.frameon": False,
            "hatch.linewidth": 0.6,
        }
    )


def card_css(name: str) -> str:
    """Style the card that holds a picture made of HTML.

    It takes the site's colours where they exist, else JupyterLab's, else the
    page's own, so that the picture is legible on light and dark.

    Args:
        name: Class of the picture's outermost element.

    Returns:
        Style rules; inside the card ``--tc-ink``, ``--tc-back``,
        ``--tc-raised`` and ``--tc-line`` are its colours.
    """
    return f"""
.{name} {{
  --tc-ink: var(--pst-color-text-base, var(--jp-ui-font-color1, #1f2328));
  --tc-back: var(--pst-color-background, var(--jp-layout-color1, #fff));
  --tc-raised: var(--pst-color-surface, var(--jp-layout-color2, #f3f4f5));
  --tc-line: var(--pst-color-text-muted, var(--jp-ui-font-color2, #48566b));
  color: var(--tc-ink); background: var(--tc-back); font-size: 0.95rem;
  border: 1px solid var(--tc-line); border-radius: 0.4rem; padding: 0.7rem;
}}
.text_html:has(> .{name}) {{
  background: none !important; padding: 0 !important;
}}
"""


def panels(
    rows: int = 1, columns: int = 1, height: float = 3.2, **kwargs: Any
) -> tuple[Figure, np.ndarray]:
    """Open a figure as wide as the page with a grid of axes.

    Args:
        rows: Number of rows of axes.
        columns: Number of columns of axes.
        height: Height of the figure in inches.
        kwargs: Passed on to ``plt.subplots``.

    Returns:
        The figure and an object array (rows, columns) of its axes.
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, height), squeeze=False, **kwargs
    )
    return figure, axes


def heatmap(
    ax: Axes,
    values: Any,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    *,
    signed: bool = False,
    limit: float | None = None,
    numbers: str | None = None,
) -> Any:
    """Draw a matrix as coloured squares, with its numbers where they fit.

    Args:
        ax: Where to draw.
        values: Matrix (rows, columns); a tensor without gradient is fine.
        row_labels: One label a row, or none.
        column_labels: One label a column, or none.
        signed: Values of both signs: white at zero, two hues.
        limit: Largest magnitude of the colour scale; the largest of the
            values if not given.
        numbers: Format such as ``".2f"`` for numbers in the squares.

    Returns:
        The image, for a colour bar.

    Raises:
        ValueError: ``values`` is not a finite matrix, or the labels do not
            fit it.
    """
    grid = np.asarray(values, dtype=float)
    if grid.ndim != 2 or not np.isfinite(grid).all():
        raise ValueError(
            f"values must be a finite matrix, came with shape {grid.shape}"
        )
    for labels, size, name in (
        (row_labels, grid.shape[0], "row_labels"),
        (column_labels, grid.shape[1], "column_labels"),
    ):
        if len(labels) not in (0, size):
            raise ValueError(f"{name} has {len(labels)} labels for {size}")
    top = limit or float(np.abs(grid).max()) or 1.0
    image = ax.imshow(
        grid,
        cmap=DIVERGING if signed else SEQUENTIAL,
        vmin=-top if signed else 0.0,
        vmax=top,
        aspect="auto",
    )
    ax.grid(False)
    if len(column_labels):
        ax.set_xticks(range(grid.shape[1]), column_labels)
    if len(row_labels):
        ax.set_yticks(range(grid.shape[0]), row_labels)
    if numbers is not None:
        _write_numbers(ax, image, grid, numbers)
    return image


def _write_numbers(
    ax: Axes, image: Any, grid: np.ndarray, numbers: str
) -> None:
    for (i, j), value in np.ndenumerate(grid):
        ax.text(
            j, i, format(value, numbers), ha="center", va="center",
            color=_ink(image.cmap(image.norm(value))),
        )  # fmt: skip


def _ink(ground: Any) -> str:
    """Choose black or white, whichever has a contrast of 4.5 or more."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in ground[:3]
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.179 else "white"


def arrow(ax: Axes, xy: Any, label: str, color: str, **kwargs: Any) -> None:
    """Draw a vector from the origin with its name at the tip.

    Args:
        ax: Where to draw.
        xy: The vector (2,).
        label: Name at the tip.
        color: Colour of arrow and name.
        kwargs: Passed to the arrow's properties.
    """
    x, y = (float(v) for v in xy)
    ax.annotate(
        "", xy=(x, y), xytext=(0, 0),
        arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2, **kwargs},
    )  # fmt: skip
    ax.annotate(
        label, xy=(x, y), xytext=(4, 4), textcoords="offset points",
        color=color,
    )  # fmt: skip


def connect(
    ax: Axes, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """Join two places of a diagram with a thin grey arrow.

    Args:
        ax: Where to draw.
        start: Where the arrow begins.
        end: Where its head is.
    """
    ax.annotate(
        "", xy=end, xytext=start,
        arrowprops={
            "arrowstyle": "->", "color": GREY, "shrinkA": 0, "shrinkB": 0,
        },
    )  # fmt: skip
