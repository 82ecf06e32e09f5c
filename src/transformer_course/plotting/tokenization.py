"""Pictures of texts cut into tokens."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transformer_course.plotting import stepper, style
from transformer_course.reporting import show_html
from transformer_course.tokenization.bpe import Merge, merge_pair
from transformer_course.tokenization.pretokenization import (
    split_pieces,
    to_byte_characters,
)

_CSS = """
.tc-row {
  display: flex; flex-wrap: wrap; gap: 0.3rem; align-items: stretch;
  color: var(--pst-color-text-base, var(--jp-ui-font-color1, #1f2328));
}
.tc-chip {
  display: inline-flex; flex-direction: column; align-items: center;
  border: 1px solid currentColor; border-radius: 0.3rem; line-height: 1.3;
  padding: 0.1rem 0.4rem; font-family: monospace; font-size: 1.05rem;
}
.tc-chip.tc-new {
  background: #f0e442; color: #1f2328; border: 3px solid #1f2328;
  font-weight: bold; padding: 0 0.3rem;
}
.tc-chip small { font-size: 0.75rem; }
.text_html:has(> .tc-row) {
  background: none !important; padding: 0 !important;
}
"""


def chips(
    tokens: Sequence[str],
    ids: Sequence[int] = (),
    new: Collection[int] = (),
) -> str:
    """Write tokens as a row of boxes that wraps where the page ends.

    Args:
        tokens: The tokens, in the visible byte alphabet.
        ids: The id below each token; none if not given.
        new: Places of the tokens to be lit.

    Returns:
        HTML; its style is in ``show_chips`` and ``watch_merges``.

    Raises:
        ValueError: There are ids, but not one a token.
    """
    if len(ids) not in (0, len(tokens)):
        raise ValueError(f"ids has {len(ids)} entries for {len(tokens)}")
    boxes = []
    for place, token in enumerate(tokens):
        below = f"<small>{ids[place]}</small>" if len(ids) else ""
        lit = " tc-new" if place in new else ""
        boxes.append(
            f'<span class="tc-chip{lit}"><span>{html.escape(token)}</span>'
            f"{below}</span>"
        )
    return f'<div class="tc-row">{"".join(boxes)}</div>'


def show_chips(tokens: Sequence[str], ids: Sequence[int]) -> None:
    """Show tokens as a row of boxes with their ids below.

    Args:
        tokens: The tokens, in the visible byte alphabet.
        ids: Their ids.
    """
    words = " ".join(
        f"{token}={i}" for token, i in zip(tokens, ids, strict=True)
    )
    row = chips(tokens, ids)
    show_html(
        row.replace(">", f"><style>{_CSS}</style>", 1), f"tokens: {words}"
    )


def watch_merges(text: str, learned: Sequence[tuple[Merge, int]]) -> None:
    """Show a text grow together, one frame for each merge that touches it.

    Args:
        text: A short text.
        learned: Merges in the order in which they were learned, each with
            its count.
    """
    pieces = [list(to_byte_characters(p)) for p in split_pieces(text)]
    flat = [token for piece in pieces for token in piece]
    frames = [chips(flat)]
    captions = [f"Before the first merge: {len(flat)} tokens"]
    for rank, (pair, count) in enumerate(learned, start=1):
        merged = [merge_pair(piece, pair) for piece in pieces]
        if merged == pieces:
            continue
        pieces = merged
        flat = [token for piece in pieces for token in piece]
        made = pair[0] + pair[1]
        lit = {i for i, token in enumerate(flat) if token == made}
        frames.append(chips(flat, new=lit))
        captions.append(
            f"Merge {rank:,}: {pair[0]} + {pair[1]}, seen {count:,} times. "
            f"Now {len(flat)} token{'s' * (len(flat) > 1)}"
        )
    stepper.show(
        frames,
        f"Merges in “{text}”",
        f"{len(frames)} frames to step through. First: {captions[0]}. "
        f"Last: {captions[-1]}: {' '.join(flat)}",
        captions=captions,
        css=_CSS,
    )


def cuts(rows: Mapping[str, Sequence[str]]) -> Figure:
    """Draw one text cut in several ways, a row for each.

    Args:
        rows: Name of the way to its tokens; the tokens of every row, joined,
            are the same text.

    Returns:
        The figure.

    Raises:
        ValueError: Two rows are not the same text.
    """
    texts = {"".join(tokens) for tokens in rows.values()}
    if len(texts) != 1:
        raise ValueError(f"rows are {len(texts)} different texts, not one")
    figure, axes = style.panels(height=0.55 * len(rows) + 0.3)
    ax: Axes = axes[0, 0]
    for y, tokens in enumerate(rows.values()):
        x = 0
        for i, token in enumerate(tokens):
            ax.add_patch(
                Rectangle(
                    (x + 0.06, y - 0.34), len(token) - 0.12, 0.68,
                    facecolor="#cfe8f7" if i % 2 else "white",
                    edgecolor=style.GREY, linewidth=1,
                )
            )  # fmt: skip
            for j, character in enumerate(token):
                ax.text(
                    x + j + 0.5, y, character, ha="center", va="center",
                    family="monospace", fontsize=12,
                )  # fmt: skip
            x += len(token)
    ax.set_xlim(0, len(next(iter(texts))))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(
        range(len(rows)),
        [f"{name}\n{len(tokens)} tokens" for name, tokens in rows.items()],
        fontsize=9,
    )
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return figure


def growth(
    merges: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    published: tuple[str, int, float],
) -> Figure:
    """Draw how much text a token holds against the number of merges.

    Args:
        merges: Numbers of merges (N,).
        curves: Name of a text to its characters per token (N,).
        published: Name, merges and characters per token of one more point.

    Returns:
        The figure.
    """
    figure, axes = style.panels()
    ax: Axes = axes[0, 0]
    for (name, values), marker in zip(
        curves.items(), style.MARKERS, strict=False
    ):
        ax.plot(merges, values, marker=marker, label=name)
    name, x, y = published
    ax.plot([x], [y], marker="*", markersize=13, linestyle="", label=name)
    ax.set_xscale("log")
    ax.set_xlabel("number of merges")
    ax.set_ylabel("characters per token")
    ax.set_ylim(bottom=1)
    ax.legend()
    return figure


def mistakes(shares: Mapping[str, float]) -> Figure:
    """Draw the share of pieces that each mistake gets wrong.

    Args:
        shares: Name of the mistake to a share from 0 to 1.

    Returns:
        The figure.
    """
    figure, axes = style.panels(height=0.5 * len(shares) + 0.9)
    ax: Axes = axes[0, 0]
    bars = ax.barh(
        list(shares), [100 * share for share in shares.values()],
        color=style.WRONG, hatch="//", edgecolor="white", height=0.6,
    )  # fmt: skip
    ax.bar_label(bars, fmt="%.1f %%", padding=4)
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("pieces of the text that are cut otherwise (%)")
    ax.grid(axis="y", visible=False)
    return figure
