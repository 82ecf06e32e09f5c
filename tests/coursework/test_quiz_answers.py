"""The keys of the paper quizzes, worked out again by torch."""

import functools

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from coursework.inventory import quizzes
from coursework.inventory.sums import show

CLASS = [f"student{i:02}" for i in range(40)]
load = functools.cache(quizzes.load)


def filled(name, student="ada"):
    return quizzes.fill(load(name), student)


def close(numbers, expected):
    torch.testing.assert_close(
        torch.tensor(numbers, dtype=torch.float64),
        torch.as_tensor(expected, dtype=torch.float64),
    )


def test_tempting_slips_are_never_the_right_answer():
    """A slip that begins with a result must differ from the answer's."""
    for student in CLASS:
        for name, slip, right in (
            ("hw2-attention", "unscaled", "weights"),
            ("hw3-heads", "late", "weights"),
            ("hw4-block", "wrong", "normed"),
            ("hw4-block", "linear", "out"),
            ("hw7-pretraining", "plain", "shares"),
            ("hw7-pretraining", "turned", "shares"),
        ):
            numbers = filled(name, student).numbers
            assert show(numbers[slip]) != show(numbers[right]), (name, student)


@pytest.mark.parametrize("student", CLASS[:10])
def test_attention_is_torchs(student):
    sheet = filled("hw2-attention", student)
    n = sheet.numbers
    q = torch.tensor([[n["query"]]], dtype=torch.float64)
    k = torch.tensor([n["k"]], dtype=torch.float64)
    v = torch.tensor([n["v"]], dtype=torch.float64)
    out = F.scaled_dot_product_attention(q, k, v)[0, 0]
    close(n["out"], out)
    assert show(out.tolist()) in sheet.problems[0].answer
    beyond = torch.tensor(n["beyond"])
    assert beyond[0] > max(n["v"][0][0], n["v"][1][0])


@pytest.mark.parametrize("student", CLASS[:10])
def test_heads_and_masks_are_torchs(student):
    n = filled("hw3-heads", student).numbers
    projected = torch.tensor(n["vector"]).view(1, n["n_heads"], -1)
    assert n["parts"][1] == projected.transpose(0, 1)[1, 0].tolist()
    scores = torch.tensor(n["scores"], dtype=torch.float64)
    later = torch.arange(4) >= n["at"]
    close(n["weights"], scores.masked_fill(later, -torch.inf).softmax(0))
    close(n["late_sum"], scores.softmax(0)[~later].sum())
    scores[3] += 1
    close(n["raised_sum"], scores.softmax(0)[~later].sum())
    assert n["raised_sum"] < n["late_sum"]
    attention = torch.nn.MultiheadAttention(n["d_model"], 2)
    assert n["parameters"] == sum(p.numel() for p in attention.parameters())


@pytest.mark.parametrize("student", CLASS[:10])
def test_the_block_is_torchs(student):
    n = filled("hw4-block", student).numbers
    x = torch.tensor(n["vector"], dtype=torch.float64)
    weight = torch.full((4,), n["gain"], dtype=torch.float64)
    bias = torch.full((4,), n["bias"], dtype=torch.float64)
    close(n["normed"], F.layer_norm(x, (4,), weight, bias, eps=0))
    close(n["wrong"], (x - x.mean()) / x.std() * weight + bias)
    units = torch.tensor(n["units"], dtype=torch.float64)
    hidden = (units @ torch.tensor(n["x"], dtype=torch.float64)).relu()
    close(n["out"], hidden @ torch.tensor(n["u"], dtype=torch.float64))
    z = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    y = z
    for _ in range(n["depth"]):
        y = y + n["slope"] * y
    (slope,) = torch.autograd.grad(y, z)
    close(n["copied"], slope)


@pytest.mark.parametrize("student", CLASS[:10])
def test_the_translators_targets_and_sentences(student):
    n = filled("hw5-translator", student).numbers
    generator = torch.Generator().manual_seed(7)
    logits = torch.randn(1, n["vocab"], generator=generator).double()
    target = torch.full((n["vocab"],), n["share"], dtype=torch.float64)
    target[0] = n["right"]
    close(1.0, target.sum())
    loss = F.cross_entropy(
        logits, torch.tensor([0]), label_smoothing=n["smooth"]
    )
    close(loss.item(), -(target * logits.log_softmax(1)[0]).sum())
    assert n["first"] > 0.5
    assert n["greedy"] < n["best"]


@pytest.mark.parametrize("student", CLASS[:10])
def test_bert_reads_what_the_dice_say(student):
    sheet = filled("hw6-bert", student)
    n = sheet.numbers
    for word, seen, u, v in zip(
        n["text"], n["sees"], n["u"], n["v"], strict=True
    ):
        if u >= 0.3 or v >= 0.8:
            assert seen == word
        else:
            assert seen == ("[MASK]" if v < 0.5 else n["drawn"])
    assert {n["text"][i] for i in n["chosen"]} == {
        word for word, u in zip(n["text"], n["u"], strict=True) if u < 0.3
    }
    mask = torch.ones(n["n"], n["n"]).tril()
    assert n["causal"] == mask[:, n["k"] - 1].sum().item()


@pytest.mark.parametrize("student", CLASS[:10])
def test_gpt_chooses_counts_and_keeps(student):
    n = filled("hw7-pretraining", student).numbers
    logits = torch.tensor(n["logits"], dtype=torch.float64)
    close(n["shares"], (logits / n["tau"]).softmax(0))
    assert n["greedy"] == n["words"][int(logits.argmax())]
    p = torch.tensor([2.0 ** -n["a"], 2.0 ** -n["b"]], dtype=torch.float64)
    close(n["bits"], -p.log2().mean())
    close(n["perplexity"], (-p.log().mean()).exp())


@pytest.mark.parametrize("student", CLASS[:10])
def test_embeddings_and_sums(student):
    n = filled("hw1-embeddings", student).numbers
    table = torch.tensor(n["rows"], dtype=torch.float64)
    first, second, _ = n["order"]
    places = torch.tensor(n["places"], dtype=torch.float64)
    close(n["looked_up"], table[[first, second, first]])
    close(n["total"], (table[[first, second, first]] + places).sum(0))
    assert n["other_total"] == n["total"]
    close(n["cosine"], F.cosine_similarity(table[0], table[1], dim=0))
