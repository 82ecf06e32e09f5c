"""Generation: distributions by hand, searches against all texts there are."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.test_layers import normal
from tests.writing_models import Chain, Tree, gpt, lively, ranked, translator
from transformer_course.generation import (
    DecoderOnly,
    EncoderDecoder,
    beam_search,
    greedy,
    keep_top_k,
    keep_top_p,
    next_token_probabilities,
    sample,
)
from transformer_course.gpt import GPT, GPTConfig
from transformer_course.llama import Llama, LlamaConfig

V, EOS, PAD = 13, 2, 11
INF = math.inf
LOGITS = torch.tensor([0.125, 0.5, 0.0625, 0.25, 0.0625]).log()


def drawing(seed=0):
    return torch.Generator().manual_seed(seed)


# --- the distribution of one token


@pytest.mark.parametrize(
    ("k", "kept"), [(1, [1]), (2, [1, 3]), (3, [0, 1, 3]), (99, range(5))]
)
def test_top_k_by_hand(k, kept):
    got = keep_top_k(LOGITS, k)
    for token, logit in enumerate(LOGITS.tolist()):
        assert got[token].item() == (logit if token in kept else -INF)


@pytest.mark.parametrize(
    ("p", "kept"),
    [
        (1e-9, [1]),
        (0.5, [1]),
        (0.51, [1, 3]),
        (0.75, [1, 3]),
        (0.8, [0, 1, 3]),
        (0.9, [0, 1, 2, 3]),  # of the two that tie, the first
        (0.95, range(5)),
        (1.0, range(5)),
    ],
)
def test_top_p_by_hand(p, kept):
    logits = LOGITS.double().exp().log() + 7  # a constant changes nothing
    got = keep_top_p(logits, p - 1e-12 if p < 1 else p)
    for token, logit in enumerate(logits.tolist()):
        assert got[token].item() == (logit if token in kept else -INF)


def test_top_p_stops_at_exactly_p_and_takes_the_first_of_equals():
    for n in (2, 4, 1024):  # 1 / n and its sums are exact
        kept = keep_top_p(torch.zeros(n), 0.5) > -INF
        assert kept.tolist() == [True] * (n // 2) + [False] * (n // 2)


def test_top_p_of_one_leaves_what_rounding_would_drop():
    logits = torch.tensor([0.0, -60.0, -60.0])
    assert torch.equal(keep_top_p(logits, 1.0), logits)


LISTS = st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=17)


@settings(deadline=None)
@given(rows=LISTS, k=st.integers(1, 19))
def test_top_k_keeps_k_of_the_largest(rows, k):
    logits = torch.tensor(rows)
    got = keep_top_k(logits, k)
    kept = got > -INF
    assert kept.sum() == min(k, len(rows))
    assert torch.equal(got[kept], logits[kept])
    if not kept.all():
        assert logits[kept].min() >= logits[~kept].max()


@settings(deadline=None)
@given(rows=LISTS, p=st.floats(0.001, 0.999))
def test_top_p_keeps_the_fewest_that_reach_p(rows, p):
    logits = torch.tensor(rows, dtype=torch.float64)
    kept = keep_top_p(logits, p) > -INF
    probabilities = logits.softmax(dim=-1)
    assert kept.any()
    assert probabilities[kept].sum() >= p - 1e-12
    least = probabilities[kept].min()
    assert probabilities[kept].sum() - least < p + 1e-12
    if not kept.all():
        assert least >= probabilities[~kept].max()


@settings(deadline=None)
@given(seed=st.integers(0, 999), p=st.floats(0.01, 1), k=st.integers(1, 9))
def test_filters_treat_every_row_and_every_order_alike(seed, p, k):
    logits = 3 * normal(2, 3, 7, seed=seed)
    shuffled = torch.randperm(7, generator=drawing(seed))
    for keep in (lambda x: keep_top_k(x, k), lambda x: keep_top_p(x, p)):
        whole = keep(logits)
        assert torch.equal(keep(logits[1, 2]), whole[1, 2])
        assert torch.equal(keep(logits[..., shuffled]), whole[..., shuffled])


def test_temperature_by_hand_and_at_its_limits():
    def at(temperature):
        return next_token_probabilities(
            LOGITS.double(), temperature=temperature
        )

    squares = LOGITS.double().exp() ** 2
    torch.testing.assert_close(at(0.5), squares / squares.sum())
    torch.testing.assert_close(at(1.0), LOGITS.double().softmax(dim=-1))
    one_hot = torch.tensor([0, 1, 0, 0, 0], dtype=torch.float64)
    for cold in (1e-3, 1e-300):
        torch.testing.assert_close(at(cold), one_hot)
    overflowing = next_token_probabilities(100 * LOGITS, temperature=1e-37)
    assert overflowing.tolist() == [0, 1, 0, 0, 0]
    for hot in (1e9, 1e300):
        torch.testing.assert_close(at(hot), torch.full((5,), 0.2).double())


def test_filters_come_in_the_documented_order():
    """Cold first, so that the nucleus is that of the cold distribution."""
    logits = torch.tensor([0.5, 0.3, 0.2]).log()
    got = next_token_probabilities(logits, temperature=0.25, top_p=0.8)
    torch.testing.assert_close(got, torch.tensor([1.0, 0.0, 0.0]))
    # 0.5 is 0.625 of what top_k leaves, enough for p = 0.6.
    got = next_token_probabilities(logits, top_k=2, top_p=0.6)
    torch.testing.assert_close(got, torch.tensor([1.0, 0.0, 0.0]))
    got = next_token_probabilities(logits, top_k=2)
    torch.testing.assert_close(got, torch.tensor([0.625, 0.375, 0.0]))


# --- drawing

CHAIN = Chain(
    [
        [0.1, 0.4, 0.2, 0.3],
        [0.7, 0.1, 0.1, 0.1],
        [0.25, 0.25, 0.25, 0.25],
        [0.05, 0.05, 0.8, 0.1],
    ]
)
# Chi-square with 0 to 3 degrees of freedom, the 99.99 % points.
LARGEST = {0: 0.0, 1: 15.14, 2: 18.42, 3: 21.11}


def assert_drawn_from(tokens, wanted):
    counts = torch.bincount(tokens, minlength=len(wanted)).double()
    expected = torch.tensor(wanted).double() * len(tokens)
    possible = expected > 0
    assert not counts[~possible].any()
    off = (counts - expected)[possible] ** 2 / expected[possible]
    assert off.sum() <= LARGEST[int(possible.sum()) - 1]


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, [0.1, 0.4, 0.2, 0.3]),
        ({"temperature": 0.5}, [1 / 30, 16 / 30, 4 / 30, 9 / 30]),
        ({"top_k": 2}, [0, 4 / 7, 0, 3 / 7]),
        ({"top_k": 1}, [0, 1, 0, 0]),
        ({"top_p": 0.85}, [0, 4 / 9, 2 / 9, 3 / 9]),
        ({"top_p": 0.65, "temperature": 1.0}, [0, 4 / 7, 0, 3 / 7]),
    ],
)
def test_tokens_are_drawn_as_often_as_they_are_probable(settings, wanted):
    prompt = torch.zeros(20_000, 1, dtype=torch.int64)
    ids = sample(
        DecoderOnly(CHAIN), prompt, max_new_tokens=1, generator=drawing(5),
        **settings,
    )  # fmt: skip
    assert ids.shape == (20_000, 2)
    assert_drawn_from(ids[:, 1], wanted)


def test_each_token_is_drawn_given_the_one_before():
    prompt = torch.zeros(20_000, 1, dtype=torch.int64)
    ids = sample(
        DecoderOnly(CHAIN), prompt, max_new_tokens=2, generator=drawing(6)
    )
    for first, wanted in enumerate(CHAIN.table.tolist()):
        assert_drawn_from(ids[ids[:, 1] == first, 2], wanted)


def test_the_generator_alone_decides():
    writer, prompt = DecoderOnly(gpt()), torch.zeros(3, 1, dtype=torch.int64)
    state = torch.get_rng_state()
    texts = [
        sample(writer, prompt, max_new_tokens=9, generator=drawing(seed))
        for seed in (1, 1, 2)
    ]
    assert torch.equal(texts[0], texts[1])
    assert not torch.equal(texts[0], texts[2])
    assert torch.equal(torch.get_rng_state(), state)


def test_cold_sampling_is_greedy():
    writer, prompt = DecoderOnly(gpt()), torch.arange(6).view(3, 2)
    wanted = greedy(writer, prompt, max_new_tokens=9)
    for cold in ({"temperature": 1e-12}, {"top_k": 1}, {"top_p": 1e-12}):
        got = sample(
            writer, prompt, max_new_tokens=9, generator=drawing(), **cold
        )
        assert torch.equal(got, wanted)


# --- greedy, and what all three ways share


def follow(*successors):
    """Make a chain in which each token has one sure successor."""
    return Chain(torch.eye(len(successors))[list(successors)].tolist())


def test_greedy_is_the_argmax_of_each_step_by_hand():
    model, prompt = gpt(), torch.tensor([[5, 1], [0, 7]])
    wanted = prompt
    for _ in range(8):
        best = model(wanted).logits[:, -1].argmax(dim=-1)
        wanted = torch.cat([wanted, best[:, None]], dim=1)
    assert torch.equal(
        greedy(DecoderOnly(model), prompt, max_new_tokens=8), wanted
    )
    assert len(wanted[:, 2:].unique()) > 2  # the model does not repeat itself


def ways(**settings):
    """List the three ways to write, each as a function to ids (B, T)."""
    return {
        "greedy": lambda w, p: greedy(w, p, **settings),
        "sample": lambda w, p: sample(w, p, generator=drawing(3), **settings),
        "beams": lambda w, p: beam_search(w, p, **settings).token_ids[:, 0],
    }


WAYS = sorted(ways())


@pytest.mark.parametrize("way", WAYS)
def test_a_row_ends_at_eos_and_is_padded_after_it(way):
    writer = DecoderOnly(follow(1, 2, 3, 3, 0))  # 3 ends; 4 0 1 2 3
    prompt = torch.tensor([[0, 4], [0, 1], [3, 0]])
    write = ways(max_new_tokens=9, eos_id=3, pad_id=4)[way]
    assert write(writer, prompt).tolist() == [
        [0, 4, 0, 1, 2, 3],
        [0, 1, 2, 3, 4, 4],
        [3, 0, 1, 2, 3, 4],  # the 3 of the prompt ends nothing
    ]
    short = ways(max_new_tokens=2, eos_id=3)[way]
    assert short(writer, prompt).tolist() == [
        [0, 4, 0, 1],
        [0, 1, 2, 3],
        [3, 0, 1, 2],
    ]
    assert short(writer, prompt[1:, :1]).tolist() == [[0, 1, 2], [3, 3, 3]]


@pytest.mark.parametrize("way", WAYS)
def test_without_eos_all_is_written(way):
    write = ways(max_new_tokens=5)[way]
    ids = write(DecoderOnly(follow(1, 2, 3, 3, 0)), torch.tensor([[4]]))
    assert ids.tolist() == [[4, 0, 1, 2, 3, 3]]


# Row 0 holds the ending token where it is the prompt that says so.
PROMPTS = torch.tensor([[3, 9, 1, 2, 4], [7, 5, 0, 0, 0], [5, 8, 8, 0, 0]])
REAL = torch.arange(5) < torch.tensor([[5], [2], [3]])
SOURCES = torch.randint(V, (3, 7), generator=drawing(8))
SOURCES_REAL = torch.arange(7) < torch.tensor([[4], [7], [2]])


def writers(cached, rows=slice(None), **settings):
    return {
        "decoder": DecoderOnly(gpt(**settings), cached=cached),
        "both": EncoderDecoder(
            translator(**settings),
            SOURCES[rows],
            SOURCES_REAL[rows],
            cached=cached,
        ),
    }


KINDS = ["both", "decoder"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("eos_id", [None, EOS])
@pytest.mark.parametrize("seed", range(3))
def test_cached_equals_uncached_token_for_token(
    kind, way, ragged, eos_id, seed
):
    padding = {"prompt_pad_mask": REAL, "pad_id": PAD} if ragged else {}
    write = ways(max_new_tokens=15, eos_id=eos_id, **padding)[way]
    with_cache, without = (
        write(writers(cached, seed=seed)[kind], PROMPTS)
        for cached in (True, False)
    )
    assert torch.equal(with_cache, without)
    if eos_id is None:
        assert with_cache.size(1) == 20


def strip(row, length):
    return row[:length].tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["beams", "greedy"])
@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_row_is_written_as_if_it_were_alone(kind, way, cached, seed):
    """Also where its prompt is shorter than those of its neighbours."""
    together = ways(
        max_new_tokens=9, eos_id=EOS, pad_id=PAD, prompt_pad_mask=REAL
    )[way](writers(cached, seed=seed)[kind], PROMPTS)
    for row, length in enumerate(REAL.sum(dim=1).tolist()):
        prompt = PROMPTS[row : row + 1, :length]
        alone = ways(max_new_tokens=9, eos_id=EOS, pad_id=PAD)[way](
            writers(cached, slice(row, row + 1), seed=seed)[kind], prompt
        )[0]
        end = len(alone)
        assert strip(together[row], end) == alone.tolist()
        assert (together[row, end:] == PAD).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [[2, 0, 0], [1], [0, 1, 2], [2, 1, 0, 0, 1]])
def test_selected_rows_go_on_from_what_they_were(kind, rows):
    """Also across sources, and back, which beam search never does."""
    rows, back = torch.tensor(rows), torch.tensor([0, 0])
    logits = []
    for cached in (True, False):
        writer = writers(cached)[kind]
        writer.begin()
        with torch.no_grad():
            writer.feed(PROMPTS)
            writer.select(rows)
            logits.append(writer.feed(PROMPTS[rows, :2]))
            writer.select(back)
            logits.append(writer.feed(PROMPTS[:2, :1]))
    torch.testing.assert_close(logits[:2], logits[2:])


FAMILY = {
    "gpt": lambda: GPT(GPTConfig(V, 14, 2, 17, 2, max_seq_len=23)),
    "llama": lambda: Llama(
        LlamaConfig(V, 24, 4, 2, d_ff=17, n_layers=2, max_seq_len=23)
    ),
}


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("way", WAYS)
def test_the_family_writes_the_same_with_and_without_a_cache(name, way):
    model = lively(FAMILY[name](), seed=1)
    write = ways(max_new_tokens=15, prompt_pad_mask=REAL, pad_id=PAD)[way]
    texts = [
        write(DecoderOnly(model, cached=cached), PROMPTS)
        for cached in (True, False)
    ]
    assert torch.equal(*texts)
    with pytest.raises(ValueError, match="max_seq_len is 23"):
        greedy(DecoderOnly(model), PROMPTS, max_new_tokens=20)


@pytest.mark.parametrize("name", FAMILY)
def test_one_text_of_a_thousand_tokens_is_the_same_with_a_cache(name):
    model = {
        "gpt": lambda: GPT(GPTConfig(V, 16, 2, 32, 2, max_seq_len=1024)),
        "llama": lambda: Llama(
            LlamaConfig(V, 16, 2, 1, d_ff=32, n_layers=2, max_seq_len=1024)
        ),
    }[name]()
    model = lively(model, seed=3)
    texts = [
        sample(
            DecoderOnly(model, cached=cached),
            PROMPTS[1:2, :1],
            max_new_tokens=1000,
            generator=drawing(4),
        )
        for cached in (True, False)
    ]
    assert torch.equal(*texts)
    assert texts[0].size(1) == 1001
    assert len(texts[0].unique()) > V // 2  # no circle of a few tokens


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_dropout_is_off_while_writing_and_back_after(kind, way):
    plain, dropping = writers(True), writers(True, dropout=0.5)
    model = dropping[kind].model
    model.train()
    model.encoder.eval()
    write = ways(max_new_tokens=9)[way]
    assert torch.equal(
        write(dropping[kind], PROMPTS), write(plain[kind], PROMPTS)
    )
    assert model.training
    assert not model.encoder.training


def test_one_writer_writes_many_times():
    writer = DecoderOnly(gpt())
    first = greedy(writer, PROMPTS, max_new_tokens=5)
    beam_search(writer, PROMPTS[:1], max_new_tokens=3)
    assert torch.equal(greedy(writer, PROMPTS, max_new_tokens=5), first)


def test_a_prompt_may_be_trained_on_what_was_written():
    """Written ids are ordinary tensors, not those of inference mode."""
    ids = greedy(DecoderOnly(gpt()), PROMPTS, max_new_tokens=3)
    nn.Embedding(V, 3)(ids).sum().backward()


# --- the longest input

LONG = 6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_text_beyond_max_seq_len_is_refused_before_it_begins(kind, way):
    writer = writers(True, max_seq_len=7)[kind]
    ids = ways(max_new_tokens=3)[way](writer, PROMPTS)
    assert ids.shape == (3, 8)  # the last token is never fed
    message = (
        "prompt of 5 tokens and max_new_tokens 4 need 8 positions, the "
        "model's max_seq_len is 7"
    )
    with pytest.raises(ValueError, match=message):
        ways(max_new_tokens=4)[way](writer, PROMPTS)


@pytest.mark.parametrize("cached", [False, True])
def test_the_window_slides_where_it_is_asked_to(cached):
    model = gpt(max_seq_len=LONG)
    writer = DecoderOnly(model, cached=cached, slide=True)
    for prompt in (PROMPTS, torch.cat([PROMPTS, PROMPTS], dim=1)):
        wanted = prompt
        for _ in range(9):
            best = model(wanted[:, -LONG:]).logits[:, -1].argmax(dim=-1)
            wanted = torch.cat([wanted, best[:, None]], dim=1)
        got = greedy(writer, prompt, max_new_tokens=9)
        assert torch.equal(got, wanted)


@pytest.mark.parametrize("way", WAYS)
def test_sliding_with_a_cache_equals_sliding_without(way):
    model, write = gpt(max_seq_len=LONG), ways(max_new_tokens=11)[way]
    got = [
        write(DecoderOnly(model, cached=cached, slide=True), PROMPTS)
        for cached in (True, False)
    ]
    assert torch.equal(*got)


# --- beam search

# Greedy takes 0 (0.5), after which nothing is probable: 0.5 * 0.4 = 0.2.
# The best text starts with 1: 0.4 * 0.9 = 0.36.
GARDEN_PATH = {
    (9,): [0.5, 0.4, 0.1],
    (9, 0): [0.4, 0.3, 0.3],
    (9, 1): [0.05, 0.05, 0.9],
    (9, 2): [0.4, 0.4, 0.2],
}


def test_beams_find_the_text_that_greedy_misses():
    writer = DecoderOnly(Tree(GARDEN_PATH, 3), cached=False)
    prompt = torch.tensor([[9]])
    assert greedy(writer, prompt, max_new_tokens=2).tolist() == [[9, 0, 0]]
    beams = beam_search(
        writer, prompt, max_new_tokens=2, beam_width=2, alpha=0.0
    )
    assert beams.token_ids.tolist() == [[[9, 1, 2], [9, 0, 0]]]
    assert beams.lengths.tolist() == [[3, 3]]
    torch.testing.assert_close(
        beams.scores.exp(), torch.tensor([[0.36, 0.2]], dtype=torch.float64)
    )


def test_length_penalty_by_hand():
    """Two tokens of 0.6 and 0.7 against the end at once, 0.4; 2 ends."""
    branches = {
        (9,): [0.0, 0.6, 0.4],
        (9, 1): [0.3, 0.0, 0.7],
        (9, 1, 0): [0.0, 0.0, 1.0],
    }
    writer = DecoderOnly(Tree(branches, 3), cached=False)
    for alpha, penalty in ((0.0, 1.0), (0.6, (7 / 6) ** 0.6)):
        beams = beam_search(
            writer, torch.tensor([[9]]), max_new_tokens=3, beam_width=3,
            alpha=alpha, eos_id=2,
        )  # fmt: skip
        want = [0.42, 0.4, 0.18]
        assert beams.lengths.tolist() == [[3, 2, 4]]
        got = beams.scores[0, :2].tolist()
        assert got[0] == pytest.approx(math.log(want[0]) / penalty)
        assert got[1] == pytest.approx(math.log(want[1]))


def logits_of(kind, seed, row, vocab_size):
    """Give the model's logits for whole texts, without any writer."""
    if kind == "decoder":
        model = gpt(seed, vocab_size)
        return lambda ids: model(ids).logits
    model = translator(seed, vocab_size)
    source = SOURCES[row : row + 1] % vocab_size
    real = SOURCES_REAL[row : row + 1]
    return lambda ids: model(
        source.expand(len(ids), -1), ids, real.expand(len(ids), -1)
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("eos_id", [None, 2])
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.7])
@pytest.mark.parametrize("seed", range(3))
def test_a_beam_as_wide_as_all_texts_finds_the_best(kind, eos_id, alpha, seed):
    vocab_size, n_new = 3, 4
    writer = {
        "decoder": DecoderOnly(gpt(seed, vocab_size)),
        "both": EncoderDecoder(
            translator(seed, vocab_size), SOURCES % vocab_size, SOURCES_REAL
        ),
    }[kind]
    prompts = torch.tensor([[0, 1, 0], [1, 2, 0], [0, 0, 0]])
    real = torch.arange(3) < torch.tensor([[3], [2], [1]])
    beams = beam_search(
        writer, prompts, max_new_tokens=n_new, eos_id=eos_id, pad_id=0,
        beam_width=vocab_size**n_new, alpha=alpha, prompt_pad_mask=real,
    )  # fmt: skip
    for row in range(3):
        prompt = prompts[row][real[row]].tolist()
        wanted = ranked(
            logits_of(kind, seed, row, vocab_size),
            prompt, vocab_size, n_new, eos_id, alpha,
        )  # fmt: skip
        found = beams.scores[row] > -INF
        assert found.sum() == len(wanted)
        lengths = beams.lengths[row][found].tolist()
        got = [
            (score, strip(ids, length))
            for score, ids, length in zip(
                beams.scores[row][found].tolist(),
                beams.token_ids[row][found],
                lengths,
                strict=True,
            )
        ]
        assert [text for _, text in got] == [text for _, text in wanted]
        assert [s for s, _ in got] == pytest.approx([s for s, _ in wanted])


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 9999),
    width=st.integers(1, 6),
    alpha=st.floats(0, 2),
    cached=st.booleans(),
)
def test_properties_of_all_beams(seed, width, alpha, cached):
    """Sorted, distinct, scored as one forward call scores them."""
    model = gpt(seed)
    settings = {"max_new_tokens": 6, "eos_id": EOS, "pad_id": PAD}
    beams = beam_search(
        DecoderOnly(model, cached=cached), PROMPTS, beam_width=width,
        alpha=alpha, prompt_pad_mask=REAL, **settings,
    )  # fmt: skip
    assert beams.token_ids.shape[:2] == (3, width)
    for row, start in enumerate(REAL.sum(dim=1).tolist()):
        texts = []
        for ids, length, score in zip(
            beams.token_ids[row],
            beams.lengths[row].tolist(),
            beams.scores[row].tolist(),
            strict=True,
        ):
            new = ids[start:length]
            assert torch.equal(ids[:start], PROMPTS[row, :start])
            assert EOS not in new[:-1]
            assert len(new) == 6 or new[-1] == EOS
            assert (ids[length:] == PAD).all()
            probable = model(ids[None, :length]).logits.log_softmax(dim=-1)[0]
            total = probable[start - 1 : length - 1].gather(1, new[:, None])
            penalty = ((5 + len(new)) / 6) ** alpha
            assert score == pytest.approx(total.sum().item() / penalty)
            texts.append(tuple(ids[:length].tolist()))
        assert len(set(texts)) == width
        assert (
            beams.scores[row].sort(descending=True)[0].equal(beams.scores[row])
        )
    if width == 1:
        text = greedy(
            DecoderOnly(model), PROMPTS, prompt_pad_mask=REAL, **settings
        )
        assert torch.equal(beams.token_ids[:, 0], text)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("alpha", [0.0, 0.6, 3.0])
