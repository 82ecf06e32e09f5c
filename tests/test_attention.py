"""Attention: equal to PyTorch's, right by hand, and safe on empty rows."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from transformer_course import masks
from transformer_course.attention import (
    MultiHeadAttention,
    scaled_dot_product_attention,
)

B, H, T_Q, T_K, D_H, D_V = 3, 2, 5, 7, 11, 13
D_MODEL = H * D_H


def normal(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def some_mask(*shape: int, seed: int = 0) -> Tensor:
    """Give a random mask that leaves every query something to attend to."""
    generator = torch.Generator().manual_seed(seed)
    mask = torch.rand(*shape, generator=generator) > 0.5
    mask[..., 0] = True
    assert not mask.all()
    return mask


def q_k_v() -> tuple[Tensor, Tensor, Tensor]:
    sizes = ((T_Q, D_H), (T_K, D_H), (T_K, D_V))
    q, k, v = (
        normal(B, H, *size, seed=seed).requires_grad_()
        for seed, size in enumerate(sizes)
    )
    return q, k, v


def gradients(output: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    """Pull one fixed random direction back through the output."""
    direction = normal(*output.shape, seed=17)
    return torch.autograd.grad(output, inputs, direction, retain_graph=True)


MASKS = {
    "none": None,
    "one for all": some_mask(T_Q, T_K),
    "padding": some_mask(B, 1, 1, T_K),
    "each head its own": some_mask(B, H, T_Q, T_K),
}


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("need_weights", [False, True])
def test_equals_pytorch(name: str, need_weights: bool) -> None:
    q, k, v = q_k_v()
    mine, _ = scaled_dot_product_attention(
        q, k, v, MASKS[name], need_weights=need_weights
    )
    theirs = F.scaled_dot_product_attention(q, k, v, MASKS[name])
    torch.testing.assert_close(mine, theirs)
    torch.testing.assert_close(
        gradients(mine, q, k, v), gradients(theirs, q, k, v)
    )


def test_weights_come_only_where_they_are_asked_for() -> None:
    q, k, v = q_k_v()
    assert scaled_dot_product_attention(q, k, v)[1] is None
    output, weights = scaled_dot_product_attention(q, k, v, need_weights=True)
    assert weights is not None
    assert weights.shape == (B, H, T_Q, T_K)
    torch.testing.assert_close(weights @ v, output)


def test_by_hand() -> None:
    x = torch.tensor([[0.2, 0.9], [0.3, 0.4]], dtype=torch.float64)
    q = torch.tensor([[0.55, 0.67], [0.22, 0.34]], dtype=torch.float64)
    # The worked example does not divide: undo the division by sqrt(2).
    output, weights = scaled_dot_product_attention(
        q * math.sqrt(2), x, x, need_weights=True
    )
    expected = torch.tensor([[0.570, 0.430], [0.537, 0.463]]).double()
    torch.testing.assert_close(weights, expected, atol=5e-4, rtol=0)
    expected = torch.tensor([[0.243, 0.685], [0.246, 0.668]]).double()
    torch.testing.assert_close(output, expected, atol=5e-4, rtol=0)


@given(st.integers(1, 5), st.integers(1, 7), st.integers(0, 1000))
def test_output_is_a_mixture_of_the_values(
    n_queries: int, n_keys: int, seed: int
) -> None:
    q = normal(n_queries, 3, seed=seed)
    k, v = normal(n_keys, 3, seed=seed + 1), normal(n_keys, 2, seed=seed + 2)
    output, weights = scaled_dot_product_attention(q, k, v, need_weights=True)
    assert weights is not None
    assert (weights > 0).all()
    torch.testing.assert_close(
        weights.sum(dim=-1), torch.ones(n_queries, dtype=torch.float64)
    )
    slack = 1e-12
    assert (output <= v.amax(dim=0) + slack).all()
    assert (output >= v.amin(dim=0) - slack).all()


@pytest.mark.parametrize("need_weights", [False, True])
def test_shuffled_words_change_nothing(need_weights: bool) -> None:
    q, k, v = q_k_v()
    order = torch.tensor([3, 6, 0, 5, 1, 2, 4])
    mask = some_mask(T_Q, T_K)
    plain, _ = scaled_dot_product_attention(
        q, k, v, mask, need_weights=need_weights
    )
    shuffled, _ = scaled_dot_product_attention(
        q, k[:, :, order], v[:, :, order], mask[:, order],
        need_weights=need_weights,
    )  # fmt: skip
    torch.testing.assert_close(plain, shuffled)


@pytest.mark.parametrize("need_weights", [False, True])
def test_masked_words_have_no_say(need_weights: bool) -> None:
    q, k, v = q_k_v()
    mask = torch.ones(T_Q, T_K, dtype=torch.bool)
    mask[:, 4] = False
    output, _ = scaled_dot_product_attention(
        q, k, v, mask, need_weights=need_weights
    )
    rest = [0, 1, 2, 3, 5, 6]
    without, _ = scaled_dot_product_attention(
        q, k[:, :, rest], v[:, :, rest], need_weights=need_weights
    )
    torch.testing.assert_close(output, without)
    for gradient in gradients(output, k, v):
        assert (gradient[:, :, 4] == 0).all()
        assert (gradient[:, :, rest] != 0).any()


@pytest.mark.parametrize("need_weights", [False, True])
def test_causal_output_does_not_move_with_the_future(
    need_weights: bool,
) -> None:
    x, changed = normal(T_K, D_H), normal(T_K, D_H)
    changed[4:] += 1.0
    before, after = (
        scaled_dot_product_attention(
            y, y, y, masks.causal_mask(T_K), need_weights=need_weights
        )[0]
        for y in (x, changed)
    )
    assert torch.equal(before[:4], after[:4])
    assert (before[4:] != after[4:]).any(dim=-1).all()


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize("need_weights", [False, True])
def test_a_row_with_nothing_to_attend_to_gives_zero(
    need_weights: bool,
) -> None:
    q, k, v = q_k_v()
    mask = some_mask(B, H, T_Q, T_K)
    mask[1, 0, 2] = False
    output, weights = scaled_dot_product_attention(
        q, k, v, mask, need_weights=need_weights
    )
    assert (output[1, 0, 2] == 0).all()
    if weights is not None:
        assert (weights[1, 0, 2] == 0).all()
    assert output.isfinite().all()
    with torch.autograd.detect_anomaly(check_nan=True):
        moved = gradients(output, q, k, v)
    assert all(gradient.isfinite().all() for gradient in moved)
    assert (moved[0][1, 0, 2] == 0).all()
    assert (moved[0][1, 0, 3] != 0).any()


def test_both_paths_agree_on_empty_rows() -> None:
    q, k, v = q_k_v()
    mask = some_mask(B, 1, 1, T_K)
    mask[2] = False
    one, _ = scaled_dot_product_attention(q, k, v, mask, need_weights=True)
    other, _ = scaled_dot_product_attention(q, k, v, mask)
    torch.testing.assert_close(one, other)
    torch.testing.assert_close(
        gradients(one, q, k, v), gradients(other, q, k, v)
    )


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((5, 3), (7, 2), (7, 3)), "last size of q and k"),
        (((5, 3), (7, 3), (5, 3)), "one key and one value a word"),
        (((2, 5, 3), (7, 3), (7, 3)), "before the last two"),
        (((3,), (7, 3), (7, 3)), "at least two dimensions"),
    ],
)
def test_refuses_shapes_that_do_not_fit(
    shapes: tuple[tuple[int, ...], ...], message: str
) -> None:
    q, k, v = (torch.zeros(shape) for shape in shapes)
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(q, k, v)


def test_refuses_other_dtypes() -> None:
    whole = torch.zeros(5, 3, dtype=torch.int64)
    with pytest.raises(TypeError, match="one floating-point dtype"):
        scaled_dot_product_attention(whole, whole, whole)
    single, double = torch.zeros(5, 3), torch.zeros(5, 3).double()
    with pytest.raises(TypeError, match=r"float32, torch\.float64"):
        scaled_dot_product_attention(single, double, double)


def test_refuses_a_mask_that_is_not_bool_and_says_the_polarity() -> None:
    x = torch.zeros(5, 3)
    with pytest.raises(TypeError, match=r"float32.*True = may attend"):
        scaled_dot_product_attention(x, x, x, torch.zeros(5, 5))


@pytest.mark.parametrize("shape", [(4, 5), (2, 5, 5), (5,), (1, 1, 1, 5, 5)])
def test_refuses_a_mask_of_another_shape(shape: tuple[int, ...]) -> None:
    x = torch.zeros(2, 2, 5, 3)
    mask = torch.ones(shape, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"wanted \(5, 5\) or 4 sizes"):
        scaled_dot_product_attention(x, x, x, mask)


# Multi-head attention beside PyTorch's module, weights copied.


def pair() -> tuple[MultiHeadAttention, nn.MultiheadAttention]:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        mine = MultiHeadAttention(D_MODEL, H).double()
        theirs = nn.MultiheadAttention(D_MODEL, H, batch_first=True).double()
    with torch.no_grad():
        projections = (mine.q_proj, mine.k_proj, mine.v_proj)
        theirs.in_proj_weight.copy_(
            torch.cat([projection.weight for projection in projections])
        )
        theirs.in_proj_bias.copy_(
            torch.cat([projection.bias for projection in projections])
        )
        theirs.out_proj.weight.copy_(mine.out_proj.weight)
        theirs.out_proj.bias.copy_(mine.out_proj.bias)
    return mine, theirs


def parameter_gradients(
    module: nn.Module, output: Tensor
) -> dict[str, Tensor]:
    names, parameters = zip(*module.named_parameters(), strict=True)
    return dict(zip(names, gradients(output, *parameters), strict=True))


def same_gradients(mine: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    for kind in ("weight", "bias"):
        stacked = torch.cat([mine[f"{name}_proj.{kind}"] for name in "qkv"])
        torch.testing.assert_close(stacked, theirs[f"in_proj_{kind}"])
        torch.testing.assert_close(
            mine[f"out_proj.{kind}"], theirs[f"out_proj.{kind}"]
        )


PAD_MASK = torch.ones(B, T_Q, dtype=torch.bool)
PAD_MASK[1, 3:] = False
PAD_MASK[2, 4:] = False


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("need_weights", [False, True])
def test_self_attention_equals_pytorch(
    causal: bool, padded: bool, need_weights: bool
) -> None:
    mine, theirs = pair()
    x = normal(B, T_Q, D_MODEL).requires_grad_()
    mask = masks.combine(
        masks.causal_mask(T_Q) if causal else None,
        masks.padding_mask(PAD_MASK) if padded else None,
    )
    output, weights = mine(x, attn_mask=mask, need_weights=need_weights)
    # PyTorch's module calls True what may NOT be attended to.
    expected, expected_weights = theirs(
        x, x, x, average_attn_weights=False,
        attn_mask=~masks.causal_mask(T_Q) if causal else None,
        key_padding_mask=~PAD_MASK if padded else None,
    )  # fmt: skip
    torch.testing.assert_close(output, expected)
    if need_weights:
        torch.testing.assert_close(weights, expected_weights)
    else:
        assert weights is None
    torch.testing.assert_close(gradients(output, x), gradients(expected, x))
    same_gradients(
        parameter_gradients(mine, mine(x, attn_mask=mask)[0]),
        parameter_gradients(theirs, expected),
    )


@pytest.mark.parametrize("need_weights", [False, True])
def test_cross_attention_equals_pytorch(need_weights: bool) -> None:
    mine, theirs = pair()
    x = normal(B, T_Q, D_MODEL, seed=1).requires_grad_()
    memory = normal(B, T_K, D_MODEL, seed=2).requires_grad_()
    pad_mask = some_mask(B, T_K)
    output, weights = mine(
        x, memory, masks.padding_mask(pad_mask), need_weights=need_weights
    )
    expected, expected_weights = theirs(
        x, memory, memory, key_padding_mask=~pad_mask,
        average_attn_weights=False,
    )  # fmt: skip
    torch.testing.assert_close(output, expected)
    if need_weights:
        torch.testing.assert_close(weights, expected_weights)
    torch.testing.assert_close(
        gradients(output, x, memory), gradients(expected, x, memory)
    )


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_nothing_to_attend_to_leaves_the_output_bias(
    need_weights: bool, bias: bool
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        mine = MultiHeadAttention(D_MODEL, H, bias=bias).double()
    x = normal(B, T_Q, D_MODEL).requires_grad_()
    pad_mask = PAD_MASK.clone()
    pad_mask[1] = False
    mask = masks.padding_mask(pad_mask)
    output, _ = mine(x, attn_mask=mask, need_weights=need_weights)
    rest = mine.out_proj.bias if bias else torch.zeros(D_MODEL).double()
    torch.testing.assert_close(output[1], rest.expand(T_Q, D_MODEL))
    (moved,) = gradients(output, x)
    assert moved.isfinite().all()
    assert (moved[1] == 0).all()
    assert (moved[0] != 0).any()


def test_heads_attend_on_their_own() -> None:
    mine, _ = pair()
    x = normal(B, T_Q, D_MODEL)
    _, before = mine(x, need_weights=True)
    with torch.no_grad():
        mine.q_proj.weight[:D_H] += 0.1
    _, after = mine(x, need_weights=True)
    assert (before[:, 0] != after[:, 0]).any()
    assert torch.equal(before[:, 1], after[:, 1])


@pytest.mark.parametrize(
    ("d_model", "n_heads", "message"),
    [
        (30, 4, "d_model 30 is not divisible by n_heads 4"),
        (30, 0, "n_heads 0 must be positive"),
        (0, 3, "d_model 0"),
    ],
)
def test_refuses_sizes(d_model: int, n_heads: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(d_model, n_heads)


def test_refuses_inputs_of_another_shape() -> None:
    attention = MultiHeadAttention(6, 2)
    good = torch.zeros(3, 5, 6)
    with pytest.raises(ValueError, match=r"x has shape \(5, 6\)"):
        attention(good[0])
    with pytest.raises(ValueError, match=r"memory has shape \(3, 5, 7\)"):
        attention(good, torch.zeros(3, 5, 7))
    with pytest.raises(ValueError, match="before the last two"):
        attention(good, torch.zeros(2, 5, 6))


def test_refuses_a_mask_without_a_place_for_the_heads() -> None:
    attention = MultiHeadAttention(6, 2)
    mask = torch.ones(2, 5, 5, dtype=torch.bool)  # (B, T, T), with B = H
    with pytest.raises(ValueError, match="4 sizes that broadcast"):
        attention(torch.zeros(2, 5, 6), attn_mask=mask)
