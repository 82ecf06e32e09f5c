import base64
import json
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from transformer_course import embeddings
from transformer_course.plotting import analogies

V, D = 11, 5


def _table(padding_id: int | None = None) -> embeddings.TokenEmbedding:
    generator = torch.Generator().manual_seed(3)
    table = embeddings.TokenEmbedding(V, D, padding_id, generator=generator)
    return table.double()


def _random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


# --- the look-up -----------------------------------------------------------


@pytest.mark.parametrize("padding_id", [None, 0, 7])
@pytest.mark.parametrize("dtype", [torch.int64, torch.int32])
def test_look_up_equals_pytorchs_in_values_and_gradients(
    padding_id: int | None, dtype: torch.dtype
) -> None:
    mine = _table(padding_id)
    theirs = torch.nn.Embedding(V, D, padding_id, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(mine.weight)
    ids = torch.tensor([[7, 0, 2], [10, 7, 7]], dtype=dtype)  # (B, T)
    weights = _random(2, 3, D)
    for module in (mine, theirs):
        (module(ids) * weights).sum().backward()
    torch.testing.assert_close(mine(ids), theirs(ids))
    torch.testing.assert_close(mine.weight.grad, theirs.weight.grad)
    assert mine.weight.grad is not None
    assert mine.weight.grad.abs().sum() > 0


@given(st.lists(st.integers(0, V - 1), min_size=1, max_size=13))
def test_look_up_equals_the_one_hot_product(numbers: list[int]) -> None:
    table = _table()
    ids = torch.tensor(numbers)
    one_hot = F.one_hot(ids, V).double()  # (T, V)
    weights = _random(len(numbers), D)
    (found,) = torch.autograd.grad((table(ids) * weights).sum(), table.weight)
    (product,) = torch.autograd.grad(
        (one_hot @ table.weight * weights).sum(), table.weight
    )
    torch.testing.assert_close(table(ids), one_hot @ table.weight)
    torch.testing.assert_close(found, product)


def test_padding_row_starts_at_zero_and_a_changed_one_is_returned() -> None:
    table = _table(padding_id=4)
    ids = torch.tensor([4, 1])
    assert table(ids)[0].tolist() == [0.0] * D
    with torch.no_grad():
        table.weight[4] = 2.0
    assert table(ids)[0].tolist() == [2.0] * D


def test_no_ids_give_no_rows() -> None:
    empty = torch.zeros(2, 0, dtype=torch.int64)
    assert _table()(empty).shape == (2, 0, D)


def test_generator_fixes_the_start_and_leaves_the_global_one_alone() -> None:
    before = torch.random.get_rng_state()
    torch.testing.assert_close(_table().weight, _table().weight)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        (torch.tensor([-1]), ValueError, "0 to 10, came -1 to -1"),
        (torch.tensor([3, 11]), ValueError, "0 to 10, came 3 to 11"),
        (torch.tensor([0.0]), TypeError, "int64 or int32, came torch.float32"),
        (torch.tensor([True] * V), TypeError, "torch.bool"),
        (torch.tensor([1], dtype=torch.uint8), TypeError, "torch.uint8"),
    ],
)
def test_ids_that_are_no_rows_are_refused(
    ids: Tensor, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _table()(ids)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 5), "vocab_size must be at least 1, came 0"),
        ((5, -2), "d_model must be at least 1, came -2"),
        ((5, 2, 5), "padding_id 5 is no row"),
        ((5, 2, -1), "padding_id -1 is no row"),
    ],
)
def test_impossible_tables_are_refused(
    sizes: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        embeddings.TokenEmbedding(*sizes)


# --- pairs, subsampling, negatives ----------------------------------------


@given(
    st.lists(st.integers(0, 6), max_size=12),
    st.integers(1, 15),
)
def test_pairs_are_those_of_the_definition(
    text: list[int], window: int
) -> None:
    expected = sorted(
        (text[i], text[j])
        for i in range(len(text))
        for j in range(len(text))
        if i != j and abs(i - j) <= window
    )
    ids = torch.tensor(text, dtype=torch.int64)
    centres, contexts = embeddings.skip_gram_pairs(ids, window)
    found = zip(centres.tolist(), contexts.tolist(), strict=True)
    assert sorted(found) == expected


def test_frequent_words_are_thinned_out_and_rare_ones_are_not() -> None:
    counts = torch.tensor([900, 99, 1, 0])
    kept = embeddings.keep_probability(counts, threshold=0.009)
    by_hand = [math.sqrt(0.01), math.sqrt(0.009 / 0.099), 1.0, 1.0]
    torch.testing.assert_close(kept, torch.tensor(by_hand))


def test_noise_is_the_counts_to_the_power_of_three_quarters() -> None:
    counts = torch.tensor([16, 0, 81, 1])  # powers 8, 0, 27, 1
    noise = embeddings.noise_distribution(counts)
    torch.testing.assert_close(noise, torch.tensor([8, 0, 27, 1]) / 36)
    alike = embeddings.noise_distribution(counts, power=0.0)
    torch.testing.assert_close(alike, torch.tensor([1, 0, 1, 1]) / 3)


def _pairs(ids: Tensor, window: int) -> Callable[[], object]:
    return lambda: embeddings.skip_gram_pairs(ids, window)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (_pairs(torch.tensor([1, 2]), 0), "window must be at least 1"),
        (_pairs(torch.ones(2, 3).long(), 1), r"one row \(N,\), came \(2, 3\)"),
        (
            lambda: embeddings.keep_probability(torch.tensor([1.0]), 0.0),
            "threshold must be positive, came 0.0",
        ),
        (
            lambda: embeddings.keep_probability(torch.tensor([-1.0, 2]), 0.1),
            "counts must be one row",
        ),
        (
            lambda: embeddings.noise_distribution(torch.zeros(3)),
            "counts must be one row",
        ),
    ],
)
def test_impossible_texts_are_refused(
    call: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# --- the loss ---------------------------------------------------------------


def test_loss_of_one_pair_worked_out_by_hand() -> None:
    """Pizza beside "eats" (score 0.65), with "monday" drawn (score 0.8)."""
    centre = torch.tensor([[0.9, 0.2]], dtype=torch.float64)
    context = torch.tensor([[0.5, 1.0]], dtype=torch.float64)
    noise = torch.tensor([[[1.0, -0.5]]], dtype=torch.float64)
    loss = embeddings.skip_gram_loss(centre, context, noise)
    expected = math.log1p(math.exp(-0.65)) + math.log1p(math.exp(0.8))
    assert loss.item() == pytest.approx(expected, abs=1e-12)
    assert round(expected, 3) == 1.591


def test_loss_equals_binary_cross_entropy_in_values_and_gradients() -> None:
    B, K = 7, 3
    centres, contexts = _random(B, D, seed=1), _random(B, D, seed=2)
    noise = _random(B, K, D, seed=3)
    inputs = [x.requires_grad_() for x in (centres, contexts, noise)]
    mine = embeddings.skip_gram_loss(centres, contexts, noise)
    both = torch.cat([contexts.unsqueeze(1), noise], dim=1)  # (B, 1 + K, D)
    logits = torch.einsum("bd,bkd->bk", centres, both)
    targets = torch.zeros(B, 1 + K, dtype=torch.float64)
    targets[:, 0] = 1.0
    theirs = (
        F.binary_cross_entropy_with_logits(logits, targets, reduction="sum")
        / B
    )
    torch.testing.assert_close(mine, theirs)
    torch.testing.assert_close(
        torch.autograd.grad(mine, inputs), torch.autograd.grad(theirs, inputs)
    )


def test_gradients_equal_the_formula_written_out() -> None:
    """A score's gradient is its sigmoid minus its label, times the vector."""
    B, K = 7, 3
    centres, contexts = _random(B, D, seed=1), _random(B, D, seed=2)
    noise = _random(B, K, D, seed=3)
    d_centres = torch.zeros(B, D, dtype=torch.float64)
    d_contexts, d_noise = torch.zeros_like(centres), torch.zeros_like(noise)
    for b in range(B):
        error = 1 / (1 + math.exp(-float(centres[b] @ contexts[b]))) - 1
        d_centres[b] += error * contexts[b] / B
        d_contexts[b] = error * centres[b] / B
        for k in range(K):
            error = 1 / (1 + math.exp(-float(centres[b] @ noise[b, k])))
            d_centres[b] += error * noise[b, k] / B
            d_noise[b, k] = error * centres[b] / B
    inputs = [x.requires_grad_() for x in (centres, contexts, noise)]
    loss = embeddings.skip_gram_loss(*inputs)
    found = torch.autograd.grad(loss, inputs)
    torch.testing.assert_close(found, (d_centres, d_contexts, d_noise))


def test_the_model_reads_centres_and_neighbours_from_two_tables() -> None:
    generator = torch.Generator().manual_seed(5)
    model = embeddings.SkipGram(V, D, generator=generator).double()
    with torch.no_grad():
        model.outputs.weight.copy_(_random(V, D, seed=6))
    centres, contexts = torch.tensor([1, 4, 9]), torch.tensor([2, 2, 0])
    negatives = torch.tensor([[3, 8], [1, 1], [10, 2]])
    expected = embeddings.skip_gram_loss(
        model.inputs.weight[centres],
        model.outputs.weight[contexts],
        model.outputs.weight[negatives],
    )
    found = model(centres, contexts, negatives)
    torch.testing.assert_close(found, expected)
    assert not torch.allclose(found, model(contexts, centres, negatives))


# --- training ---------------------------------------------------------------


def _two_topics(length: int = 50) -> Tensor:
    """A text of words 0 to 4, then one of words 5 to 9, many times over."""
    generator = torch.Generator().manual_seed(8)
    shape = (2000 // length, length)
    low = torch.randint(0, 5, shape, generator=generator)
    high = torch.randint(5, 10, shape, generator=generator)
    return torch.stack([low, high], dim=1).flatten()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_words_of_one_topic_end_up_together(seed: int) -> None:
    model, losses = embeddings.train_skip_gram(
        _two_topics(), 10, d_model=7, threshold=1.0, n_epochs=3,
        batch_size=256, seed=seed,
    )  # fmt: skip
    space = embeddings.WordSpace("abcdefghij", model.inputs.weight)
    found = embeddings.neighbours(space, list("abcdefghij"), n=4)
    topics = ["".join(sorted(word for word, _ in row)) for row in found]
    assert topics[:5] == ["bcde", "acde", "abde", "abce", "abcd"]
    assert topics[5:] == ["ghij", "fhij", "fgij", "fghj", "fghi"]
    assert losses[-1] < losses[0]


def _least_cosine(n_negatives: int) -> float:
    model, _ = embeddings.train_skip_gram(
        _two_topics(length=5), 10, d_model=7, n_negatives=n_negatives,
        threshold=1.0, n_epochs=3, batch_size=256,
    )  # fmt: skip
    units = F.normalize(model.inputs.weight.detach(), dim=1)
    return float((units @ units.T).min())


def test_only_the_negatives_keep_words_from_one_direction() -> None:
    assert _least_cosine(n_negatives=0) > 0.7
    assert _least_cosine(n_negatives=1) < 0


def test_training_starts_at_a_coin_toss_for_each_answer() -> None:
    _, losses = embeddings.train_skip_gram(
        _two_topics(), 10, d_model=7, n_negatives=3, batch_size=10**6
    )
    assert losses == [pytest.approx(4 * math.log(2), rel=1e-5)]


def test_training_thins_out_frequent_words() -> None:
    def steps(threshold: float) -> int:
        _, losses = embeddings.train_skip_gram(
            _two_topics(), 10, d_model=3, threshold=threshold, batch_size=64
        )
        return len(losses)

    # All ten words have frequency 0.1: at 0.004 a fifth of the text stays.
    assert steps(1.0) == math.ceil(4 * (4000 - 1.5) / 64)
    assert 0.15 * steps(1.0) < steps(0.004) < 0.25 * steps(1.0)


def test_step_size_falls_to_zero_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = []

    class Spy(torch.optim.Adam):
        def step(self, closure: object = None) -> None:
            sizes.append(self.param_groups[0]["lr"])

    monkeypatch.setattr(torch.optim, "Adam", Spy)
    embeddings.train_skip_gram(
        torch.arange(10), 10, d_model=3, window=1, threshold=1.0,
        n_epochs=2, batch_size=6, learning_rate=0.6,
    )  # fmt: skip
    assert sizes == pytest.approx([0.6, 0.5, 0.4, 0.3, 0.2, 0.1])


def test_training_depends_on_its_seed_and_on_nothing_global() -> None:
    def first_row(seed: int) -> Tensor:
        model, _ = embeddings.train_skip_gram(
            _two_topics()[:500], 10, d_model=3, seed=seed
        )
        return model.inputs.weight[0].detach()

    before = torch.random.get_rng_state()
    assert torch.equal(first_row(1), first_row(1))
    assert not torch.equal(first_row(1), first_row(2))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ([0, 1, 2], {"n_epochs": 0}, "n_epochs must be at least 1"),
        ([0, 1, 2], {"batch_size": 0}, "batch_size must be at least 1"),
        ([0, 1, 2], {"n_negatives": -1}, "must not be negative: -1"),
        ([0, 1, 3], {}, "must run from 0 to 2, came 0 to 3"),
        ([1], {"threshold": 1.0}, "no pairs"),
    ],
)
def test_impossible_trainings_are_refused(
    text: list[int], options: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        embeddings.train_skip_gram(torch.tensor(text), 3, **options)


# --- neighbours and analogies -----------------------------------------------

WORDS = ["man", "woman", "king", "queen", "pizza"]
VECTORS = torch.tensor(
    [[4.0, 1, 0], [4, -1, 0], [3, 2, 3], [2, -4, 3], [0, -1, -9]]
)


@pytest.fixture
def space() -> embeddings.WordSpace:
    return embeddings.WordSpace(WORDS, VECTORS)


def test_a_space_keeps_directions_and_forgets_lengths(
    space: embeddings.WordSpace,
) -> None:
    stretched = VECTORS * torch.tensor([[1.0], [2], [30], [4], [5]])
    other = embeddings.WordSpace(WORDS, stretched)
    torch.testing.assert_close(space.vectors, other.vectors)
    torch.testing.assert_close(space.vectors.norm(dim=1), torch.ones(5))
    assert space.ids(["pizza", "man"]).tolist() == [4, 0]
    assert "queen" in space
    assert "squatch" not in space
    assert len(space) == 5


def test_neighbours_are_sorted_by_cosine_without_the_word_itself(
    space: embeddings.WordSpace,
) -> None:
    cosines = F.cosine_similarity(VECTORS[2:3], VECTORS)
    order = [i for i in cosines.argsort(descending=True).tolist() if i != 2]
    [found] = embeddings.neighbours(space, ["king"], n=4)
    assert [word for word, _ in found] == [WORDS[i] for i in order]
    torch.testing.assert_close(
        torch.tensor([value for _, value in found]), cosines[order]
    )


def test_an_analogy_returns_an_input_unless_inputs_are_excluded(
    space: embeddings.WordSpace,
) -> None:
    question = [("man", "king", "woman")]
    [within] = embeddings.analogy(space, question, exclude_inputs=False)
    [without] = embeddings.analogy(space, question, n=2)
    assert [word for word, _ in within][:2] == ["king", "queen"]
    assert [word for word, _ in without] == ["queen", "pizza"]
    a, b, c = (F.normalize(VECTORS[i], dim=0) for i in (0, 2, 1))
    by_hand = F.cosine_similarity(b - a + c, VECTORS[3], dim=0)
    assert without[0][1] == pytest.approx(float(by_hand))


def test_many_questions_at_once_are_answered_as_one_by_one() -> None:
    words = [f"w{i}" for i in range(47)]
    space = embeddings.WordSpace(words, _random(47, D))
    batch = embeddings.neighbours(space, words, n=3)
    for word, answers in zip(words, batch, strict=True):
        [alone] = embeddings.neighbours(space, [word], n=3)
        assert [w for w, _ in alone] == [w for w, _ in answers]
        assert word not in [w for w, _ in answers]
    questions = [(words[i], words[i + 3], words[i + 7]) for i in range(40)]
    answers = embeddings.analogy(space, questions, n=1)
    assert answers[33:34] == embeddings.analogy(space, questions[33:34], n=1)
    assert all(
        row[0][0] not in question
        for row, question in zip(answers, questions, strict=True)
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.ids(["man", "squatch"]), ValueError, r"\['squatch'\]"),
        (lambda s: s.units("man"), TypeError, "list of words, came 'man'"),
        (
            lambda s: embeddings.neighbours(s, ["man"], n=5),
            ValueError,
            "n must be from 1 to 4, came 5",
        ),
        (
            lambda s: embeddings.analogy(s, [("man", "king", "woman")], n=3),
            ValueError,
            "n must be from 1 to 2, came 3",
        ),
        (
            lambda s: embeddings.analogy(s, [("man", "king")]),
            ValueError,
            "must be triples",
        ),
        (
            lambda s: embeddings.analogy(s, [("man", "king", "squatch")]),
            ValueError,
            "squatch",
        ),
    ],
)
def test_impossible_questions_are_refused(
    space: embeddings.WordSpace,
    call: Callable[[embeddings.WordSpace], object],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        call(space)


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (["a", "b"], torch.ones(3, 2), r"\(2, D\), a row a word; came"),
        (["a"], torch.ones(1), r"came \(1,\)"),
        (["a", "a"], torch.ones(2, 2), "at least one comes twice"),
        (["a"], torch.zeros(1, 2), "finite and not zero"),
        (["a"], torch.tensor([[math.nan, 1.0]]), "finite and not zero"),
        (["a"], torch.tensor([[math.inf, 1.0]]), "finite and not zero"),
    ],
)
def test_impossible_spaces_are_refused(
    words: list[str], vectors: Tensor, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        embeddings.WordSpace(words, vectors)


# --- the picture that carries vectors ---------------------------------------


def _carried(markup: str) -> dict[str, Any]:
    found = re.search(r'class="tc-data">(.*?)</script>', markup, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_played_analogy_carries_vectors_exact_to_three_decimals() -> None:
    words = [*"abcdefg", "</script>"]
    space = embeddings.WordSpace(words, _random(8, 50))
    data = _carried(analogies.player(space, words, [("a", "b", "c")]))
    assert data["words"] == words
    raw = base64.b64decode(data["vectors"])
    numbers = torch.frombuffer(bytearray(raw), dtype=torch.int16).double()
    carried = F.normalize(numbers.view(8, data["width"]), dim=1)
    torch.testing.assert_close(
        carried @ carried.T, space.vectors @ space.vectors.T,
        atol=2e-4, rtol=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "questions", "message"),
    [
        (["man", "king"], [("man", "king", "woman")], "woman"),
        (["man", "king"], [], "at least one question"),
        (["man", "squatch", "king"], [("man", "king", "man")], "squatch"),
    ],
)
def test_impossible_players_are_refused(
    space: embeddings.WordSpace,
    words: list[str],
    questions: list[tuple[str, str, str]],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        analogies.player(space, words, questions)
