"""BERT: its published sizes, its heads, and the masking that trains it."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F  # noqa: N812

from transformer_course.bert import (
    BERT,
    NOT_ASKED,
    BERTClassifier,
    BERTConfig,
    BERTMaskedLM,
    BERTNextSentence,
    BERTPretraining,
    BERTSpans,
    mask_tokens,
    sentence_vectors,
)
from transformer_course.training import seeded

B, T, V, D = 3, 5, 13, 14
SIZES = {
    "vocab_size": V, "d_model": D, "n_heads": 2, "d_ff": 17, "n_layers": 3,
    "max_seq_len": 11, "dropout": 0.0,
}  # fmt: skip


def small(wrap=lambda bert: bert, pooler=True, **changes):
    with seeded(0):
        bert = BERT(BERTConfig(**(SIZES | changes)), pooler=pooler)
        return wrap(bert).double()


def ids(seed=4):
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(V, (B, T), generator=draw)


def count(model):
    return sum(p.numel() for p in model.parameters())


LARGE = {"d_model": 1024, "n_heads": 16, "d_ff": 4096, "n_layers": 24}


@pytest.mark.parametrize(
    ("changes", "counted"), [({}, 109_482_240), (LARGE, 335_141_888)]
)
def test_parameters_of_base_and_large(changes, counted):
    with torch.device("meta"):
        model = BERT(BERTConfig(30_522, **changes))
    assert count(model) == counted


def test_parameters_with_the_masked_lm_head():
    with torch.device("meta"):
        model = BERTMaskedLM(BERT(BERTConfig(30_522), pooler=False))
    assert count(model) == 109_514_298


def test_every_token_depends_on_both_sides():
    model = small()
    for changed_place in (0, T - 1):
        changed = ids()
        changed[:, changed_place] = (changed[:, changed_place] + 1) % V
        before, after = model(ids()).hidden, model(changed).hidden
        assert (before != after).any(dim=-1).all()


def test_padding_changes_nothing_on_the_right():
    model = small()
    longer = torch.cat([ids(), ids(seed=5)], dim=1)
    real = torch.arange(2 * T).expand(B, -1) < T
    padded, plain = model(longer, real), model(ids())
    torch.testing.assert_close(padded.hidden[:, :T], plain.hidden)
    torch.testing.assert_close(padded.pooled, plain.pooled)


def test_the_embeddings_are_added_then_normalized():
    model = small(n_layers=1, n_segments=3)
    seen = []
    model.encoder.blocks[0].register_forward_pre_hook(
        lambda module, given: seen.append(given[0])
    )
    segments = torch.tensor([[0, 0, 1, 2, 2]]).expand(B, T)
    model(ids(), segment_ids=segments)
    tables = (model.embedding.weight, model.segments.weight)
    summed = tables[0][ids()] + tables[1][segments]
    summed = summed + model.positions.weight[:T]
    wanted = F.layer_norm(summed, (D,), eps=1e-12)
    torch.testing.assert_close(seen[0], wanted)


def test_segments_left_out_are_the_first():
    model = small()
    zeros = torch.zeros(B, T, dtype=torch.long)
    plain = model(ids()).hidden
    assert torch.equal(plain, model(ids(), segment_ids=zeros).hidden)
    assert not torch.equal(plain, model(ids(), segment_ids=zeros + 1).hidden)


def test_pooled_is_made_of_the_first_state():
    model = small()
    output = model(ids())
    first = output.hidden[:, 0]
    wanted = torch.tanh(first @ model.pooler.weight.T + model.pooler.bias)
    torch.testing.assert_close(output.pooled, wanted)
    assert small(pooler=False)(ids()).pooled is None
    assert output.logits is None


def test_masked_lm_scores_with_the_embedding():
    model = small(BERTMaskedLM, pooler=False)
    with torch.no_grad():
        model.masked_lm.bias.copy_(torch.arange(V))
    output = model(ids())
    head = model.masked_lm
    changed = F.gelu(head.layer(output.hidden))
    changed = F.layer_norm(changed, (D,), eps=1e-12)
    wanted = changed @ model.bert.embedding.weight.T + torch.arange(V)
    torch.testing.assert_close(output.logits, wanted)
    names = [name for name, _ in model.named_parameters()]
    assert sum(p.shape == (V, D) for p in model.parameters()) == 1, names


@pytest.mark.parametrize(
    ("wrap", "shape"),
    [
        (BERTNextSentence, (B, 2)),
        (lambda bert: BERTClassifier(bert, 7), (B, 7)),
        (BERTSpans, (B, T, 2)),
        (BERTPretraining, (B, T, V)),
    ],
)
def test_heads_put_scores_on_the_same_body(wrap, shape):
    model = small(wrap)
    output, body = model(ids()), model.bert(ids())
    assert output.logits.shape == shape
    assert torch.equal(output.hidden, body.hidden)
    assert torch.equal(output.pooled, body.pooled)
    output.logits.sum().backward()
    assert model.bert.embedding.weight.grad.abs().sum() > 0


def test_pretraining_is_both_tasks():
    model = small(BERTPretraining)
    output = model(ids())
    torch.testing.assert_close(
        output.next_sentence, model.next_sentence(output.pooled)
    )
    torch.testing.assert_close(
        output.logits, model.masked_lm(output.hidden, model.bert.embedding)
    )


def test_the_start_is_as_published():
    model = small(
        BERTMaskedLM, vocab_size=500, d_model=128, n_heads=4, n_layers=2
    )
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert not parameter.any(), name
        elif parameter.dim() == 1:
            assert (parameter == 1).all(), name
        else:
            assert parameter.abs().max() <= 0.04, name
    # A normal one cut off at two deviations keeps .88 of its own.
    std = model.bert.embedding.weight.std().item()
    assert std == pytest.approx(0.88 * 0.02, rel=0.02)


def test_eps_and_bend_are_the_published_ones():
    model = small()
    assert {m.eps for m in model.modules() if hasattr(m, "eps")} == {1e-12}
    x = torch.linspace(-3, 3, 17).double()
    bend = model.encoder.blocks[1].feed_forward.bend
    torch.testing.assert_close(bend(x), F.gelu(x))


def test_sentence_vectors_by_hand():
    hidden = torch.tensor(
        [[[3.0, 0], [0, 4], [9, 9]], [[0, 5], [7, 7], [7, 7]]]
    )
    real = torch.tensor([[True, True, False], [True, False, False]])
    wanted = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    torch.testing.assert_close(sentence_vectors(hidden, real), wanted)


def test_sentence_vectors_do_not_read_padding():
    hidden = torch.full((1, 2, 3), torch.nan)
    hidden[:, 0] = 2.0
    vectors = sentence_vectors(hidden, torch.tensor([[True, False]]))
    torch.testing.assert_close(vectors, torch.full((1, 3), 3**-0.5))


def masked(token_ids, may_ask, seed=0, **changes):
    options = {"mask_id": 1, "vocab_size": V} | changes
    draw = torch.Generator().manual_seed(seed)
    return mask_tokens(token_ids, may_ask, generator=draw, **options)


@given(
    st.integers(0, 999),
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
    st.floats(0.01, 1),
)
def test_the_right_number_is_asked_for_in_each_sentence(seed, lengths, share):
    # Special tokens on both sides, so that places and ranks differ.
    place = torch.arange(44) - 3
    may_ask = (place >= 0) & (place < torch.tensor(lengths)[:, None])
    token_ids = torch.full(may_ask.shape, 5)
    inputs, targets = masked(token_ids, may_ask, seed, share=share)
    asked = targets != NOT_ASKED
    assert not (asked & ~may_ask).any()
    assert torch.equal(inputs[~asked], token_ids[~asked])
    assert (targets[asked] == 5).all()
    for row, length in zip(asked, lengths, strict=True):
        exact = torch.tensor(share) * length
        assert row.sum() == max(1, int(exact.round()))


def test_of_those_asked_for_80_10_10():
    n, vocab_size = 40_000, 1000
    token_ids = torch.full((1, n), 999)
    may_ask = torch.ones(1, n, dtype=torch.bool)
    inputs, targets = masked(token_ids, may_ask, vocab_size=vocab_size)
    asked = targets != NOT_ASKED
    assert asked.sum() == 0.15 * n
    came = inputs[asked]
    share_mask = (came == 1).double().mean().item()
    share_same = (came == 999).double().mean().item()
    # standard errors are .005 and .004
    assert share_mask == pytest.approx(0.8, abs=0.02)
    assert share_same == pytest.approx(0.1, abs=0.016)
    others = came[(came != 1) & (came != 999)].double()
    assert others.min() < 20
    assert others.max() > 970
    assert others.mean().item() == pytest.approx(500, abs=40)


def test_all_places_are_asked_for_alike():
    may_ask = torch.ones(4000, 7, dtype=torch.bool)
    token_ids = torch.zeros(4000, 7, dtype=torch.long)
    _, targets = masked(token_ids, may_ask)
    shares = (targets != NOT_ASKED).double().mean(dim=0)
    error = math.sqrt(1 / 7 * 6 / 7 / 4000)
    assert (shares - 1 / 7).abs().max() < 4 * error


def test_masking_is_that_of_the_seed():
    may_ask = torch.ones(B, T, dtype=torch.bool)
    first, again, other = (masked(ids(), may_ask, seed) for seed in (0, 0, 1))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 0}, "vocab_size is 0"),
        ({"n_segments": 0}, "n_segments is 0"),
        ({"n_heads": 3}, "d_model 14 is not divisible by n_heads 3"),
        ({"dropout": -0.1}, r"dropout is -0\.1"),
        ({"activation": "silu"}, "activation is 'silu', wanted one of"),
        ({"eps": 0.0}, r"eps is 0\.0"),
    ],
)
def test_config_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        BERTConfig(**(SIZES | changes))


def test_errors():
    model, real = small(), torch.ones(B, T, dtype=torch.bool)
    with pytest.raises(ValueError, match="12 positions long"):
        model(torch.zeros(1, 12, dtype=torch.long))
    with pytest.raises(ValueError, match="must run from 0 to 1, came 0 to 2"):
        model(ids(), segment_ids=torch.arange(B).expand(T, B).T)
    with pytest.raises(TypeError, match="pad_mask is"):
        model(ids(), real.long())
    for wrap in (BERTNextSentence, BERTPretraining):
        with pytest.raises(ValueError, match="bert has no pooler"):
            small(wrap, pooler=False)
    with pytest.raises(ValueError, match="bert has no pooler"):
        BERTClassifier(small(pooler=False), 3)
    with pytest.raises(ValueError, match="n_labels is 0"):
        BERTClassifier(small(), 0)
    with pytest.raises(ValueError, match="row without a real token"):
        sentence_vectors(torch.zeros(B, T, D), real & (ids() < 0))


def test_masking_errors():
    real = torch.ones(B, T, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"share is 0, wanted"):
        masked(ids(), real, share=0)
    with pytest.raises(ValueError, match=r"share is 1\.5, wanted"):
        masked(ids(), real, share=1.5)
    with pytest.raises(ValueError, match=r"may_ask \(3, 4\), wanted"):
        masked(ids(), real[:, 1:])
    real[1] = False
    with pytest.raises(ValueError, match="row without a token to ask for"):
        masked(ids(), real)
