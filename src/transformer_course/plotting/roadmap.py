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
    column: int
    row: int

    @property
    def centre(self) -> tuple[float, float]:
        return 2.0 * self.column, 0.46 * self.row


_WIDTH, _HEIGHT = 1.68, 0.3  # inches, as all places here
_ENCODER, _DECODER = 0, 1
_BOXES = {
    "tokens": _Box("tokens", _ENCODER, 0),
    "embeddings": _Box("embeddings", _ENCODER, 1),
    "positions": _Box("+ positions", _ENCODER, 2),
    "attention": _Box("self-attention", _ENCODER, 3),
    "norm": _Box("add & normalize", _ENCODER, 4),
    "feed-forward": _Box("feed-forward", _ENCODER, 5),
    "memory": _Box("memory", _ENCODER, 6),
    "shifted tokens": _Box("tokens so far", _DECODER, 0),
    "decoder embeddings": _Box("embeddings", _DECODER, 1),
    "decoder positions": _Box("+ positions", _DECODER, 2),
    "masked attention": _Box("masked self-attention", _DECODER, 3),
    "cross-attention": _Box("cross-attention", _DECODER, 4),
    "decoder feed-forward": _Box("feed-forward", _DECODER, 5),
    "output": _Box("next-token scores", _DECODER, 6),
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
    "encoder": tuple(k for k, b in _BOXES.items() if b.column == _ENCODER),
    "decoder": tuple(k for k, b in _BOXES.items() if b.column == _DECODER),
    "GPT": tuple(
        k
        for k, b in _BOXES.items()
        if b.column == _DECODER and k != "cross-attention"
    ),
    "everything": tuple(_BOXES),
    "nothing": (),
}


def _draw_box(ax: Axes, box: _Box, lit: bool) -> None:
    edge = style.ENCODER if box.column == _ENCODER else style.DECODER
    x, y = box.centre
    ax.add_patch(
        FancyBboxPatch(
            (x - _WIDTH / 2, y - _HEIGHT / 2), _WIDTH, _HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=style.HIGHLIGHT if lit else "white",
            edgecolor=style.BLACK if lit else edge,
            linewidth=2.4 if lit else 1.4,
        )
    )  # fmt: skip
    ax.text(
        x, y, box.text, ha="center", va="center", fontsize=8.8,
        fontweight="bold" if lit else "normal", color=style.BLACK,
    )  # fmt: skip


def transformer(part: str) -> Figure:
    """Draw the Transformer, from the bottom up, with one part lit.

    Encoder on the left, decoder on the right; the arrow between them carries
    the memory. The drawing is as wide as a phone, so that its letters keep
    their size there.

    Args:
        part: What the chapter is about: ``"tokens"``, ``"embeddings"``,
            ``"positions"``, ``"attention"``, ``"multi-head"``, ``"mask"``,
            ``"norm"``, ``"feed-forward"``, ``"block"``, ``"encoder"``,
            ``"decoder"``, ``"GPT"``, ``"everything"`` or ``"nothing"``.

    Returns:
        The figure.

    Raises:
        ValueError: ``part`` is none of these.
    """
    if part not in _TOGETHER:
        known = ", ".join(_TOGETHER)
        raise ValueError(f"part {part!r} is none of: {known}")
    figure, ax = plt.subplots(figsize=(3.8, 3.6))
    for name, box in _BOXES.items():
        _draw_box(ax, box, name in _TOGETHER[part])
        if box.row:
            x, y = box.centre
            style.connect(
                ax, (x, y - 0.46 + _HEIGHT / 2), (x, y - _HEIGHT / 2)
            )
    (left, top), (right, row) = (
        _BOXES[name].centre for name in ("memory", "cross-attention")
    )
    ax.plot(
        [left + _WIDTH / 2, 1.0, 1.0], [top, top, row],
        color=style.GREY, linestyle="-", linewidth=1,
    )  # fmt: skip
    style.connect(ax, (1.0, row), (right - _WIDTH / 2, row))
    ax.set_xlim(-0.9, 2.9)
    ax.set_ylim(-0.55, 3.0)
    ax.set_aspect("equal")
    for column, name in enumerate(("encoder", "decoder")):
        ax.text(
            2.0 * column, -0.42, name, ha="center", va="center",
            fontsize=9.5, fontstyle="italic",
        )  # fmt: skip
    ax.axis("off")
    return figure
