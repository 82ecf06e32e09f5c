"""GPT: its published sizes, its start, and that no logit sees the future."""

import math

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from transformer_course.gpt import GPT, GPTConfig
from transformer_course.training import seeded

B, T, V, D = 3, 5, 13, 14
SIZES = {
    "vocab_size": V, "d_model": D, "n_heads": 2, "d_ff": 17, "n_layers": 3,
    "max_seq_len": 11, "dropout": 0.0,
}  # fmt: skip


def small(seed=0, head=True, **changes):
    with seeded(seed):
        return GPT(GPTConfig(**(SIZES | changes)), head=head).double()


def ids(seed=4):
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(V, (B, T), generator=draw)


@pytest.mark.parametrize(
    ("config", "counted"),
    [
        (
            GPTConfig(40_478, max_seq_len=512, norm_first=False),
            116_534_784,
        ),  # GPT-1
        (GPTConfig(50_257), 124_439_808),  # GPT-2
    ],
)
def test_parameters_of_the_published_models(config, counted):
    with torch.device("meta"):
        model = GPT(config)
    assert sum(p.numel() for p in model.parameters()) == counted


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("tied", [False, True])
def test_logits_come_from_the_hidden_states(norm_first, tied):
    model = small(norm_first=norm_first, tied=tied)
    output = model(ids())
    last = model.embedding if tied else model.head
    assert output.hidden.shape == (B, T, D)
    assert torch.equal(output.logits, F.linear(output.hidden, last.weight))
    if norm_first:  # hidden is behind the last norm, here still 1 and 0
        means = output.hidden.mean(dim=-1)
        torch.testing.assert_close(means, torch.zeros_like(means))


@pytest.mark.parametrize("tied", [False, True])
def test_without_a_head_there_are_hidden_states_alone(tied):
    model, whole = small(head=False, tied=tied), small(tied=True)
    model.load_state_dict(whole.state_dict())
    output = model(ids())
    assert output.logits is None
    assert torch.equal(output.hidden, whole(ids()).hidden)


@pytest.mark.parametrize("norm_first", [False, True])
def test_no_logit_depends_on_a_later_token(norm_first):
    model = small(norm_first=norm_first)
    changed = ids()
    changed[:, 2:] = (changed[:, 2:] + 1) % V
    before, after = model(ids()).logits, model(changed).logits
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2], after[:, 2])


def test_the_first_word_reaches_the_last_logits():
    model = small()
    changed = ids()
    changed[:, 0] = (changed[:, 0] + 1) % V
    before, after = model(ids()).logits, model(changed).logits
    assert (before[:, -1] != after[:, -1]).any(dim=-1).all()


def test_padding_on_the_right_changes_nothing():
    model = small()
    longer = torch.cat([ids(), ids(seed=5)], dim=1)
    real = torch.arange(2 * T).expand(B, -1) < T
    padded = model(longer, real).logits[:, :T]
    torch.testing.assert_close(padded, model(ids()).logits)


def test_a_hole_is_not_attended_to():
    model = small()
    real = torch.ones(B, T, dtype=torch.bool)
    real[:, 1] = False
    changed = ids()
    changed[:, 1] = (changed[:, 1] + 1) % V
    before, after = model(ids(), real).logits, model(changed, real).logits
    assert torch.equal(before[real], after[real])
    assert not torch.equal(before[real], model(ids()).logits[real])


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_the_cache_changes_nothing(norm_first, padded):
    model = small(norm_first=norm_first)
    real = torch.arange(T) < torch.tensor([[5], [2], [4]])
    mask = real if padded else None
    with torch.no_grad():
        whole = model(ids(), mask)
        cache = model.new_cache()
        pieces = [
            model(
                ids()[:, start:end],
                real[:, :end] if padded else None,
                cache=cache,
            )
            for start, end in [(0, 2), (2, 3), (3, 5)]
        ]
    for name in ("logits", "hidden"):
        joined = torch.cat([getattr(p, name) for p in pieces], dim=1)
        wanted = getattr(whole, name)
        torch.testing.assert_close(joined[real], wanted[real])
        assert padded or torch.allclose(joined, wanted)
    assert [part.length for part in cache] == [T] * 3


