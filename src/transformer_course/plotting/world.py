"""Pictures of Squatch World: twins, the rule of the colours, shortcuts."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from transformer_course.plotting import style
from transformer_course.reporting import show_html
from transformer_course.world import lexicon
from transformer_course.world.baselines import Row
from transformer_course.world.items import Item

_STYLE = """
.tc-twins { border-collapse: collapse; width: 100%; margin: 0 0 1rem; }
.tc-twins th { text-align: left; padding: .8rem .4rem .1rem; }
.tc-twins td { padding: .25rem .4rem; vertical-align: top; text-align: left; }
.tc-twins td.tc-answer { white-space: nowrap; font-weight: 600; }
.tc-twins td.tc-long { white-space: normal; }
.tc-twins tr.tc-second td { border-bottom: 1px solid #8884; }
.tc-twins mark { background: none; color: inherit; font-weight: 700;
  border-bottom: 2px solid #d55e00; padding: 0; }
.tc-twins span.tc-part + span.tc-part::before { content: "| ";
  color: #767676; }
"""


def _changed(words: Sequence[str], twin: Sequence[str]) -> list[bool]:
    """Say which words the twin does not have at the matching place."""
    if len(words) == len(twin):
        differ = [a != b for a, b in zip(words, twin, strict=True)]
        if sum(differ) <= 4:
            return differ
    changed = [True] * len(words)
    matcher = SequenceMatcher(None, list(words), list(twin), autojunk=False)
    for block in matcher.get_matching_blocks():
        changed[block.a : block.a + block.size] = [False] * block.size
    return changed


def _marked(item: Item, twin: Item) -> str:
    """Write an item's words with the changed ones marked, part by part."""
    changed = _changed(item.words, twin.words)
    written = [
        f"<mark>{html.escape(word)}</mark>" if new else html.escape(word)
        for word, new in zip(item.words, changed, strict=True)
    ]
    ends = np.cumsum([0, *map(len, item.segments.values())])
    return " ".join(
        f'<span class="tc-part">{" ".join(written[i:j])}</span>'
        for i, j in pairwise(ends)
    )


def show_twins(pairs: Mapping[str, tuple[Item, Item]]) -> None:
    """Show twin pairs under each other, with what differs underlined.

    Args:
        pairs: For each task's name an item and its twin.
    """
    rows, told = [], []
    for task, (item, twin) in pairs.items():
        rows.append(f'<tr><th colspan="2">{html.escape(task)}</th></tr>')
        for one, other, place in (
            (item, twin, "tc-first"), (twin, item, "tc-second"),
        ):  # fmt: skip
            long = " tc-long" if len(one.answer) > 14 else ""
            rows.append(
                f'<tr class="{place}"><td>{_marked(one, other)}</td>'
                f'<td class="tc-answer{long}">→ {html.escape(one.answer)}'
                "</td></tr>"
            )
            told.append(f"{task}: {one.text} -> {one.answer}")
    show_html(
        f'<style>{_STYLE}</style><table class="tc-twins">'
        f"<tbody>{''.join(rows)}</tbody></table>",
        "\n".join(told),
    )


def held_out_pairs() -> Figure:
    """Draw which colours of nouns and predicates go together in which split.

    Returns:
        The figure: a square for each of the 25 pairs of colours.
    """
    size = range(lexicon.N_COLOURS)
    splits = [
        [
            next(
                split
                for split in lexicon.SPLITS
                if noun in lexicon.noun_colours(predicate, split)
            )
            for noun in size
        ]
        for predicate in size
    ]
    codes = [[lexicon.SPLITS.index(split) for split in row] for row in splits]
    figure, axes = style.panels(height=3.6)
    ax = axes[0, 0]
    colors = ListedColormap(["white", style.PALE, style.ORANGE])
    ax.imshow(codes, cmap=colors, vmin=0, vmax=2, aspect="auto")
    for (i, j), code in np.ndenumerate(np.array(codes)):
        ax.text(
            j, i, ("train", "valid.", "TEST")[code], ha="center", va="center",
            fontweight="bold" if code == 2 else "normal", color=style.BLACK,
        )  # fmt: skip
    ax.set_xticks(size, [_example(lexicon.NOUNS, c) for c in size])
    ax.set_yticks(size, [_example(lexicon.VERBS, c) for c in size])
    ax.set_xticks(np.arange(0.5, lexicon.N_COLOURS - 1), minor=True)
    ax.set_yticks(np.arange(0.5, lexicon.N_COLOURS - 1), minor=True)
    ax.grid(False)
    ax.grid(True, which="minor", color=style.GREY)
    ax.tick_params(which="both", length=0)
    ax.set_xlabel("colour of the noun")
    ax.set_ylabel("colour of the predicate")
    return figure


def _example(table: Mapping[str, object], colour: int) -> str:
    names = [name for name in table if lexicon.colour(name) == colour]
    return f"{colour}: {names[0]}, ..."


def shortcuts(tables: Mapping[str, Sequence[Row]]) -> Figure:
    """Draw how far each baseline of each task is from chance.

    Args:
        tables: For each task the rows of ``baselines.table``.

    Returns:
        The figure: a row for each task, a mark for each baseline; a filled
        square for one that is more than 3 points above chance.
    """
    figure, axes = style.panels(height=0.36 * len(tables) + 1.0)
    ax = axes[0, 0]
    ax.axvspan(-3, 3, color=style.PALE, lw=0)
    ax.axvline(0, color=style.CHANCE, ls="--", lw=1)
    for y, rows in enumerate(tables.values()):
        away = np.array([100 * (row.by_item - row.chance) for row in rows])
        solved = np.abs(away) > 3
        spread = y + np.linspace(-0.32, 0.32, len(rows))
        ax.plot(
            away[~solved], spread[~solved], "o", ls="none", mfc="none",
            color=style.BLUE, ms=5,
        )  # fmt: skip
        ax.plot(
            away[solved], spread[solved], "s", ls="none",
            color=style.VERMILION, ms=4,
        )  # fmt: skip
        if solved.any():
            names = [
                r.baseline for r, s in zip(rows, solved, strict=True) if s
            ]
            ax.annotate(
                ", ".join(names), (away[solved].min(), y),
                xytext=(-8, 0), textcoords="offset points",
                ha="right", va="center", fontsize=9,
            )  # fmt: skip
    ax.set_yticks(range(len(tables)), list(tables))
    ax.invert_yaxis()
    ax.set_xlim(-6, 54)
    ax.set_ylabel("task")
    ax.set_xlabel("points above chance (shaded: within 3)")
    return figure
