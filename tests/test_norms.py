"""Norms: by hand, equal to PyTorch's, and apart for every word."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from transformer_course.norms import LayerNorm, RMSNorm

B, T, D = 3, 5, 7


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def pair():
    """Give our layer and PyTorch's with the same unusual weights."""
    ours, theirs = LayerNorm(D).double(), nn.LayerNorm(D).double()
    for layer in (ours, theirs):
        with torch.no_grad():
            layer.weight.copy_(normal(D, seed=1))
            layer.bias.copy_(normal(D, seed=2))
    return ours, theirs


def test_by_hand():
    # mean 3, deviations -2 -1 3, biased variance 14/3
    given_vector = torch.tensor([[1.0, 2.0, 6.0]], dtype=torch.float64)
    root = math.sqrt(14 / 3)
    wanted = torch.tensor([[-2 / root, -1 / root, 3 / root]])
    norm = LayerNorm(3, eps=1e-12).double()
    torch.testing.assert_close(norm(given_vector), wanted.double())


def test_equal_to_pytorch_in_values_and_gradients():
    ours, theirs = pair()
    x = normal(B, T, D).requires_grad_()
    direction = normal(B, T, D, seed=3)
    results = []
    for layer in (ours, theirs):
        output = layer(x)
        leaves = (x, layer.weight, layer.bias)
        grads = torch.autograd.grad(output, leaves, direction)
        results.append((output, *grads))
    torch.testing.assert_close(results[0], results[1])


def test_equal_to_the_steps_written_out():
    ours, _ = pair()
    x = normal(B, T, D).requires_grad_()
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().sum(dim=-1, keepdim=True) / D
    centred = (x - mean) / torch.sqrt(variance + 1e-5)
    written = ours.weight * centred + ours.bias
    results = []
    for output in (ours(x), written):
        leaves = (x, ours.weight, ours.bias)
        direction = normal(B, T, D, seed=3)
        results.append(
            (output, *torch.autograd.grad(output, leaves, direction))
        )
    torch.testing.assert_close(results[0], results[1])


def test_eps_stands_inside_the_root():
    ours, theirs = LayerNorm(D, eps=0.3), nn.LayerNorm(D, eps=0.3)
    x = normal(B, D).float()
    torch.testing.assert_close(ours(x), theirs(x))


@given(st.integers(0, B - 1), st.integers(0, T - 1), st.integers(0, 99))
def test_no_word_moves_another(sentence, word, seed):
    ours, _ = pair()
    x = normal(B, T, D, seed=seed)
    before = ours(x)
    x[sentence, word] += 100.0
    x[sentence, word, 0] += 1.0
    after = ours(x)
    same = torch.ones(B, T, dtype=torch.bool)
    same[sentence, word] = False
    assert torch.equal(before[same], after[same])
    assert not torch.equal(before[sentence, word], after[sentence, word])


def test_a_constant_vector_gives_zero_and_no_nan():
    norm = LayerNorm(D)
    x = torch.full((2, D), 5.0, requires_grad=True)
    output = norm(x)
    output.sum().backward()
    assert torch.equal(output, torch.zeros(2, D))
    assert torch.isfinite(x.grad).all()


def test_errors():
    with pytest.raises(ValueError, match="d_model is 0"):
        LayerNorm(0)
    with pytest.raises(ValueError, match="eps is 0"):
        LayerNorm(D, eps=0)
    with pytest.raises(ValueError, match=r"\(3, 5\), wanted \(\.\.\., 7\)"):
        LayerNorm(D)(torch.zeros(3, 5))


def test_rms_norm_by_hand():
    # mean square (1 + 4 + 4) / 3 = 3, by which the mean plays no part
    given_vector = torch.tensor([[1.0, -2.0, 2.0]], dtype=torch.float64)
    root = math.sqrt(3)
    wanted = torch.tensor([[1 / root, -2 / root, 2 / root]])
    norm = RMSNorm(3, eps=1e-12).double()
    torch.testing.assert_close(norm(given_vector), wanted.double())


@pytest.mark.parametrize("eps", [1e-6, 0.3])
def test_rms_norm_equals_pytorch_in_values_and_gradients(eps):
    ours, theirs = RMSNorm(D, eps).double(), nn.RMSNorm(D, eps).double()
    x = normal(B, T, D).requires_grad_()
    results = []
    for layer in (ours, theirs):
        with torch.no_grad():
            layer.weight.copy_(normal(D, seed=1))
        output = layer(x)
        grads = torch.autograd.grad(
            output, (x, layer.weight), normal(B, T, D, seed=3)
        )
        results.append((output, *grads))
    torch.testing.assert_close(results[0], results[1])


def test_rms_norm_of_half_precision_does_not_overflow():
    x = torch.full((1, D), 300.0, dtype=torch.float16)  # 90,000 > 65,504
    output = RMSNorm(D).half()(x)
    assert output.dtype == torch.float16
    torch.testing.assert_close(output, torch.ones_like(x))


def test_rms_norm_of_zero_is_zero_and_no_nan():
    x = torch.zeros(2, D, requires_grad=True)
    output = RMSNorm(D)(x)
    output.sum().backward()
    assert torch.equal(output, torch.zeros(2, D))
    assert torch.isfinite(x.grad).all()


def test_rms_norm_errors():
    with pytest.raises(ValueError, match="d_model is 0"):
        RMSNorm(0)
    with pytest.raises(ValueError, match="eps is -1"):
        RMSNorm(D, eps=-1)
    with pytest.raises(ValueError, match=r"\(3, 5\), wanted \(\.\.\., 7\)"):
        RMSNorm(D)(torch.zeros(3, 5))
