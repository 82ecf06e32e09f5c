"""Blocks: equal to PyTorch's, values and gradients, both norms, masked."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from transformer_course import masks
from transformer_course.layers import (
    ACTIVATIONS,
    EncoderBlock,
    FeedForward,
    Residual,
)

B, T, H, D_FF = 3, 5, 2, 17
D = H * 7


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def fill(module, seed=0):
    """Give every parameter a seeded random value, biases and norms too."""
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=seed + number) / 3)
    return module


def copy_block(ours, theirs):
    """Copy our block's weights into PyTorch's encoder layer."""
    attention = ours.attention
    with torch.no_grad():
        for name in ("weight", "bias"):
            parts = [
                getattr(getattr(attention, f"{p}_proj"), name) for p in "qkv"
            ]
            target = getattr(theirs.self_attn, f"in_proj_{name}")
            target.copy_(torch.cat(parts))
    pairs = [
        (attention.out_proj, theirs.self_attn.out_proj),
        (ours.feed_forward.widen, theirs.linear1),
        (ours.feed_forward.narrow, theirs.linear2),
        (ours.around_attention.norm, theirs.norm1),
        (ours.around_feed_forward.norm, theirs.norm2),
    ]
    for mine, other in pairs:
        other.load_state_dict(mine.state_dict())


def real_tokens():
    lengths = torch.tensor([[5], [3], [4]])
    return torch.arange(T) < lengths


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_block_equals_pytorch(norm_first, causal, padded):
    ours = fill(EncoderBlock(D, H, D_FF, norm_first=norm_first).double())
    theirs = nn.TransformerEncoderLayer(
        D, H, D_FF, dropout=0.0, batch_first=True, norm_first=norm_first
    ).double()
    copy_block(ours, theirs)
    real = real_tokens() if padded else torch.ones(B, T, dtype=torch.bool)
    see_past = masks.causal_mask(T) if causal else None
    mask = masks.combine(see_past, masks.padding_mask(real))
    results = []
    for call in (
        lambda x: ours(x, mask),
        lambda x: theirs(
            x,
            src_mask=~see_past if causal else None,
            src_key_padding_mask=~real,
        ),
    ):
        x = normal(B, T, D, seed=99).requires_grad_()
        output = call(x)[real]
        direction = normal(*output.shape, seed=98)
        results.append((output, torch.autograd.grad(output, x, direction)[0]))
    torch.testing.assert_close(results[0], results[1])


@pytest.mark.parametrize("norm_first", [False, True])
def test_block_parameter_gradients_equal_pytorch(norm_first):
    ours = fill(EncoderBlock(D, H, D_FF, norm_first=norm_first).double())
    theirs = nn.TransformerEncoderLayer(
        D, H, D_FF, dropout=0.0, batch_first=True, norm_first=norm_first
    ).double()
    copy_block(ours, theirs)
    x, direction = normal(B, T, D), normal(B, T, D, seed=5)
    ours(x).backward(direction)
    theirs(x).backward(direction)
    for mine, other in (
        (ours.feed_forward.widen.weight, theirs.linear1.weight),
        (ours.feed_forward.narrow.bias, theirs.linear2.bias),
        (ours.attention.out_proj.weight, theirs.self_attn.out_proj.weight),
        (ours.around_attention.norm.weight, theirs.norm1.weight),
        (ours.around_feed_forward.norm.bias, theirs.norm2.bias),
    ):
        torch.testing.assert_close(mine.grad, other.grad)


def test_the_future_moves_no_earlier_output():
    block = fill(EncoderBlock(D, H, D_FF, norm_first=True).double())
    x = normal(B, T, D)
    before = block(x, masks.causal_mask(T))
    x[:, 3:] += 1.0
    after = block(x, masks.causal_mask(T))
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.equal(before[:, 3:], after[:, 3:])


def test_feed_forward_by_hand_and_apart_for_every_position():
    layer = FeedForward(1, 2).double()
    with torch.no_grad():
        layer.widen.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        layer.widen.bias.copy_(torch.tensor([0.0, 1.0]))
        layer.narrow.weight.copy_(torch.tensor([[2.0, 3.0]]))
        layer.narrow.bias.copy_(torch.tensor([5.0]))
    x = torch.tensor([[[2.0], [-4.0]]], dtype=torch.float64)
    # 2 -> relu(2, -1) = (2, 0) -> 9;  -4 -> relu(-4, 5) = (0, 5) -> 20
    assert layer(x).flatten().tolist() == [9.0, 20.0]


def test_feed_forward_takes_another_bend():
    layer = fill(FeedForward(D, D_FF, nn.GELU).double())
    x = normal(B, T, D)
    hidden = F.gelu(x @ layer.widen.weight.T + layer.widen.bias)
    wanted = hidden @ layer.narrow.weight.T + layer.narrow.bias
    torch.testing.assert_close(layer(x), wanted)


def test_named_bends_are_what_the_papers_call_them():
    x = normal(B, T, D)
    tanh = F.gelu(x, approximate="tanh")
    wanted = {"relu": x.relu(), "gelu": F.gelu(x), "gelu_tanh": tanh}
    assert wanted.keys() == ACTIVATIONS.keys()
    for name, make in ACTIVATIONS.items():
        assert torch.equal(make()(x), wanted[name])
    assert not torch.allclose(tanh, F.gelu(x), atol=1e-6)


def test_pre_norm_carries_the_copy_untouched():
    x = normal(B, T, D)
    pre = Residual(D, norm_first=True).double()
    post = Residual(D, norm_first=False).double()
    assert torch.equal(pre(x, torch.zeros_like), x)
    assert not torch.allclose(post(x, torch.zeros_like), x)


def test_dropout_acts_in_training_only():
    residual = Residual(D, dropout=0.5, norm_first=True).double()
    x = normal(B, T, D)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        added = residual(x, torch.ones_like) - x
    dropped = added.abs() < 1e-12
    assert 0.2 < dropped.double().mean() < 0.8
    torch.testing.assert_close(
        added[~dropped], torch.full_like(added[~dropped], 2.0)
    )
    residual.eval()
    torch.testing.assert_close(residual(x, torch.ones_like), x + 1)


def test_errors():
    with pytest.raises(ValueError, match="d_model 0 and d_ff 3"):
        FeedForward(0, 3)
    with pytest.raises(ValueError, match=r"dropout is 1\.5"):
        Residual(D, dropout=1.5)
    with pytest.raises(ValueError, match="eps is 0"):
        Residual(D, eps=0)
    with pytest.raises(ValueError, match="d_model 5 is not divisible"):
        EncoderBlock(5, 2, 3)
