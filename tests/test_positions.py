"""Positions: hand values, the papers' formulas, rotations, distances."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from transformer_course.positions import (
    LearnedPositions,
    SinusoidalPositions,
    alibi_biases,
    alibi_slopes,
    rotary_angles,
    rotate,
    sinusoidal_positions,
)

B, T, D, MAX = 3, 7, 10, 11


@pytest.fixture
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def paper(position: int, column: int, d_model: int) -> float:
    """PE(pos, 2i) and PE(pos, 2i + 1) of section 3.5, one number a call."""
    i = column // 2
    angle = position / math.pow(10000, 2 * i / d_model)
    return math.cos(angle) if column % 2 else math.sin(angle)


def rotation(offset: int, d_model: int) -> Tensor:
    """One 2 x 2 rotation per pair of dimensions, on the diagonal."""
    blocks = []
    for i in range(d_model // 2):
        a = offset * math.exp(-math.log(10000) * 2 * i / d_model)
        blocks.append(
            torch.tensor(
                [[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]],
                dtype=torch.float64,
            )
        )
    return torch.block_diag(*blocks)


def test_two_dimensions_by_hand():
    # Chapter 4 adds these rows to pizza's [0.9, 0.2].
    want = torch.tensor(
        [[0.0, 1.0], [0.84147098, 0.54030231], [0.90929743, -0.41614684]]
    )
    torch.testing.assert_close(sinusoidal_positions(3, 2), want)


def test_four_dimensions_by_hand():
    # The second pair turns 100 times more slowly: 10000^(2/4) = 100.
    want = torch.tensor([math.sin(1), math.cos(1), 0.00999983, 0.99995000])
    torch.testing.assert_close(sinusoidal_positions(2, 4)[1], want)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("n", "d"), [(1, 2), (7, 10), (13, 34), (5003, 6)])
def test_table_is_the_papers_formula(n, d):
    table = sinusoidal_positions(n, d)
    rows = [0, n // 2, n - 1]
    want = torch.tensor([[paper(p, c, d) for c in range(d)] for p in rows])
    assert table.shape == (n, d)
    torch.testing.assert_close(table[rows], want)


def test_late_positions_are_exact_in_float32_too():
    last = sinusoidal_positions(5003, 6)[-1]
    want = torch.tensor([paper(5002, c, 6) for c in range(6)])
    assert last.dtype == torch.float32
    torch.testing.assert_close(last, want, rtol=0, atol=6e-8)


@pytest.mark.usefixtures("float64")
@settings(deadline=None)
@given(
    position=st.integers(0, 400),
    offset=st.integers(-400, 400),
    pairs=st.integers(1, 19),
)
def test_fixed_offset_is_one_rotation_whatever_the_position(
    position, offset, pairs
):
    here, there = max(position, -offset), max(position, -offset) + offset
    table = sinusoidal_positions(max(here, there) + 1, 2 * pairs)
    moved = rotation(offset, 2 * pairs) @ table[here]
    torch.testing.assert_close(moved, table[there], rtol=0, atol=1e-11)


@settings(deadline=None)
@given(n=st.integers(2, 300), pairs=st.integers(1, 16))
def test_every_position_has_its_own_vector_of_one_length(n, pairs):
    table = sinusoidal_positions(n, 2 * pairs)
    lengths = table.norm(dim=-1)
    torch.testing.assert_close(
        lengths, torch.full((n,), math.sqrt(pairs)), rtol=1e-5, atol=0
    )
    apart = torch.cdist(table.double(), table.double())
    apart.fill_diagonal_(math.inf)
    assert apart.min() > 1e-4


@pytest.mark.usefixtures("float64")
def test_sinusoidal_module_adds_its_row_to_every_word():
    x = torch.randn(B, T, D, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    layer = SinusoidalPositions(MAX, D)
    got = layer(x)
    for b in range(B):
        for t in range(T):
            row = torch.tensor([paper(t, c, D) for c in range(D)])
            torch.testing.assert_close(got[b, t], x[b, t] + row)
    got.sum().backward()
    torch.testing.assert_close(x.grad, torch.ones_like(x))
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == []


@pytest.mark.usefixtures("float64")
def test_learned_equals_embedding_of_arange_in_values_and_gradients():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(B, T, D, generator=generator)
    out_grad = torch.randn(B, T, D, generator=generator)
    ours, theirs = LearnedPositions(MAX, D), nn.Embedding(MAX, D)
    theirs.load_state_dict(ours.state_dict())
    got_x = x.clone().requires_grad_()
    want_x = x.clone().requires_grad_()
    got, want = ours(got_x), want_x + theirs(torch.arange(T))
    torch.testing.assert_close(got, want)
    got.backward(out_grad)
    want.backward(out_grad)
    torch.testing.assert_close(got_x.grad, want_x.grad)
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad)
    assert ours.weight.grad[:T].abs().min() > 0
    assert not ours.weight.grad[T:].any()  # no input reached these positions


def test_learned_start_is_small():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weight = LearnedPositions(101, 97).weight
    assert 0.019 < weight.std() < 0.021
    assert abs(weight.mean()) < 0.001


@pytest.mark.parametrize("layer", [SinusoidalPositions, LearnedPositions])
def test_longest_input_passes_and_one_more_is_refused(layer):
    module = layer(MAX, D)
    assert module(torch.zeros(B, MAX, D)).shape == (B, MAX, D)
    with pytest.raises(
        ValueError, match=r"x is 12 positions long.*max_seq_len 11"
    ):
        module(torch.zeros(B, MAX + 1, D))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("layer", [SinusoidalPositions, LearnedPositions])
def test_a_text_in_two_pieces_has_the_positions_of_the_whole(layer):
    module, cut = layer(MAX, D), 2
    x = torch.randn(B, MAX, D, generator=torch.Generator().manual_seed(0))
    pieces = module(x[:, :cut]), module(x[:, cut:], start=cut)
    assert torch.equal(torch.cat(pieces, dim=1), module(x))
    with pytest.raises(
        ValueError,
        match=r"is 9 positions long after 3 earlier.*max_seq_len 11",
    ):
        module(x[:, cut:], start=cut + 1)
    with pytest.raises(ValueError, match="start is -1"):
        module(x, start=-1)


@pytest.mark.parametrize("layer", [SinusoidalPositions, LearnedPositions])
@pytest.mark.parametrize("shape", [(T, D), (B, T, D - 1), (B, T, 1)])
def test_other_shapes_are_refused(layer, shape):
    with pytest.raises(ValueError, match=r"x has shape .*d_model 10"):
        layer(MAX, D)(torch.zeros(shape))


@pytest.mark.parametrize("d_model", [-2, 0, 1, 7])
def test_odd_or_empty_width_is_refused(d_model):
    with pytest.raises(ValueError, match=f"d_model is {d_model}, .*even"):
        sinusoidal_positions(3, d_model)


def test_no_positions_are_refused():
    with pytest.raises(ValueError, match="n_positions is 0"):
        sinusoidal_positions(0, 4)
    with pytest.raises(ValueError, match="max_seq_len is 0"):
        LearnedPositions(0, 4)
    with pytest.raises(ValueError, match="d_model is 0"):
        LearnedPositions(3, 0)


D_HEAD, BASE = 6, 100.0


def test_angles_by_hand():
    angles = rotary_angles(2, 4, base=100.0, start=3)
    # pair 0 turns by 1 a position, pair 1 by 100^(-2/4) = 1/10
    wanted = torch.tensor([[3.0, 0.3], [4.0, 0.4]])
    torch.testing.assert_close(angles, wanted)


def test_angles_are_those_of_the_sinusoidal_encoding():
    table = sinusoidal_positions(50, 10)
    angles = rotary_angles(50, 10)
    torch.testing.assert_close(angles.sin(), table[:, 0::2])
    torch.testing.assert_close(angles.cos(), table[:, 1::2])


def test_rotation_by_hand():
    # (3, 1) and (0, 2) in the features (0, 2) and (1, 3), by 90 and 180
    x = torch.tensor([[3.0, 0.0, 1.0, 2.0]], dtype=torch.float64)
    turn = torch.tensor([[torch.pi / 2, torch.pi]], dtype=torch.float64)
    wanted = torch.tensor([[-1.0, 0.0, 3.0, -2.0]], dtype=torch.float64)
    torch.testing.assert_close(rotate(x, turn), wanted)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_only_the_distance_counts_and_lengths_stay(query, key, shift):
    draw = torch.Generator().manual_seed(query)
    q, k = torch.randn(2, 1, D_HEAD, generator=draw)
    here, there = (
        rotate(q, rotary_angles(1, D_HEAD, base=BASE, start=query + moved))
        @ rotate(k, rotary_angles(1, D_HEAD, base=BASE, start=key + moved)).T
        for moved in (0, shift)
    )
    torch.testing.assert_close(here, there, atol=1e-4, rtol=0)
    turned = rotate(q, rotary_angles(1, D_HEAD, start=query))
    torch.testing.assert_close(turned.norm(), q.norm())


def test_an_unturned_pair_keeps_its_dtype():
    x = torch.ones(2, 3, 1, D_HEAD, dtype=torch.float64)
    assert torch.equal(rotate(x, rotary_angles(1, D_HEAD)), x)


def test_slopes_of_the_paper():
    assert alibi_slopes(8).tolist() == [2.0**-n for n in range(1, 9)]
    assert alibi_slopes(16)[1] == 2.0**-1


def test_biases_by_hand():
    biases = alibi_biases(2, 3)  # slopes 1/16 and 1/256
    wanted = torch.tensor([[0.0, 1, 2], [1, 0, 1], [2, 1, 0]])
    assert torch.equal(biases, -torch.stack([wanted / 16, wanted / 256]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rotary_angles(0, 4), "n_positions is 0"),
        (lambda: rotary_angles(3, 5), "d_head is 5, wanted a positive even"),
        (lambda: rotary_angles(3, 4, base=0.0), "base is 0"),
        (lambda: rotary_angles(3, 4, start=-1), "start is -1"),
        (
            lambda: rotate(torch.zeros(3, 5, 4), rotary_angles(3, 4)),
            r"x has shape \(3, 5, 4\) and angles \(3, 2\)",
        ),
        (
            lambda: rotate(torch.zeros(3, 5), rotary_angles(3, 4)),
            r"x has shape \(3, 5\)",
        ),
        (lambda: alibi_slopes(0), "n_heads is 0"),
        (lambda: alibi_biases(2, 0), "n_positions is 0"),
    ],
)
def test_rotary_and_alibi_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
