"""The drawing of the Transformer that opens each chapter, one part lit."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from transformer_course.plotting import style


@dataclass(frozen=True)
class _Box:
    text: str
    x: float
    y: float
    side: str


_BOXES = {
    "tokens": _Box("tokens", 0.0, 0.0, "encoder"),
    "embeddings": _Box("embeddings", 0.0, 1.0, "encoder"),
    "positions": _Box("+\npositions", 0.0, 2.0, "encoder"),
    "attention": _Box("self-\nattention", 0.0, 3.0, "encoder"),
    "norm": _Box("add &\nnormalize", 0.0, 4.0, "encoder"),
    "feed-forward": _Box("feed-\nforward", 0.0, 5.0, "encoder"),
    "memory": _Box("memory", 0.0, 6.0, "encoder"),
    "shifted tokens": _Box("tokens\nso far", 1.0, 0.0, "decoder"),
    "decoder embeddings": _Box("embeddings", 1.0, 1.0, "decoder"),
    "decoder positions": _Box("+\npositions", 1.0, 2.0, "decoder"),
    "masked attention": _Box("masked\nself-\nattention", 1.0, 3.0, "decoder"),
    "cross-attention": _Box("cross-\nattention", 1.0, 4.0, "decoder"),
    "decoder feed-forward": _Box("feed-\nforward", 1.0, 5.0, "decoder"),
    "output": _Box("next-token\nscores", 1.0, 6.0, "decoder"),
}
# Parts that stand on both sides light up together.
_TOGETHER = {
    "tokens": ("tokens", "shifted tokens"),
    "embeddings": ("embeddings", "decoder embeddings"),
    "positions": ("positions", "decoder positions"),
    "attention": ("attention",),
    "multi-head": ("attention", "masked attention", "cross-attention"),
    "mask": ("masked attention",),
    "norm": ("norm",),
    "feed-forward": ("feed-forward", "decoder feed-forward"),
    "block": ("attention", "norm", "feed-forward"),
    "encoder": tuple(k for k, b in _BOXES.items() if b.side == "encoder"),
    "decoder": tuple(k for k, b in _BOXES.items() if b.side == "decoder"),
    "everything": tuple(_BOXES),
    "nothing": (),
}


def _draw_box(ax: Axes, box: _Box, lit: bool) -> None:
    edge = style.ENCODER if box.side == "encoder" else style.DECODER
    ax.add_patch(
        FancyBboxPatch(
            (box.y - 0.41, -box.x - 0.3), 0.82, 0.6,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=style.HIGHLIGHT if lit else "white",
            edgecolor=style.BLACK if lit else edge,
            linewidth=2.4 if lit else 1.4,
        )
    )  # fmt: skip
    ax.text(
        box.y, -box.x, box.text, ha="center",
        va="center", fontsize=7.4, fontweight="bold" if lit else "normal",
        color=style.BLACK,
    )  # fmt: skip


def transformer(part: str) -> Figure:
    """Draw the Transformer, left to right, with one part lit.

    Encoder above, decoder below; the arrow between them carries the memory.

    Args:
        part: What the chapter is about: ``"tokens"``, ``"embeddings"``,
            ``"positions"``, ``"attention"``, ``"multi-head"``, ``"mask"``,
            ``"norm"``, ``"feed-forward"``, ``"block"``, ``"encoder"``,
            ``"decoder"``, ``"everything"`` or ``"nothing"``.

    Returns:
        The figure.

    Raises:
        ValueError: ``part`` is none of these.
    """
    if part not in _TOGETHER:
        known = ", ".join(_TOGETHER)
        raise ValueError(f"part {part!r} is none of: {known}")
    figure, ax = plt.subplots(figsize=(style.WIDTH, 2.1))
    for name, box in _BOXES.items():
        _draw_box(ax, box, name in _TOGETHER[part])
        if box.y:
            _connect(ax, (box.y - 0.59, -box.x), (box.y - 0.41, -box.x))
    memory, cross = _BOXES["memory"], _BOXES["cross-attention"]
    _connect(
        ax, (memory.y - 0.2, -0.3), (cross.y + 0.15, -cross.x + 0.3),
        curve="arc3,rad=-0.12",
    )  # fmt: skip
    ax.set_xlim(-1.05, 6.5)
    ax.set_ylim(-1.45, 0.45)
    ax.text(-0.52, 0, "encoder", ha="right", va="center", fontsize=8.5)
    ax.text(-0.52, -1, "decoder", ha="right", va="center", fontsize=8.5)
    ax.axis("off")
    return figure


def _connect(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    curve: str = "arc3",
) -> None:
    ax.annotate(
        "", xy=end, xytext=start,
        arrowprops={
            "arrowstyle": "->", "color": style.GREY, "connectionstyle": curve,
        },
    )  # fmt: skip
