"""The shared style of the pictures, and the drawing that opens a chapter."""

import inspect
import re
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import FancyBboxPatch

from transformer_course.plotting import basics, roadmap, style


@pytest.fixture(autouse=True)
def _own_settings():
    with mpl.rc_context():
        yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.subplots()[1]


def luminance(color: str) -> float:
    """Relative luminance as in WCAG 2.2."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in to_rgb(color)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_is_legible_on_the_white_card_and_on_highlight():
    for ground in ("white", style.HIGHLIGHT):
        ratio = (luminance(ground) + 0.05) / (luminance(style.BLACK) + 0.05)
        assert ratio > 7


def test_roles_that_meet_in_a_picture_have_different_colours():
    attention = {style.QUERY, style.KEY, style.VALUE}
    assert len(attention) == 3
    assert style.ENCODER != style.DECODER
    assert len({style.RIGHT, style.WRONG, style.CHANCE}) == 3
    assert len(set(style.CYCLE)) == len(style.CYCLE)


def test_colour_is_never_the_only_sign():
    n = len(style.CYCLE)
    assert len({str(dash) for dash in style.DASHES}) == n
    assert len(set(style.MARKERS)) == n


def test_use_sets_an_opaque_white_card_and_a_dash_for_each_colour():
    mpl.rcParams["figure.facecolor"] = "red"
    style.use()
    figure, ax = plt.subplots()
    assert to_hex(figure.get_facecolor()) == "#ffffff"
    assert figure.get_size_inches()[0] == style.WIDTH
    lines = [ax.plot([0, 1], [i, i])[0] for i in range(len(style.CYCLE))]
    assert [line.get_color() for line in lines] == list(style.CYCLE)
    assert len({str(line.get_linestyle()) for line in lines}) >= 4


def test_panels_is_always_a_grid():
    for rows, columns in ((1, 1), (2, 3)):
        figure, axes = style.panels(rows, columns, height=5)
        assert axes.shape == (rows, columns)
        assert tuple(figure.get_size_inches()) == (style.WIDTH, 5)
    _, axes = style.panels(1, 2, sharey=True)
    axes[0, 0].set_ylim(0, 17)
    assert axes[0, 1].get_ylim() == (0, 17)


def test_heatmap_starts_at_zero_and_writes_its_numbers(ax):
    values = torch.tensor([[0.1, 0.9, 0.0], [0.4, 0.2, 0.3]])
    image = style.heatmap(
        ax, values, ["let's", "go"], ["a", "b", "c"], numbers=".1f"
    )
    np.testing.assert_allclose(image.get_array(), values)
    assert image.get_clim() == pytest.approx((0, 0.9))
    texts = [t.get_text() for t in ax.texts]
    assert texts == ["0.1", "0.9", "0.0", "0.4", "0.2", "0.3"]
    assert ax.texts[1].get_color() == "white"
    assert ax.texts[0].get_color() == "black"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["let's", "go"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c"]


def test_heatmap_numbers_stand_out_from_their_squares(ax):
    values = np.linspace(0, 1, 21)[None]
    for signed in (False, True):
        ax.clear()
        image = style.heatmap(ax, values, numbers=".2f", signed=signed)
        for value, text in zip(values[0], ax.texts, strict=True):
            ground = luminance(to_hex(image.cmap(image.norm(value))))
            ink = luminance(text.get_color())
            bright, dark = max(ground, ink), min(ground, ink)
            assert (bright + 0.05) / (dark + 0.05) > 4.5, (signed, value)


def test_signed_heatmap_is_white_at_zero(ax):
    image = style.heatmap(ax, [[-3.0, 1.0]], signed=True)
    assert image.get_clim() == (-3, 3)
    assert np.allclose(image.cmap(image.norm(0.0))[:3], 1, atol=0.05)


def test_heatmap_takes_a_limit_and_a_map_of_zeros(ax):
    assert style.heatmap(ax, [[0.0]]).get_clim() == (0, 1)
    assert style.heatmap(ax, [[0.5]], limit=2).get_clim() == (0, 2)


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        ([1.0, 2.0], (), r"finite matrix, came with shape \(2,\)"),
        ([[float("nan")]], (), "finite matrix"),
        ([[1.0], [2.0]], ("one",), "row_labels has 1 labels for 2"),
    ],
)
def test_heatmap_refuses(ax, values, labels, message):
    with pytest.raises(ValueError, match=message):
        style.heatmap(ax, values, labels)


def test_heatmap_refuses_wrong_column_labels(ax):
    with pytest.raises(ValueError, match="column_labels has 2 labels for 3"):
        style.heatmap(ax, [[1.0, 2.0, 3.0]], (), ("a", "b"))


def test_arrow_goes_from_the_origin_to_the_vector(ax):
    style.arrow(ax, torch.tensor([0.9, 0.2]), "pizza", style.QUERY)
    shaft, name = ax.texts
    assert shaft.xy == pytest.approx((0.9, 0.2))
    assert shaft.xyann == (0, 0)
    assert name.get_text() == "pizza"
    assert name.get_color() == style.QUERY


# The book names every part of the drawing in the docstring.
PARTS = re.findall(r'``"([^"]+)"``', inspect.getdoc(roadmap.transformer) or "")


def lit(figure) -> set[str]:
    (ax,) = figure.axes
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    names = [t.get_text() for t in ax.texts if t.get_text()]
    return {
        name
        for box, name in zip(boxes, names, strict=False)
        if to_hex(box.get_facecolor()) == style.HIGHLIGHT
    }


def test_the_docstring_names_all_parts():
    assert len(PARTS) == len(set(PARTS)) == 14


@pytest.mark.parametrize("part", PARTS)
def test_every_part_draws(part):
    style.use()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = roadmap.transformer(part)
        figure.canvas.draw()
    (ax,) = figure.axes
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    assert len(boxes) == 14
    n_lit = len(lit(figure))
    assert n_lit == 0 if part == "nothing" else n_lit > 0
    bold = {t.get_text() for t in ax.texts if t.get_fontweight() == "bold"}
    assert bold == lit(figure)  # colour is not the only sign


def test_parts_light_what_they_say():
    assert lit(roadmap.transformer("attention")) == {"self-attention"}
    assert lit(roadmap.transformer("mask")) == {"masked self-attention"}
    assert "cross-attention" in lit(roadmap.transformer("decoder"))
    assert "memory" in lit(roadmap.transformer("encoder"))
    assert "memory" not in lit(roadmap.transformer("decoder"))


def test_every_text_of_the_drawing_stays_inside_it():
    style.use()
    figure = roadmap.transformer("everything")
    figure.canvas.draw()
    (ax,) = figure.axes
    canvas = figure.bbox
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    names = [t for t in ax.texts if t.get_text()]
    for text in names:
        extent = text.get_window_extent()
        assert canvas.contains(extent.x0, extent.y0), text.get_text()
        assert canvas.contains(extent.x1, extent.y1), text.get_text()
    for box, text in zip(boxes, names, strict=False):
        inner, outer = text.get_window_extent(), box.get_window_extent()
        assert outer.x0 <= inner.x0, text.get_text()
        assert inner.x1 <= outer.x1, text.get_text()
        assert outer.y0 <= inner.y0, text.get_text()
        assert inner.y1 <= outer.y1, text.get_text()


def test_an_unknown_part_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"part 'atention' is none of: .*mask"
    ):
        roadmap.transformer("atention")


def frames_of(monkeypatch, function, *arguments) -> dict[str, object]:
    """Call a function that steps through frames; return what it shows."""
    seen = {}

    def keep(frames, label, description, **keywords):
        seen.update(keywords, frames=frames, description=description)

    monkeypatch.setattr(basics.stepper, "show", keep)
    function(*arguments)
    return seen


def test_temperatures_draws_a_bar_for_each_share(monkeypatch):
    heats = [0.5, 1.0, 3.0]
    scores = torch.tensor([2.0, 1.0, 0.0])
    shares = torch.stack([torch.softmax(scores / t, dim=0) for t in heats])
    seen = frames_of(
        monkeypatch, basics.temperatures, ["a<b", "c", "d"], heats, shares
    )
    assert seen["start"] == 1
    for frame, row in zip(seen["frames"], shares.tolist(), strict=True):
        widths = [float(w) for w in re.findall(r"width:([\d.]+)%", frame)]
        assert widths == pytest.approx([100 * s for s in row], abs=0.051)
        assert "a&lt;b" in frame
        assert "a<b" not in frame


def test_descent_draws_a_point_for_each_step_inside_the_picture(monkeypatch):
    paths = torch.tensor([[0.0, 1.0, 2.0], [0.0, 6.0, 0.0]]).double()
    seen = frames_of(
        monkeypatch, basics.descent, lambda w: (w - 3) ** 2, [0.1, 1.0], paths
    )
    assert seen["captions"] == [
        "learning rate 0.1: the loss goes from 9.00 to 1.00 in 2 steps",
        "learning rate 1: the loss goes from 9.00 to 9.00 in 2 steps",
    ]
    for frame in seen["frames"]:
        points = re.findall(r'cx="([\d.-]+)" cy="([\d.-]+)"', frame)
        assert len(points) == 3
        assert all(0 < float(x) < 540 for x, _ in points)
        assert all(0 < float(y) < 212 for _, y in points)


def test_overfitting_marks_the_lowest_point_of_the_second_curve():
    figure = basics.overfitting(
        [10, 20, 30], {"training": [3, 2, 1], "validation": [3, 2.5, 2.9]},
        ("chance", 3.3),
    )  # fmt: skip
    figure.canvas.draw()
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert "lowest, step 20" in texts
    assert "chance" in texts


def test_runs_draws_every_seed_and_every_level():
    groups = {"one": [1.0, 1.1, 1.3], "two": [2.0, 2.2]}
    figure = basics.runs(groups, {"chance": 3.0})
    figure.canvas.draw()
    (ax,) = figure.axes
    dots = [
        list(line.get_xdata())
        for line in ax.lines
        if line.get_marker() in style.MARKERS
    ]
    assert dots == list(groups.values())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["one", "two"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first group on top
    assert "chance" in [t.get_text() for t in ax.texts]


def test_arrows_and_valley_draw_what_they_are_given():
    style.use()
    vectors = torch.tensor([[0.3, 0.8], [0.9, 0.2], [0.6, 0.3]])
    figure = basics.arrows(vectors, ["a", "b", "c"])
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert "b, length 0.92" in texts
    way = torch.tensor([[-4.0, 1.0], [0.0, 0.0], [0.5, 0.1]]).double()
    figure = basics.valley(
        lambda w: (w**2).sum(dim=-1), {"first": way, "second": -way}
    )
    figure.canvas.draw()
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "first",
        "second",
    ]
    drawn = figure.axes[1].lines[0].get_xydata()
    np.testing.assert_allclose(drawn, -way)
