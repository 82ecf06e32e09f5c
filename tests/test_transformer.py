"""The encoder: equal to PyTorch's stack, values and gradients."""

import pytest
import torch
from torch import nn

from tests.test_layers import (
    D_FF,
    B,
    D,
    H,
    T,
    copy_block,
    fill,
    normal,
    real_tokens,
)  # fmt: skip
from transformer_course import masks
from transformer_course.transformer import Encoder

N_LAYERS = 3


def pair(norm_first):
    """Make our encoder and PyTorch's with the same weights."""
    ours = fill(Encoder(N_LAYERS, D, H, D_FF, norm_first=norm_first).double())
    layer = nn.TransformerEncoderLayer(
        D, H, D_FF, dropout=0.0, batch_first=True, norm_first=norm_first
    )
    theirs = nn.TransformerEncoder(
        layer,
        N_LAYERS,
        norm=nn.LayerNorm(D) if norm_first else None,
        enable_nested_tensor=False,
    ).double()
    for block, other in zip(ours.blocks, theirs.layers, strict=True):
        copy_block(block, other)
    if norm_first:
        theirs.norm.load_state_dict(ours.norm.state_dict())
    return ours, theirs


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_encoder_equals_pytorch(norm_first, causal, padded):
    ours, theirs = pair(norm_first)
    real = real_tokens() if padded else torch.ones(B, T, dtype=torch.bool)
    see_past = masks.causal_mask(T) if causal else None
    mask = masks.combine(see_past, masks.padding_mask(real))
    blocked = ~see_past if causal else None
    results = []
    for call, parts in (
        (lambda x: ours(x, mask), ours.blocks),
        (
            lambda x: theirs(x, mask=blocked, src_key_padding_mask=~real),
            theirs.layers,
        ),
    ):
        x = normal(B, T, D, seed=99).requires_grad_()
        output = call(x)[real]
        output.backward(normal(*output.shape, seed=98))
        results.append((output, x.grad, parts))
    (mine, mine_grad, blocks), (other, other_grad, layers) = results
    torch.testing.assert_close(mine, other)
    torch.testing.assert_close(mine_grad, other_grad)
    for block, layer in zip(blocks, layers, strict=True):
        torch.testing.assert_close(
            block.attention.out_proj.weight.grad,
            layer.self_attn.out_proj.weight.grad,
        )
        torch.testing.assert_close(
            block.feed_forward.widen.bias.grad, layer.linear1.bias.grad
        )


def test_only_a_pre_norm_stack_ends_in_a_norm():
    assert isinstance(pair(False)[0].norm, nn.Identity)
    output = Encoder(N_LAYERS, D, H, D_FF, norm_first=True)(
        normal(B, T, D).float()
    )
    torch.testing.assert_close(
        output.mean(dim=-1), torch.zeros(B, T), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_future_moves_no_earlier_output(norm_first):
    ours, _ = pair(norm_first)
    x = normal(B, T, D)
    before = ours(x, masks.causal_mask(T))
    x[:, 2:] += 1.0
    after = ours(x, masks.causal_mask(T))
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2:], after[:, 2:])


def test_errors():
    with pytest.raises(ValueError, match="n_layers is 0"):
        Encoder(0, D, H, D_FF)
    with pytest.raises(ValueError, match="n_heads"):
        Encoder(1, 5, 2, 3)