def test_a_beam_of_one_is_greedy(seed, alpha):
    settings = {"max_new_tokens": 12, "eos_id": EOS, "pad_id": PAD}
    for writer in writers(True, seed=seed).values():
        beams = beam_search(
            writer, PROMPTS, beam_width=1, alpha=alpha, **settings
        )
        text = greedy(writer, PROMPTS, **settings)
        assert torch.equal(beams.token_ids[:, 0], text)


def test_all_beams_of_a_batch_equal_those_of_each_row_alone():
    settings = {"max_new_tokens": 8, "eos_id": EOS, "pad_id": PAD}
    for kind in KINDS:
        together = beam_search(writers(True)[kind], PROMPTS, **settings)
        for row in range(3):
            rows = slice(row, row + 1)
            alone = beam_search(
                writers(True, rows)[kind], PROMPTS[rows], **settings
            )
            torch.testing.assert_close(alone.scores, together.scores[rows])
            assert torch.equal(alone.lengths, together.lengths[rows])
            T = alone.token_ids.size(2)
            assert torch.equal(
                alone.token_ids, together.token_ids[rows, :, :T]
            )


def test_fewer_texts_than_beams():
    """Only one text is possible: the other places stay empty."""
    model, read = follow(1, 2, 3, 3, 0), []
    model.register_forward_hook(lambda *called: read.append(called))
    beams = beam_search(
        DecoderOnly(model), torch.tensor([[0]]),
        max_new_tokens=9, eos_id=3, beam_width=3,
    )  # fmt: skip
    assert len(read) == 3  # and no token is read after the last is found
    assert beams.scores.tolist() == [[0.0, -INF, -INF]]
    assert beams.token_ids[0, 0].tolist() == [0, 1, 2, 3]
    assert beams.lengths[0, 0] == 4


