"""A second set of wrong answers, written before the checks were improved.

As in ``answers``; these were run for the first time after the first set had
shown what was missing, so they measure what the improvement is worth for
answers that nobody had in mind.
"""

import math

import torch

from tests.checking import answers
from tests.checking.answers import SHARES, X

LN2 = math.log(2)


def momentum_looks_ahead(loss, start, lr, n_steps, beta=0.9):
    w, m, path = start.clone(), torch.zeros_like(start), [start.clone()]
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * m + g
        w = (w - lr * (g + beta * m)).detach()
        path.append(w.clone())
    return torch.stack(path)


def momentum_fixed_beta(loss, start, lr, n_steps, beta=0.9):
    w, m, path = start.clone(), torch.zeros_like(start), [start.clone()]
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = 0.9 * m + g
        w = (w - lr * m).detach()
        path.append(w.clone())
    return torch.stack(path)


def momentum_end_alone(loss, start, lr, n_steps, beta=0.9):
    w, m = start.clone(), torch.zeros_like(start)
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * m + g
        w = (w - lr * m).detach()
    return w


def encode_joined(piece, ranks):
    return "".join(piece)


def encode_letters(piece, ranks):
    return list(piece)


def product_least(space, a, b, c):
    va, vb, vc = ((1 + space.vectors @ space.units([w])[0]) / 2
                  for w in (a, b, c))  # fmt: skip
    order = (vb * vc / (va + 0.001)).argsort().tolist()
    return next(space.words[i] for i in order
                if space.words[i] not in (a, b, c))  # fmt: skip


def product_as_place(space, a, b, c):
    va, vb, vc = ((1 + space.vectors @ space.units([w])[0]) / 2
                  for w in (a, b, c))  # fmt: skip
    order = (vb * vc / (va + 0.001)).argsort(descending=True).tolist()
    return next(i for i in order if space.words[i] not in (a, b, c))


def slopes_of_the_state_before():
    h = answers._day([0.2, 0.6, 0.8])
    d = [1 - x * x for x in h]
    return [0.5 * d[1] * 0.5 * d[0], 0.5 * d[1], 1.0]


def slopes_not_squared():
    h = answers._day([0.2, 0.6, 0.8])
    d = [1 - x for x in h]
    return [d[2] * 0.5 * d[1] * 0.5 * d[0], d[2] * 0.5 * d[1], d[2]]


def half_life_odds(k):
    p = 0.5 ** (1 / k)
    return p / (1 - p)


def half_life_of_log_alone(k):
    return math.log(0.5 ** (1 / k))


def weights_over_the_batch(layer, states, memory):
    scores = layer.v(answers._added(layer, states, memory).tanh()).squeeze(-1)
    return scores.softmax(dim=0)


def weights_roles_exchanged(layer, states, memory):
    added = layer.U(states)[:, :, None] + layer.W(memory)[:, None]
    return layer.v(added.tanh()).squeeze(-1).softmax(dim=-1)


def placed_two_sines(word, position):
    return [word[0] + math.sin(position), word[1] + math.sin(position)]


def placed_plain_number(word, position):
    return [word[0] + position, word[1] + position]


def concatenated_words_alone(words, places):
    return words.sum(dim=0)


def concatenated_added(words, places):
    d = words.shape[1]
    if places.shape[1] != d:
        places = places[:, :1].expand(-1, d)
    return (words + places).sum(dim=0)