def test_order_matters_through_the_positions():
    model = small(n_layers=1)
    same = torch.full((1, 4), 7)
    logits = model(same).logits[0]
    assert not torch.allclose(logits[0], logits[1])


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_start_is_as_published(norm_first):
    sizes = {"d_model": 128, "n_heads": 4, "d_ff": 512, "n_layers": 8}
    model = small(vocab_size=500, norm_first=norm_first, tied=False, **sizes)
    block = model.encoder.blocks[3]
    last = 0.02 / 4 if norm_first else 0.02  # the root of 2 * 8 is 4
    for weight, std in (
        (model.embedding.weight, 0.02),
        (model.head.weight, 0.02),
        (block.attention.q_proj.weight, 0.02),
        (block.attention.out_proj.weight, last),
        (block.feed_forward.widen.weight, 0.02),
        (block.feed_forward.narrow.weight, last),
    ):
        assert weight.std().item() == pytest.approx(std, rel=0.05)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert not parameter.any(), name


def test_untrained_it_expects_every_token_alike():
    model = small(vocab_size=100, d_model=64, n_heads=4)
    token_ids = torch.arange(10).expand(B, 10)
    loss = F.cross_entropy(
        model(token_ids[:, :-1]).logits.flatten(0, 1),
        token_ids[:, 1:].flatten(),
    )
    assert loss.item() == pytest.approx(math.log(100), abs=0.1)


def test_the_bend_is_the_tanh_formula_unless_named():
    for changes, bend in (
        ({}, lambda x: F.gelu(x, approximate="tanh")),
        ({"activation": "relu"}, F.relu),
    ):
        model = small(**changes)
        x = torch.linspace(-3, 3, 17).double()
        feed_forward = model.encoder.blocks[1].feed_forward
        torch.testing.assert_close(feed_forward.bend(x), bend(x))


def test_dropout_and_eps_reach_every_layer():
    model = small(dropout=0.25, eps=0.5)
    shares = {m.p for m in model.modules() if hasattr(m, "inplace")}
    assert shares == {0.25}
    norms = {m.eps for m in model.modules() if hasattr(m, "eps")}
    assert norms == {0.5}
    assert not torch.equal(model(ids()).logits, model(ids()).logits)
    model.eval()
    assert torch.equal(model(ids()).logits, model(ids()).logits)


def test_dropout_falls_on_the_sum_below_the_blocks_too():
    model, seen = small(dropout=0.5), []
    model.encoder.register_forward_pre_hook(
        lambda module, given: seen.append(given[0])
    )
    model(torch.arange(11)[None])
    share = (seen[0] == 0).double().mean().item()
    assert share == pytest.approx(0.5, abs=0.15)  # of 154 numbers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 0}, "vocab_size is 0"),
        ({"n_layers": 0}, "n_layers is 0"),
        ({"max_seq_len": -1}, "max_seq_len is -1"),
        ({"n_heads": 3}, "d_model 14 is not divisible by n_heads 3"),
        ({"dropout": 1.5}, r"dropout is 1\.5"),
        ({"activation": "tanh"}, "activation is 'tanh', wanted one of"),
        ({"eps": 0.0}, r"eps is 0\.0"),
    ],
)
def test_config_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        GPTConfig(**(SIZES | changes))


def test_config_is_frozen():
    with pytest.raises(AttributeError):
        GPTConfig(5).d_model = 3


def test_errors():
    model = small()
    with pytest.raises(ValueError, match=r"12 positions long.* at most .* 11"):
        model(torch.zeros(1, 12, dtype=torch.long))
    with pytest.raises(ValueError, match="came 0 to 13"):
        model(torch.arange(V + 1).view(2, 7))
    cache = model.new_cache()
    for _ in range(2):
        model(ids(), cache=cache)
    with pytest.raises(ValueError, match="5 positions long after 10 earlier"):
        model(ids(), cache=cache)
    with pytest.raises(TypeError, match=r"pad_mask is torch\.int64"):
        model(ids(), torch.ones(B, T, dtype=torch.long))
    with pytest.raises(
        ValueError, match=r"shape \(3, 4\), wanted .* \(3, 5\)"
    ):
        model(ids(), torch.ones(B, T - 1, dtype=torch.bool))