def test_a_filler_whose_row_allows_nothing_stays_empty():
    """Places without a text are filled with any; it must not count."""
    dead = [0.0, 0.0, 0.0]
    branches = {(9,): [0.0, 1.0, 0.0], (9, 0): dead, (9, 2): dead}
    branches[9, 1] = [0.25, 0.0, 0.75]
    beams = beam_search(
        DecoderOnly(Tree(branches, 3), cached=False), torch.tensor([[9]]),
        max_new_tokens=2, beam_width=3, alpha=0.0,
    )  # fmt: skip
    assert beams.token_ids[0, :2].tolist() == [[9, 1, 2], [9, 1, 0]]
    assert beams.scores[0].exp().tolist() == pytest.approx([0.75, 0.25, 0.0])


# --- errors


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"prompt": torch.zeros(3)}, TypeError, "prompt is torch.float32"),
        (
            {"prompt": PROMPTS.tolist()},
            TypeError,
            "prompt is a list, wanted a",
        ),
        ({"max_new_tokens": 1.5}, TypeError, "max_new_tokens is 1.5, wanted"),
        ({"max_new_tokens": None}, TypeError, "max_new_tokens is None"),
        ({"prompt": PROMPTS[0]}, ValueError, r"prompt has shape \(5,\)"),
        ({"prompt": PROMPTS[:, :0]}, ValueError, r"shape \(3, 0\), wanted"),
        ({"max_new_tokens": 0}, ValueError, "max_new_tokens is 0"),
        ({"eos_id": V}, ValueError, "eos_id is 13, wanted 0 to 12"),
        ({"pad_id": -1}, ValueError, "pad_id is -1, wanted 0 to 12"),
        ({"prompt_pad_mask": REAL}, ValueError, "pad_id is None"),
        (
            {"prompt_pad_mask": REAL[:, 1:], "pad_id": 0},
            ValueError,
            r"prompt_pad_mask is torch.bool \(3, 4\), wanted bool \(3, 5\)",
        ),
        (
            {"prompt_pad_mask": REAL.long(), "pad_id": 0},
            ValueError,
            "prompt_pad_mask is torch.int64",
        ),
        (
            {"prompt_pad_mask": REAL.flip(1), "pad_id": 0},
            ValueError,
            "real tokens first",
        ),
        (
            {"prompt_pad_mask": REAL & (REAL.sum(1) > 2)[:, None]},
            ValueError,
            "at least one real token",
        ),
    ],
)
def test_what_does_not_fit_is_refused(way, changes, error, message):
    settings = {"max_new_tokens": 3, "prompt": PROMPTS, **changes}
    prompt = settings.pop("prompt")
    with pytest.raises(error, match=message):
        ways(**settings)[way](DecoderOnly(gpt()), prompt)