def advance_cosine_first(rows, offset):
    d = rows.shape[1]
    swapped = rows.unflatten(1, (d // 2, 2)).flip(2).flatten(1)
    turned = answers._hands(swapped, offset)
    return turned.unflatten(1, (d // 2, 2)).flip(2).flatten(1)


def advance_twice(rows, offset):
    return answers._hands(rows, 2 * offset)


def base_by_column(n_positions, d_model, base):
    place = torch.arange(n_positions)[:, None].double()
    column = torch.arange(d_model).double()
    angle = place * base ** (-column / d_model)
    even = torch.arange(d_model) % 2 == 0
    return torch.where(even, angle.sin(), angle.cos()).float()


def base_sines_alone(n_positions, d_model, base):
    table = answers._table(n_positions, d_model, base)
    table[:, 1::2] = table[:, 0::2]
    return table


def base_float64(n_positions, d_model, base):
    return answers._table(n_positions, d_model, base)[:-1]


def go_output():
    weights = torch.tensor(answers._go(X[1] @ answers.W_Q, 1))
    return (weights @ X).tolist()


def go_once():
    return answers._go(X[1] @ answers.W_Q, 1)


def go_exchanged_words():
    weights = answers._go(X[1] @ answers.W_Q, 1, 2**0.5)
    return [weights[1], weights[0], weights[3], weights[2]]


def heads_alike():
    return [answers._heads(-1), answers._heads(-1)]


def heads_added():
    one = answers._heads(-1) + answers._heads(1)
    return [one, one]


def cost_keys_of_queries(d_model, n_heads, t_q, t_k):
    d = d_model
    work = d * d * (3 * t_q + t_k) + 2 * d * t_q * t_k
    return 4 * d * (d + 1), work


def cost_biases_counted(d_model, n_heads, t_q, t_k):
    parameters, work = answers._cost(d_model, n_heads, t_q, t_k)
    return parameters, work + 2 * d_model * (t_q + t_k)


def cost_head_width(d_model, n_heads, t_q, t_k):
    parameters, _ = answers._cost(d_model, n_heads, t_q, t_k)
    d_head = d_model // n_heads
    return (parameters,
            2 * d_model**2 * (t_q + t_k) + 2 * d_head * t_q * t_k)  # fmt: skip


def features_by_range():
    return [-0.5, 0.5], [-0.5, 0.5]


def features_second_wrong():
    return [-1.0, 1.0], [-1.0, 1000.0]


def axes_singular(norm):
    names = {"batch": "batch", "words": "word", "features": "feature"}
    return {names[n] for n in answers._tied(norm)}


def axes_everything(norm):
    return {"batch", "words", "features"}


def either_looks_at_a(a, b):
    return answers._relu(a + b - 1), a


def both_any_number(a, b):
    return a + b, a + b


def block_one_matrix(d_model, d_ff):
    return answers.block_no_norms(d_model, d_ff) + 4 * d_model - d_model * d_ff


def block_no_hidden_bias(d_model, d_ff):
    return answers.block_no_norms(d_model, d_ff) + 4 * d_model - d_ff


def block_of_a_decoder(d_model, d_ff):
    return answers.decoder_no_norms(d_model, d_ff) + 6 * d_model


def decoder_of_encoder(d_model, d_ff):
    return answers.block_no_norms(d_model, d_ff) + 4 * d_model


def decoder_one_matrix(d_model, d_ff):
    return (answers.decoder_no_norms(d_model, d_ff) + 6 * d_model
            - d_model * d_ff)  # fmt: skip


def decoder_no_hidden_bias(d_model, d_ff):
    return answers.decoder_no_norms(d_model, d_ff) + 6 * d_model - d_ff


ANSWERS = {
    "00-on-paper": [
        (lambda: ([0, LN2, 2 * LN2, 0], 1, 3), "logit|exp|softmax|sum to 1"),
        (lambda: (SHARES, 0.5, 0.125), "log|share|probability|bits"),
    ],
    "00-loop-order": [(lambda: "FECBAD", "batch|loss|before")],
    "00-momentum": [
        (momentum_looks_ahead, "ahead|nesterov|m alone|twice|once more"),
        (momentum_fixed_beta, "beta"),
        (momentum_end_alone, "path|shape|end"),
    ],
    "01-encode-piece": [
        (encode_joined, "str|string|joined"),
        (encode_letters, "given|merge|letters|characters|bytes"),
    ],
    "02-count-pairs": [
        (lambda n, w: w * (2 * n - w), "end|edge|more|one|self|itself"),
        (lambda n, w: w * (n - w), "half|both|twice|end|edge"),
        (lambda n, w: n * (n - 1), "window|all"),
    ],
    "02-analogy-by-product": [
        (product_least, "small|least|worst|lowest|min"),
        (product_as_place, "int|word"),
    ],
    "03-slopes-of-bad-day": [
        (slopes_of_the_state_before, "last|tanh|factor|third"),
        (slopes_not_squared, "square|1 - "),
    ],
    "03-bias-for-half-life": [
        (half_life_odds, "log|odds"),
        (half_life_of_log_alone, "log|1 - p|sigmoid|gate"),
    ],
    "03-all-weights": [
        (weights_over_the_batch, "batch|axis"),
        (weights_roles_exchanged, "exchanged|W|U"),
    ],
    "04-placed-word": [
        (placed_two_sines, "both .* sine"),
        (placed_plain_number, "sin|position"),
    ],
    "04-sum-of-concatenated": [
        (concatenated_words_alone, "shape|places"),
        (concatenated_added, "shape|add"),
    ],
    "04-advance": [
        (advance_cosine_first, "sine|cos|back|direction|exchanged"),
        (advance_twice, "twice|2|angle|offset"),
    ],
    "04-table-with-base": [
        (base_by_column, "pair|column|exponent|speed"),
        (base_sines_alone, "odd columns alone"),
        (base_float64, "shape|row"),
    ],
    "05-weights-of-go": [
        (go_output, "output|2 things|weights"),
        (go_once, "2 things|four|divided"),
        (go_exchanged_words, "exchanged|order|let"),
    ],
    "06-softer-heads": [
        (heads_alike, "same|both|head|opposite|alike"),
        (heads_added, "sum|add|same|head"),
    ],
    "06-cost": [
        (cost_keys_of_queries, "key|value|t_k|asked"),
        (cost_biases_counted, r"2 \* d_model \* t_q too large"),
        (cost_head_width, "head"),
    ],
    "06-moves-with-its-words": [
        (lambda layer: True, "always|same|True|every"),
        (lambda layer: False, "always|same|False|every"),
    ],
    "08-two-features": [
        (features_by_range, "half|range|deviation|divid|standard"),
        (features_second_wrong, "number 1|second|1000|in part"),
    ],
    "08-shared-axes": [
        (axes_singular, "'features' meant"),
        (axes_everything, "same|always|every|all"),
    ],
    "09-both-and-either": [
        (either_looks_at_a, "number 2 .* what it was given"),
        (both_any_number, "both|sum|add"),
    ],
    "09-parameters-of-a-block": [
        (block_one_matrix, "matri|twice|two|back"),
        (block_no_hidden_bias, "bias"),
        (block_of_a_decoder, "decoder|cross|attention"),
    ],
    "10-block-parameters": [
        (decoder_of_encoder, "encoder|attention|norm"),
        (decoder_one_matrix, r"d_model \* d_ff too small|matri"),
        (decoder_no_hidden_bias, "d_ff too small|bias"),
    ],
}
