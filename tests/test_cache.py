"""The key/value cache: piece by piece equals all at once, row by row."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.test_layers import D_FF, B, D, H, fill, normal
from transformer_course import masks
from transformer_course.attention import KeyValueCache, MultiHeadAttention
from transformer_course.layers import DecoderCache
from transformer_course.transformer import (
    Decoder,
    Encoder,
    Transformer,
    TransformerConfig,
)

T, T_K, D_H, D_V, V, N_LAYERS = 11, 7, 5, 13, 17, 3
PIECES = [(11,), (1,) * 11, (5, 1, 1, 4), (1, 3, 7)]

pytestmark = pytest.mark.usefixtures("no_gradients")


@pytest.fixture
def no_gradients():
    with torch.no_grad():
        yield


def pieces(x, sizes, dim=1):
    return torch.split(x, sizes, dim=dim)


@given(sizes=st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_appended_pieces_come_back_in_order(sizes):
    k, v = normal(B, H, sum(sizes), D_H), normal(B, H, sum(sizes), D_V)
    cache, end = KeyValueCache(), 0
    for new_k, new_v in zip(
        pieces(k, sizes, 2), pieces(v, sizes, 2), strict=True
    ):
        all_k, all_v = cache.append(new_k, new_v)
        end += new_k.size(2)
        assert cache.length == end
        assert torch.equal(all_k, k[:, :, :end])
        assert torch.equal(all_v, v[:, :, :end])


def test_words_are_rarely_copied():
    cache, word = KeyValueCache(), torch.zeros(1, 1, 1, 1)
    rooms = {cache.append(word, word)[0].data_ptr() for _ in range(1000)}
    assert len(rooms) <= 11  # at 1, 2, 4, ... 1024 words or fewer


def test_what_was_appended_first_is_not_written_over():
    cache, first = KeyValueCache(), normal(B, H, 2, D_H)
    kept = first.clone()
    cache.append(first, first)
    cache.append(first + 1, first + 1)
    assert torch.equal(first, kept)


def test_select_repeats_drops_and_reorders_rows():
    cache, rows = KeyValueCache(), torch.tensor([2, 0, 0, 2])
    cache.select(rows)  # an empty cache has no rows yet
    k, v = normal(B, H, 4, D_H), normal(B, H, 4, D_V, seed=1)
    cache.append(k[:, :, :3], v[:, :, :3])
    cache.select(rows)
    got = cache.append(k[rows, :, 3:], v[rows, :, 3:])
    assert cache.length == 4
    assert torch.equal(got[0], k[rows])
    assert torch.equal(got[1], v[rows])


@pytest.mark.parametrize(
    ("k_shape", "v_shape", "message"),
    [
        ((2, 3, 5), (2, 3, 5), r"k has shape \(2, 3, 5\) and v"),
        ((2, 3, 1, 5), (2, 3, 2, 5), r"v \(2, 3, 2, 5\), wanted"),
        ((2, 3, 1, 5), (2, 1, 1, 5), "the same B, H and T"),
        ((3, 3, 1, 5), (3, 3, 1, 7), r"k has .*holds .* \(2, 3, 4, 5\)"),
        ((2, 1, 1, 5), (2, 1, 1, 7), r"k has .*holds .* \(2, 3, 4, 5\)"),
        ((2, 3, 1, 7), (2, 3, 1, 7), r"k has .*holds .* \(2, 3, 4, 5\)"),
        ((2, 3, 1, 5), (2, 3, 1, 5), r"v has .*holds .* \(2, 3, 4, 7\)"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    k_shape, v_shape, message
):
    k, v = normal(2, 3, 5, 5), normal(2, 3, 5, 7)
    cache = KeyValueCache()
    cache.append(k[:, :, :4], v[:, :, :4])
    with pytest.raises(ValueError, match=message):
        cache.append(normal(*k_shape), normal(*v_shape))
    got = cache.append(k[:, :, 4:], v[:, :, 4:])
    assert torch.equal(got[0], k)
    assert torch.equal(got[1], v)


def test_another_dtype_is_refused():
    cache, x = KeyValueCache(), normal(1, 1, 1, 1)
    cache.append(x, x)
    with pytest.raises(TypeError, match=r"k is torch.float32.*float64"):
        cache.append(x.float(), x.float())


@pytest.mark.parametrize("sizes", PIECES)
@pytest.mark.parametrize("need_weights", [False, True])
def test_attention_in_pieces_equals_attention_at_once(sizes, need_weights):
    attention = fill(MultiHeadAttention(D, H).double())
    x, mask = normal(B, T, D), masks.causal_mask(T)
    output, weights = attention(x, attn_mask=mask, need_weights=need_weights)
    cache, end = KeyValueCache(), 0
    for part in pieces(x, sizes):
        start, end = end, end + part.size(1)
        got, got_weights = attention(
            part,
            attn_mask=mask[start:end, :end],
            need_weights=need_weights,
            cache=cache,
        )
        torch.testing.assert_close(got, output[:, start:end])
        if need_weights:
            torch.testing.assert_close(
                got_weights, weights[:, :, start:end, :end]
            )


@pytest.mark.parametrize("sizes", PIECES)
@pytest.mark.parametrize("norm_first", [False, True])
def test_stack_in_pieces_equals_stack_at_once(sizes, norm_first):
    stack = fill(Encoder(N_LAYERS, D, H, D_FF, norm_first=norm_first).double())
    real = torch.arange(T) < torch.tensor([[11], [4], [9]])
    mask = masks.combine(masks.causal_mask(T), masks.padding_mask(real))
    x, cache = normal(B, T, D), stack.new_cache()
    wanted, got, end = stack(x, mask), [], 0
    for part in pieces(x, sizes):
        start, end = end, end + part.size(1)
        got.append(stack(part, mask[:, :, start:end, :end], cache=cache))
    torch.testing.assert_close(torch.cat(got, dim=1), wanted)
    assert [own.length for own in cache] == [T] * N_LAYERS


def translator(norm_first=False):
    config = TransformerConfig(
        V, D, H, D_FF, n_layers=N_LAYERS, max_seq_len=T, dropout=0.0,
        norm_first=norm_first,
    )  # fmt: skip
    return fill(Transformer(config).double())


def pair_of_ids(seed=4):
    draw = torch.Generator().manual_seed(seed)
    source = torch.randint(V, (B, T_K), generator=draw)
    return source, torch.randint(V, (B, T), generator=draw)


SOURCE_REAL = torch.arange(T_K) < torch.tensor([[7], [2], [6]])


@pytest.mark.parametrize("sizes", PIECES)
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("holes", [False, True])
def test_decoding_in_pieces_equals_decoding_at_once(sizes, norm_first, holes):
    model, (source, target) = translator(norm_first), pair_of_ids()
    target_real = torch.ones(B, T, dtype=torch.bool)
    target_real[1, 2] = target_real[2, 8:] = False
    memory = model.encode(source, SOURCE_REAL)
    wanted = model.decode(
        target, memory, SOURCE_REAL, target_real if holes else None
    )
    cache, got, end = model.new_cache(), [], 0
    for part in pieces(target, sizes):
        end += part.size(1)
        seen = target_real[:, :end] if holes else None
        got.append(model.decode(part, memory, SOURCE_REAL, seen, cache=cache))
    torch.testing.assert_close(torch.cat(got, dim=1), wanted)


def test_keys_and_values_of_the_memory_are_computed_once():
    model, (source, target) = translator(), pair_of_ids()
    memory, cache, read = model.encode(source), model.new_cache(), []
    for block in model.decoder.blocks:
        block.cross_attention.k_proj.register_forward_hook(
            lambda module, inputs, output: read.append(inputs[0].size(1))
        )
    for part in target.split(1, dim=1):
        model.decode(part, memory, cache=cache)
    assert read == [T_K] * N_LAYERS + [0] * N_LAYERS * (T - 1)


def test_selected_rows_go_on_as_their_own():
    """Each row goes on from the beginning of another, as beams do."""
    model, (source, target) = translator(), pair_of_ids()
    memory, rows = model.encode(source, SOURCE_REAL), torch.tensor([2, 2, 0])
    cache = model.new_cache()
    model.decode(target[:, :4], memory, SOURCE_REAL, cache=cache)
    for part in cache:
        part.select(rows)
    got = model.decode(
        target[rows, 4:], memory[rows], SOURCE_REAL[rows], cache=cache
    )
    wanted = model.decode(target, memory, SOURCE_REAL)[rows, 4:]
    torch.testing.assert_close(got, wanted)


def test_errors_of_the_stacks():
    model, (source, target) = translator(), pair_of_ids()
    memory, cache = model.encode(source), model.new_cache()
    x = normal(B, T, D)
    with pytest.raises(ValueError, match=r"cache has 2 parts.* 3 blocks"):
        model.decode(target, memory, cache=cache[:2])
    with pytest.raises(ValueError, match=r"cache has 0 parts.* 3 blocks"):
        Encoder(3, D, H, D_FF).double()(x, cache=[])
    model.decode(target[:, :10], memory, cache=cache)
    assert cache[0].length == 10
    with pytest.raises(ValueError, match=r"2 positions long after 10.* 11"):
        model.decode(target[:, :2], memory, cache=cache)
    with pytest.raises(ValueError, match=r"memory is 6 .* one with 7"):
        model.decode(target[:, :1], memory[:, 1:], cache=cache)
    with pytest.raises(ValueError, match=r"k has shape .*the cache holds"):
        model.decode(target[:2, :1], memory[:2], cache=cache)


def test_a_decoder_alone_makes_its_cache():
    cache = Decoder(2, D, H, D_FF).new_cache()
    assert [type(part) for part in cache] == [DecoderCache] * 2
    assert cache[0].own is not cache[1].own
