"""Pictures of positional encodings: moved words, clock hands, maps, scores."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from transformer_course.plotting import style
from transformer_course.reporting import show_html

_HERE, _THERE = style.BLUE, style.VERMILION


def moved_word(
    name: str, word: Tensor, places: Mapping[str, Tensor]
) -> Figure:
    """Draw a word's vector and where each place's vector carries it.

    Args:
        name: The word.
        word: Its embedding, float (2,).
        places: For each place's name its encoding, float (2,).

    Returns:
        The figure: solid arrows are words, dotted ones positions.
    """
    figure, axes = style.panels(height=3.7)
    ax = axes[0, 0]
    style.arrow(ax, word, name, style.BLACK)
    colors = (_THERE, _HERE)
    for (place, vector), color in zip(places.items(), colors, strict=True):
        style.arrow(ax, word + vector, f"{name}, {place}", color)
        ax.annotate(
            "", xy=tuple((word + vector).tolist()),
            xytext=tuple(word.tolist()),
            arrowprops={
                "arrowstyle": "->", "color": style.GREY, "linestyle": ":",
                "lw": 1.4,
            },
        )  # fmt: skip
        middle = (word + vector / 2).tolist()
        ax.annotate(
            f"+ {place}", xy=(middle[0], middle[1]), xytext=(7, 0),
            textcoords="offset points", color=style.GREY, fontsize=9.5,
        )  # fmt: skip
    ax.axhline(0, color=style.GREY, lw=0.8, linestyle="-")
    ax.set_xlim(0, 2.6)
    ax.set_ylim(-0.45, 1.45)
    ax.set_aspect("equal")
    ax.set_xlabel("dimension 0")
    ax.set_ylabel("dimension 1")
    return figure


def waves_and_map(waves: Tensor, table: Tensor, n_pairs: int = 3) -> Figure:
    """Draw the columns of a table as waves, and a table as a map.

    Args:
        waves: Float (n_positions, d_model): the sine columns of its first
            pairs become waves.
        table: Float (n_positions, d_model), drawn whole.
        n_pairs: How many pairs become waves.

    Returns:
        The figure: waves on the left, the map on the right.
    """
    figure, axes = style.panels(columns=2, height=3.6)
    left, right = axes[0]
    for i in range(n_pairs):
        left.plot(
            waves[:, 2 * i], color=style.CYCLE[i], linestyle=style.DASHES[i],
            label=f"column {2 * i} (pair {i})",
        )  # fmt: skip
    left.set_xlabel("position")
    left.set_ylabel("value")
    left.set_ylim(-1.1, 1.1)
    left.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9,
        labelspacing=0.2,
    )  # fmt: skip
    image = style.heatmap(right, table, signed=True, limit=1.0)
    right.set_xlabel("dimension (column)")
    right.set_ylabel("position (row)")
    bar = figure.colorbar(image, ax=right, ticks=[-1, 0, 1])
    bar.set_label("value")
    return figure


def products_by_offset(
    table: Tensor, anchors: Sequence[int], reach: int
) -> Figure:
    """Draw row p times row p + k against the offset k, for several p.

    Args:
        table: Float (n_positions, d_model).
        anchors: The positions p, each at least ``reach`` from both ends.
        reach: Largest offset to either side.

    Returns:
        The figure: one curve a position, in full; where they coincide, each
        shows only its own markers.
    """
    figure, axes = style.panels(height=3.2)
    ax = axes[0, 0]
    offsets = np.arange(-reach, reach + 1)
    for n, p in enumerate(anchors):
        products = table[p + offsets] @ table[p]
        ax.plot(
            offsets, products, color=style.CYCLE[n],
            linestyle=style.DASHES[n], marker=style.MARKERS[n],
            markevery=(4 * n, 4 * len(anchors)), markersize=8,
            label=f"from position p = {p}",
        )  # fmt: skip
    ax.set_xlabel("offset k")
    ax.set_ylabel("row p · row p + k")
    ax.legend()
    return figure


def scores(
    arms: Mapping[str, Sequence[tuple[float, float]]],
) -> Figure:
    """Draw item and pair accuracy of every model and seed beside chance.

    Args:
        arms: For each model's name the (item, pair) accuracy of each seed,
            from 0 to 1.

    Returns:
        The figure: one row a model; squares by item, dots by pair.
    """
    figure, axes = style.panels(height=0.75 + 0.5 * len(arms))
    ax = axes[0, 0]
    names = list(arms)
    for row, name in enumerate(names):
        items, pairs = np.asarray(arms[name]).T * 100
        spread = np.linspace(-0.08, 0.08, len(items))
        ax.plot(
            items, row - 0.15 + spread, "s", markerfacecolor="white",
            color=style.BLUE, label="by item" if row == 0 else None,
        )  # fmt: skip
        ax.plot(
            pairs, row + 0.15 + spread, "o", color=style.VERMILION,
            label="by pair" if row == 0 else None,
        )  # fmt: skip
    ax.axvline(
        50, color=style.CHANCE, linestyle="--", lw=1.4,
        label="a coin, by item",
    )  # fmt: skip
    ax.axvline(
        25, color=style.CHANCE, linestyle=":", lw=1.4,
        label="a coin, by pair",
    )  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(-4, 104)
    ax.set_xlabel("held-out accuracy, percent")
    figure.legend(loc="outside upper right", ncols=4, fontsize=9.5)
    return figure


def swaps_noticed(rates: Mapping[str, Sequence[float]]) -> Figure:
    """Draw how often a swap of two neighbours is noticed, by its place.

    Args:
        rates: For each model's name, the share of swaps noticed at each
            place, from 0 to 1.

    Returns:
        The figure: a line a model, and a coin's 50 percent.
    """
    figure, axes = style.panels(height=3.0)
    ax = axes[0, 0]
    n_places = 0
    for n, (name, by_place) in enumerate(rates.items()):
        n_places = len(by_place)
        ax.plot(
            range(n_places), 100 * np.asarray(by_place), label=name,
            color=style.CYCLE[n], linestyle=style.DASHES[n],
            marker=style.MARKERS[n],
        )  # fmt: skip
    ax.axhline(50, color=style.CHANCE, linestyle="--", lw=1.4, label="a coin")
    names = [f"{i + 1} and {i + 2}" for i in range(n_places)]
    ax.set_xticks(range(n_places), names)
    ax.set_xlabel("which words have changed places")
    ax.set_ylabel("swaps noticed, percent")
    ax.legend(loc="upper center", fontsize=9.5)
    return figure


_STYLE = """
.tc-clocks {
  --tc-ink: var(--pst-color-text-base, var(--jp-ui-font-color1, #1f2328));
  --tc-back: var(--pst-color-background, var(--jp-layout-color1, #fff));
  --tc-line: var(--pst-color-text-muted, var(--jp-ui-font-color2, #48566b));
  color: var(--tc-ink); background: var(--tc-back); font-size: 0.95rem;
  border: 1px solid var(--tc-line); border-radius: 0.4rem; padding: 0.7rem;
}
.text_html:has(> .tc-clocks) {
  background: none !important; padding: 0 !important;
}
.tc-clocks .tc-faces {
  display: grid; gap: 0.6rem; margin: 0.6rem 0;
  grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr));
}
.tc-clocks .tc-face { text-align: center; line-height: 1.35; }
.tc-clocks .tc-face svg { width: 100%; max-width: 8.5rem; height: auto; }
.tc-clocks .tc-face small { display: block; font-size: 0.85rem; }
.tc-clocks .tc-rim {
  fill: none; stroke: var(--tc-line); stroke-width: 1.5;
}
.tc-clocks .tc-hand { stroke-width: 4; stroke-linecap: round; }
.tc-clocks .tc-here { stroke: var(--tc-here); }
.tc-clocks .tc-there { stroke: var(--tc-there); stroke-dasharray: 7 5; }
.tc-clocks .tc-row {
  display: grid; grid-template-columns: minmax(7.5rem, auto) 1fr 2.5rem;
  gap: 0.6rem; align-items: center;
}
.tc-clocks input[type="range"] {
  width: 100%; min-height: 2.75rem; margin: 0; accent-color: var(--tc-here);
}
.tc-clocks output { text-align: right; font-variant-numeric: tabular-nums; }
.tc-clocks .tc-key { display: inline-block; width: 2rem; height: 0;
  border-top: 4px solid var(--tc-here); vertical-align: middle; }
.tc-clocks .tc-key.tc-far { border-top: 4px dashed var(--tc-there); }
.tc-clocks :focus-visible {
  outline: 3px solid var(--tc-here); outline-offset: 2px;
}
"""

# The hands are drawn from the table's own numbers: x is the sine column, y
# the cosine column, so that time runs clockwise from twelve.
_SCRIPT = """
(() => {
  const root = document.currentScript.closest(".tc-clocks");
  if (!root || root.classList.contains("tc-live")) return;
  const table = JSON.parse(root.dataset.table);
  const [place, offset] = root.querySelectorAll("input");
  const [placeOut, offsetOut] = root.querySelectorAll("output");
  const faces = [...root.querySelectorAll(".tc-face")];
  const show = () => {
    const p = Number(place.value), k = Number(offset.value), spoken = [];
    placeOut.textContent = p;
    offsetOut.textContent = k;
    faces.forEach((face, i) => {
      const [here, there] = face.querySelectorAll("line");
      const [x, y] = table[p].slice(2 * i, 2 * i + 2);
      const [u, v] = table[p + k].slice(2 * i, 2 * i + 2);
      here.setAttribute("x2", 42 * x);
      here.setAttribute("y2", -42 * y);
      there.setAttribute("x2", 42 * u);
      there.setAttribute("y2", -42 * v);
      const turn = Math.atan2(u * y - v * x, u * x + v * y) * 180 / Math.PI;
      const [values, angle] = face.querySelectorAll(".tc-live-text");
      values.textContent = `${x.toFixed(2)}, ${y.toFixed(2)}`;
      angle.textContent = `${((turn + 720) % 360).toFixed(1)}°`;
      spoken.push(angle.textContent);
    });
    const angles = `angles ${spoken.join(", ")}`;
    place.setAttribute("aria-valuetext", `${p}, ${angles}`);
    offset.setAttribute("aria-valuetext", `${k}, ${angles}`);
  };
  place.oninput = offset.oninput = show;
  root.addEventListener("keydown", (e) => e.stopPropagation());
  root.classList.add("tc-live");
  show();
})();
"""


def _face(table: Tensor, i: int, p: int, k: int) -> str:
    x, y = table[p, 2 * i : 2 * i + 2].tolist()
    u, v = table[p + k, 2 * i : 2 * i + 2].tolist()
    turn = math.degrees(math.atan2(u * y - v * x, u * x + v * y)) % 360
    return (
        '<div class="tc-face">'
        f"<strong>pair {i}</strong>"
        '<svg viewBox="-50 -50 100 100" aria-hidden="true">'
        '<circle class="tc-rim" r="46"/>'
        '<path class="tc-rim" d="M0-46v6M46 0h-6M0 46v-6M-46 0h6"/>'
        f'<line class="tc-hand tc-here" x2="{42 * x:.2f}" y2="{-42 * y:.2f}"/>'
        '<line class="tc-hand tc-there" '
        f'x2="{42 * u:.2f}" y2="{-42 * v:.2f}"/></svg>'
        "<small>sine, cosine at p:</small>"
        f'<small class="tc-live-text">{x:.2f}, {y:.2f}</small>'
        "<small>angle to p + k:</small>"
        f'<strong class="tc-live-text">{turn:.1f}°</strong></div>'
    )


def _slider(name: str, label: str, key: str, value: int, largest: int) -> str:
    return (
        f'<label class="tc-row"><span><span class="{key}"></span> {label}'
        f'</span><input type="range" aria-label="{name}" min="0" '
        f'max="{largest}" value="{value}"><output>{value}</output></label>'
    )


def clocks_markup(
    table: Tensor, place: int = 2, offset: int = 3, reach: int = 30
) -> str:
    """Lay out one clock a pair, with sliders for position and offset.

    Args:
        table: Float (n_positions, d_model), d_model even.
        place: Position that shows first.
        offset: Offset that shows first.
        reach: Largest offset; positions run to n_positions - 1 - reach.

    Returns:
        HTML that needs nothing from outside itself.

    Raises:
        ValueError: ``place`` or ``offset`` leaves its slider.
    """
    last = table.size(0) - 1 - reach
    if not (0 <= place <= last and 0 <= offset <= reach):
        raise ValueError(
            f"place {place} and offset {offset} are not within 0 to {last} "
            f"and 0 to {reach}"
        )
    rows = json.dumps([[round(v, 5) for v in row] for row in table.tolist()])
    n_pairs = table.size(1) // 2
    faces = "".join(_face(table, i, place, offset) for i in range(n_pairs))
    return (
        '<div class="tc-clocks" role="group" '
        'aria-label="A clock for every pair of dimensions" '
        f'style="--tc-here: {_HERE}; --tc-there: {_THERE}" '
        f'data-lm-suppress-shortcuts="true" data-table="{html.escape(rows)}">'
        f"<style>{_STYLE}</style>"
        + _slider("position p", "position p", "tc-key", place, last)
        + _slider("offset k", "offset k", "tc-key tc-far", offset, reach)
        + f'<div class="tc-faces">{faces}</div>'
        f"<script>{_SCRIPT}</script></div>"
    )


def clocks(table: Tensor, description: str) -> None:
    """Show one clock a pair, which the reader turns with two sliders.

    Args:
        table: Float (n_positions, d_model), d_model even.
        description: What a reader who cannot see it should know.
    """
    show_html(clocks_markup(table), description)
