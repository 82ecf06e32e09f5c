"""Stacks and the whole model: equal to PyTorch's, values and gradients."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

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
from transformer_course.layers import ACTIVATIONS, DecoderBlock
from transformer_course.transformer import (
    Decoder,
    Encoder,
    Transformer,
    TransformerConfig,
)

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


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("bend", ["gelu", "gelu_tanh"])
def test_encoder_takes_bend_and_eps_of_bert_and_gpt(norm_first, bend):
    """A large eps, so that a norm that does not get it shows."""
    eps = 0.3
    ours = Encoder(
        N_LAYERS, D, H, D_FF,
        norm_first=norm_first, activation=ACTIVATIONS[bend], eps=eps,
    )  # fmt: skip
    approximate = "tanh" if bend == "gelu_tanh" else "none"
    layer = nn.TransformerEncoderLayer(
        D, H, D_FF, dropout=0.0, batch_first=True, norm_first=norm_first,
        activation=lambda x: F.gelu(x, approximate=approximate),
        layer_norm_eps=eps,
    )  # fmt: skip
    theirs = nn.TransformerEncoder(
        layer,
        N_LAYERS,
        norm=nn.LayerNorm(D, eps) if norm_first else None,
        enable_nested_tensor=False,
    ).double()
    fill(ours.double())
    for block, other in zip(ours.blocks, theirs.layers, strict=True):
        copy_block(block, other)
    if norm_first:
        theirs.norm.load_state_dict(ours.norm.state_dict())
    x = normal(B, T, D, seed=99)
    torch.testing.assert_close(ours(x), theirs(x))


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
    with pytest.raises(ValueError, match="n_layers is 0"):
        Decoder(0, D, H, D_FF)


T_K = 7


def copy_attention(ours, theirs):
    """Copy our attention's weights into PyTorch's."""
    with torch.no_grad():
        for name in ("weight", "bias"):
            parts = [getattr(getattr(ours, f"{p}_proj"), name) for p in "qkv"]
            getattr(theirs, f"in_proj_{name}").copy_(torch.cat(parts))
    theirs.out_proj.load_state_dict(ours.out_proj.state_dict())


def copy_decoder_block(ours, theirs):
    """Copy our decoder block's weights into PyTorch's layer."""
    copy_attention(ours.attention, theirs.self_attn)
    copy_attention(ours.cross_attention, theirs.multihead_attn)
    for mine, other in (
        (ours.feed_forward.widen, theirs.linear1),
        (ours.feed_forward.narrow, theirs.linear2),
        (ours.around_attention.norm, theirs.norm1),
        (ours.around_cross_attention.norm, theirs.norm2),
        (ours.around_feed_forward.norm, theirs.norm3),
    ):
        other.load_state_dict(mine.state_dict())


def memory_and_its_real_tokens():
    real = torch.arange(T_K) < torch.tensor([[7], [2], [6]])
    return normal(B, T_K, D, seed=77), real


def results(call, parameters, real):
    """Output and gradients with respect to both inputs and parameters."""
    x = normal(B, T, D, seed=99).requires_grad_()
    memory = memory_and_its_real_tokens()[0].requires_grad_()
    output = call(x, memory)[real]
    direction = normal(*output.shape, seed=98)
    wanted = [x, memory, *parameters]
    return [output, *torch.autograd.grad(output, wanted, direction)]


def some_parameters(blocks, names):
    return [block.get_parameter(name) for block in blocks for name in names]


OURS = (
    "attention.out_proj.weight",
    "cross_attention.out_proj.weight",
    "feed_forward.widen.weight",
    "around_cross_attention.norm.weight",
)
THEIRS = (
    "self_attn.out_proj.weight",
    "multihead_attn.out_proj.weight",
    "linear1.weight",
    "norm2.weight",
)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("n_layers", [None, 3])
def test_decoder_and_its_block_equal_pytorch(norm_first, padded, n_layers):
    options = {"dropout": 0.0, "norm_first": norm_first}
    layer = nn.TransformerDecoderLayer(D, H, D_FF, batch_first=True, **options)
    if n_layers is None:
        ours = fill(DecoderBlock(D, H, D_FF, **options).double())
        theirs = layer.double()
        blocks, layers = [ours], [theirs]
    else:
        ours = fill(Decoder(n_layers, D, H, D_FF, **options).double())
        norm = nn.LayerNorm(D) if norm_first else None
        theirs = nn.TransformerDecoder(layer, n_layers, norm).double()
        blocks, layers = ours.blocks, theirs.layers
        if norm_first:
            theirs.norm.load_state_dict(ours.norm.state_dict())
    for block, other in zip(blocks, layers, strict=True):
        copy_decoder_block(block, other)
    real = real_tokens() if padded else torch.ones(B, T, dtype=torch.bool)
    memory_real = memory_and_its_real_tokens()[1]
    if not padded:
        memory_real = torch.ones_like(memory_real)
    causal = masks.causal_mask(T)
    mask = masks.combine(causal, masks.padding_mask(real))
    mine = results(
        lambda x, memory: ours(
            x, memory, mask, masks.padding_mask(memory_real)
        ),
        some_parameters(blocks, OURS),
        real,
    )
    other = results(
        lambda x, memory: theirs(
            x,
            memory,
            tgt_mask=~causal,
            tgt_key_padding_mask=~real,
            memory_key_padding_mask=~memory_real,
        ),
        some_parameters(layers, THEIRS),
        real,
    )
    torch.testing.assert_close(mine, other)


V = 13


def whole(norm_first=False):
    """Make our model and nn.Transformer with the same weights."""
    config = TransformerConfig(
        V, D, H, D_FF, n_layers=3, max_seq_len=11, dropout=0.0,
        norm_first=norm_first,
    )  # fmt: skip
    ours = fill(Transformer(config).double())
    options = {"dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    with warnings.catch_warnings():  # it has no fast path for pre-norm
        warnings.filterwarnings("ignore", message="enable_nested_tensor")
        theirs = nn.Transformer(D, H, 3, 3, D_FF, **options).double()
    for block, other in zip(
        ours.encoder.blocks, theirs.encoder.layers, strict=True
    ):
        copy_block(block, other)
    for block, other in zip(
        ours.decoder.blocks, theirs.decoder.layers, strict=True
    ):
        copy_decoder_block(block, other)
    if norm_first:
        theirs.encoder.norm.load_state_dict(ours.encoder.norm.state_dict())
        theirs.decoder.norm.load_state_dict(ours.decoder.norm.state_dict())
    else:
        # nn.Transformer ends both stacks in a norm, post-norm too, where the
        # paper's model has none: give ours those norms, with their weights.
        for stack, other in (
            (ours.encoder, theirs.encoder),
            (ours.decoder, theirs.decoder),
        ):
            stack.norm = nn.LayerNorm(D).double()
            fill(stack.norm, seed=55)
            other.norm.load_state_dict(stack.norm.state_dict())
    return ours, theirs


def ids():
    draw = torch.Generator().manual_seed(4)
    source = torch.randint(V, (B, T_K), generator=draw)
    target = torch.randint(V, (B, T), generator=draw)
    return source, target


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_whole_model_equals_pytorch(norm_first):
    ours, theirs = whole(norm_first)
    source, target = ids()
    source_real, target_real = memory_and_its_real_tokens()[1], real_tokens()
    target_real[0, 1] = False  # a hole: the causal mask does not hide it
    logits = ours(source, target, source_real, target_real)[target_real]
    direction = normal(*logits.shape, seed=98)
    names = [
        "embedding.weight",
        "encoder.blocks.0.feed_forward.narrow.weight",
        "decoder.blocks.2.cross_attention.out_proj.weight",
    ]
    mine = torch.autograd.grad(
        logits, [ours.get_parameter(name) for name in names], direction
    )
    table = ours.embedding.weight.detach().clone().requires_grad_()
    places = ours.positions.table
    x, y = (table[i] * D**0.5 + places[: i.size(1)] for i in (source, target))
    hidden = theirs(
        x,
        y,
        tgt_mask=~masks.causal_mask(T),
        src_key_padding_mask=~source_real,
        tgt_key_padding_mask=~target_real,
        memory_key_padding_mask=~source_real,
    )
    wanted = (hidden @ table.T)[target_real]
    other = torch.autograd.grad(
        wanted,
        [
            table,
            theirs.encoder.layers[0].linear2.weight,
            theirs.decoder.layers[2].multihead_attn.out_proj.weight,
        ],
        direction,
    )
    torch.testing.assert_close(logits, wanted)
    torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("norm_first", [False, True])
def test_no_logit_depends_on_a_later_token(norm_first):
    model = whole(norm_first)[0]
    source, target = ids()
    changed = target.clone()
    changed[:, 2:] = (changed[:, 2:] + 1) % V
    before, after = model(source, target), model(source, changed)
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2:], after[:, 2:])


def test_padding_of_the_source_changes_nothing():
    model = whole()[0]
    source, target = ids()
    longer = torch.cat([source, torch.zeros_like(source)[:, :4]], dim=1)
    real = torch.arange(T_K + 4) < torch.full((B, 1), T_K)
    torch.testing.assert_close(
        model(longer, target, real), model(source, target)
    )


def test_encode_then_decode_is_forward():
    model = whole()[0]
    source, target = ids()
    real = memory_and_its_real_tokens()[1]
    memory = model.encode(source, real)
    assert memory.shape == (B, T_K, D)
    assert torch.equal(
        model.decode(target, memory, real), model(source, target, real)
    )


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, 63_082_496),
        ({"d_model": 1024, "n_heads": 16, "d_ff": 4096}, 214_245_376),
    ],
)
def test_parameters_of_base_and_big(changes, counted):
    """With 37,000 shared tokens; the paper prints 65 and 213 million."""
    with torch.device("meta"):
        model = Transformer(TransformerConfig(37_000, **changes))
    assert sum(p.numel() for p in model.parameters()) == counted


def test_embeddings_start_with_variance_one():
    model = Transformer(TransformerConfig(500, n_layers=1, dropout=0.0))
    start = model.embed(torch.arange(500).view(1, 500))
    start = start - model.positions.table[:500]
    assert start.var().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 0}, "vocab_size is 0"),
        ({"d_model": 15, "n_heads": 5}, "d_model is 15, wanted an even"),
        ({"n_heads": 3}, "d_model 512 is not divisible by n_heads 3"),
        ({"dropout": 1.5}, r"dropout is 1\.5"),
        ({"n_layers": 0}, "n_layers is 0"),
    ],
)
def test_config_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        TransformerConfig(**({"vocab_size": 5} | changes))


def test_config_is_frozen():
    config = TransformerConfig(5)
    with pytest.raises(AttributeError):
        config.d_model = 3