@pytest.mark.parametrize("way", WAYS)
def test_logits_that_are_no_numbers_are_refused(way):
    model = gpt()
    with torch.no_grad():
        model.head.bias[3] = math.nan
    with pytest.raises(FloatingPointError, match="NaN"):
        ways(max_new_tokens=2)[way](DecoderOnly(model), PROMPTS)


@pytest.mark.parametrize("way", WAYS)
def test_prompts_and_sources_come_in_pairs(way):
    with pytest.raises(ValueError, match=r"prompt has 2 rows.* 3 rows of sou"):
        ways(max_new_tokens=2)[way](writers(True)["both"], PROMPTS[:2])


def test_numbers_of_the_distribution_are_checked():
    for wrong in (0, -1.0, math.nan):
        with pytest.raises(ValueError, match=f"temperature is {wrong}"):
            next_token_probabilities(LOGITS, temperature=wrong)
    with pytest.raises(ValueError, match="k is 0"):
        keep_top_k(LOGITS, 0)
    for wrong in (0, -0.5, 1.01, math.nan):
        with pytest.raises(ValueError, match=f"p is {wrong}"):
            keep_top_p(LOGITS, wrong)
    for name, wrong in (("beam_width", 0), ("alpha", -0.1), ("alpha", INF)):
        with pytest.raises(ValueError, match=f"{name} is {wrong}"):
            beam_search(
                DecoderOnly(gpt()), PROMPTS, max_new_tokens=2, **{name: wrong}
            )


@pytest.mark.parametrize(
    "row", [[math.nan, 1.0], [INF, 1.0], [-INF, -INF], [-INF, math.nan]]
)
def test_a_row_without_a_largest_number_has_no_distribution(row):
    logits = torch.tensor([[0.5, 1.0], row])
    for rule in ({}, {"top_k": 1}, {"top_p": 0.5}, {"temperature": 2.0}):
        with pytest.raises(ValueError, match="logits have a row with NaN"):
            next_token_probabilities(logits, **rule)


@pytest.mark.parametrize("generator", [None, 3])
def test_a_generator_is_wanted(generator):
    with pytest.raises(TypeError, match=r"generator is a .*, wanted a torch"):
        sample(
            DecoderOnly(gpt()), PROMPTS, max_new_tokens=1, generator=generator
        )


def test_a_model_without_a_cache_is_read_uncached():
    model = nn.Linear(2, 3)
    with pytest.raises(TypeError, match="model is a Linear, wanted one with"):
        DecoderOnly(model)
    assert DecoderOnly(model, cached=False).model is model
