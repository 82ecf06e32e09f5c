"""Llama: its parts by hand, its published size, its cache, its errors."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from transformer_course.attention import (
    KeyValueCache,
    MultiHeadAttention,
    written_out_attention,
)
from transformer_course.llama import (
    GroupedQueryAttention,
    Llama,
    LlamaConfig,
    SwiGLU,
)
from transformer_course.masks import causal_mask
from transformer_course.norms import RMSNorm
from transformer_course.positions import rotary_angles, rotate
from transformer_course.training import seeded

B, T, V, D, H = 3, 5, 13, 36, 6
SIZES = {
    "vocab_size": V, "d_model": D, "n_heads": H, "n_kv_heads": 2, "d_ff": 17,
    "n_layers": 3, "max_seq_len": 11,
}  # fmt: skip


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def fill(module):
    """Give every parameter a seeded random value, norms too."""
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=number) / 3)
    return module


def small(head=True, **changes):
    with seeded(0):
        model = Llama(LlamaConfig(**(SIZES | changes)), head=head)
    return fill(model.double())


def ids(seed=4):
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(V, (B, T), generator=draw)


@pytest.mark.parametrize(
    ("config", "counted"),
    [
        (LlamaConfig(32_000), 6_738_415_616),  # the first, "7B"
        (
            LlamaConfig(
                128_256, n_kv_heads=8, d_ff=14_336, max_seq_len=8192,
                base=500_000.0, eps=1e-5,
            ),
            8_030_261_248,
        ),  # Llama 3, "8B"
    ],
)  # fmt: skip
def test_parameters_of_the_published_models(config, counted):
    with torch.device("meta"):
        model = Llama(config)
    assert sum(p.numel() for p in model.parameters()) == counted


def test_with_as_many_key_heads_it_is_multi_head_attention():
    grouped = fill(GroupedQueryAttention(D, H, H).double())
    plain = MultiHeadAttention(D, H, bias=False).double()
    plain.load_state_dict(grouped.state_dict())
    x = normal(B, T, D)
    mask = causal_mask(T)
    torch.testing.assert_close(
        grouped(x, attn_mask=mask), plain(x, attn_mask=mask)[0]
    )


@pytest.mark.parametrize("n_kv_heads", [1, 2, 3])
def test_heads_of_a_group_share_keys_and_values(n_kv_heads):
    """Equal to multi-head attention whose key and value heads repeat."""
    grouped = fill(GroupedQueryAttention(D, H, n_kv_heads).double())
    plain = MultiHeadAttention(D, H, bias=False).double()
    state = grouped.state_dict()
    for name in ("k_proj.weight", "v_proj.weight"):
        heads = state[name].view(n_kv_heads, D // H, D)
        owner = [head * n_kv_heads // H for head in range(H)]
        state[name] = heads[owner].flatten(0, 1)
    plain.load_state_dict(state)
    x = normal(B, T, D)
    torch.testing.assert_close(grouped(x), plain(x)[0])


def test_queries_and_keys_are_normalized_then_turned():
    attention = GroupedQueryAttention(D, H, H, qk_norm=True, eps=0.1)
    attention = fill(attention.double())
    x, angles = normal(B, T, D), rotary_angles(T, D // H)
    q, k, v = (
        layer(x).view(B, T, H, -1).transpose(1, 2)
        for layer in (attention.q_proj, attention.k_proj, attention.v_proj)
    )
    q = F.rms_norm(q, (D // H,), attention.q_norm.weight, 0.1)
    k = F.rms_norm(k, (D // H,), attention.k_norm.weight, 0.1)
    heads, _ = written_out_attention(
        rotate(q, angles), rotate(k, angles), v, causal_mask(T)
    )
    wanted = attention.out_proj(heads.transpose(1, 2).flatten(2))
    output = attention(x, angles, causal_mask(T))
    torch.testing.assert_close(output, wanted)


def test_a_head_may_have_a_width_of_its_own():
    attention = GroupedQueryAttention(D, H, 2, d_head=8)
    assert attention.q_proj.weight.shape == (H * 8, D)
    assert attention.v_proj.weight.shape == (2 * 8, D)
    assert attention(torch.zeros(B, T, D)).shape == (B, T, D)


def test_the_cache_holds_the_shared_heads_alone():
    attention, cache = GroupedQueryAttention(D, H, 2), KeyValueCache()
    with torch.no_grad():
        attention(torch.zeros(B, T, D), cache=cache)
    one = torch.zeros(B, 2, 1, D // H)
    assert cache.append(one, one)[0].shape == (B, 2, T + 1, D // H)


def test_swiglu_by_hand():
    layer = SwiGLU(2, 1)
    with torch.no_grad():
        layer.gate.weight.copy_(torch.tensor([[1.0, 1.0]]))
        layer.widen.weight.copy_(torch.tensor([[2.0, -1.0]]))
        layer.narrow.weight.copy_(torch.tensor([[1.0], [3.0]]))
    x = torch.tensor([[1.5, 0.5]])  # gate 2, widened 2.5
    swish = 2 / (1 + torch.tensor(-2.0).exp())
    wanted = torch.stack([2.5 * swish, 7.5 * swish])[None]
    torch.testing.assert_close(layer(x), wanted)
    assert not [n for n, _ in layer.named_parameters() if n.endswith("bias")]


def test_a_block_norms_first_and_adds_both_sublayers():
    block = small().blocks[1]
    x, angles, mask = normal(B, T, D), rotary_angles(T, 6), causal_mask(T)
    y = x + block.attention(block.attention_norm(x), angles, mask)
    wanted = y + block.feed_forward(block.feed_forward_norm(y))
    torch.testing.assert_close(block(x, angles, mask), wanted)


def test_no_logit_depends_on_a_later_token():
    model = small()
    changed = ids()
    changed[:, 2:] = (changed[:, 2:] + 1) % V
    before, after = model(ids()).logits, model(changed).logits
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2], after[:, 2])


def test_padding_on_either_side_changes_nothing():
    model = small()
    plain = model(ids()).logits
    filler = ids(seed=5)
    for left in (False, True):
        pieces = [filler, ids()] if left else [ids(), filler]
        real = torch.arange(2 * T).expand(B, -1) < T
        real = ~real if left else real
        padded = model(torch.cat(pieces, dim=1), real).logits[real]
        torch.testing.assert_close(padded, plain.flatten(0, 1), rtol=1e-5,
                                   atol=1e-5)  # fmt: skip


@pytest.mark.parametrize("qk_norm", [False, True])
def test_the_cache_changes_nothing(qk_norm):
    model = small(qk_norm=qk_norm)
    real = torch.arange(T) < torch.tensor([[5], [2], [4]])
    cache = model.new_cache()
    with torch.no_grad():
        whole = model(ids(), real)
        pieces = [
            model(ids()[:, start:end], real[:, :end], cache=cache)
            for start, end in [(0, 2), (2, 3), (3, 5)]
        ]
    for name in ("logits", "hidden"):
        joined = torch.cat([getattr(p, name) for p in pieces], dim=1)
        torch.testing.assert_close(joined[real], getattr(whole, name)[real])


@pytest.mark.parametrize("tied", [False, True])
def test_logits_come_from_the_hidden_states(tied):
    model = small(tied=tied)
    output = model(ids())
    last = model.embedding if tied else model.head
    assert torch.equal(output.logits, F.linear(output.hidden, last.weight))
    assert len([p for p in model.parameters() if len(p) == V]) == 2 - tied


@pytest.mark.parametrize("tied", [False, True])
def test_without_a_head_there_are_hidden_states_alone(tied):
    model, whole = small(head=False, tied=tied), small(tied=True)
    output = model(ids())
    assert output.logits is None
    assert torch.equal(output.hidden, whole(ids()).hidden)


def test_order_matters_through_the_rotation_alone():
    model = small(n_layers=1)
    swapped = ids()[:, [1, 0, 2, 3, 4]]
    before, after = model(ids()).logits[:, -1], model(swapped).logits[:, -1]
    assert not torch.allclose(before, after)
    slow = small(n_layers=1, base=1e30, d_head=2)
    assert slow.config.head_width == 2


def test_the_start():
    with seeded(0):
        model = Llama(LlamaConfig(500, 128, 4, 2, d_ff=512, n_layers=2))
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            assert (parameter == 1).all(), name
        else:
            assert parameter.std().item() == pytest.approx(0.02, rel=0.05)


def test_eps_reaches_every_norm():
    model = small(eps=0.5, qk_norm=True)
    norms = [m.eps for m in model.modules() if isinstance(m, RMSNorm)]
    assert norms == [0.5] * (3 * 4 + 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 0}, "vocab_size is 0"),
        ({"n_kv_heads": 0}, "n_kv_heads is 0"),
        ({"d_head": 0}, "d_head is 0"),
        ({"n_heads": 5, "n_kv_heads": 5}, "36 is not divisible by n_heads 5"),
        ({"n_kv_heads": 4}, "n_heads 6 is not divisible by n_kv_heads 4"),
        ({"d_head": 7}, "d_head is 7, wanted an even number"),
        ({"base": 0.0}, r"base is 0\.0"),
        ({"eps": -1.0}, r"eps is -1\.0"),
    ],
)
def test_config_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        LlamaConfig(**(SIZES | changes))


def test_errors():
    model = small()
    with pytest.raises(
        ValueError, match=r"reach position 12, .* max_seq_len 11"
    ):
        model(torch.zeros(1, 12, dtype=torch.long))
    with pytest.raises(ValueError, match=r"cache has 2 parts, wanted .* 3"):
        model(ids(), cache=model.new_cache()[:2])
    with pytest.raises(TypeError, match="pad_mask is"):
        model(ids(), torch.ones(B, T, dtype=torch.long))
    with pytest.raises(ValueError, match=r"x has shape \(3, 5, 7\)"):
        GroupedQueryAttention(D, H, 2)(torch.zeros(B, T, 7))
    with pytest.raises(ValueError, match="n_heads 6 is not divisible by n_kv"):
        GroupedQueryAttention(D, H, 4)
    with pytest.raises(ValueError, match="d_model 36 is not divisible"):
        GroupedQueryAttention(D, 5, 5)
    with pytest.raises(ValueError, match="n_kv_heads is 0"):
        GroupedQueryAttention(D, H, 0)
    with pytest.raises(ValueError, match="d_model 0 and d_ff 3"):
        SwiGLU(0, 3)
