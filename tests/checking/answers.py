"""Wrong answers of learners, written from the exercises' text alone.

Whoever wrote them had not seen the checks' own lists of mistakes. With each
stands a pattern of what a verdict that names it must say. They measure how
often a check tells what went wrong, and not only that something did.
"""

import math
from collections import Counter
from itertools import pairwise

import torch

LN2 = math.log(2)
SHARES = [1 / 8, 1 / 4, 1 / 2, 1 / 8]


# --- chapter 0 ------------------------------------------------------------


def paper_in_nats():
    return SHARES, LN2, 3 * LN2


def paper_logits_shared():
    logits = [0, LN2, 2 * LN2, 0]
    return [x / sum(logits) for x in logits], 1, 3


def paper_losses_exchanged():
    return SHARES, 3, 1


def paper_exponential_alone():
    return [1, 2, 4, 1], 1, 3


def paper_perplexities():
    return SHARES, 2, 8


def momentum_as_mean(loss, start, lr, n_steps, beta=0.9):
    w, m, path = start.clone(), torch.zeros_like(start), [start.clone()]
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * m + (1 - beta) * g
        w = (w - lr * m).detach()
        path.append(w.clone())
    return torch.stack(path)


def momentum_without_start(loss, start, lr, n_steps, beta=0.9):
    w, m, path = start.clone(), torch.zeros_like(start), []
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * m + g
        w = (w - lr * m).detach()
        path.append(w.clone())
    return torch.stack(path)


def momentum_forgotten(loss, start, lr, n_steps, beta=0.9):
    w, path = start.clone(), [start.clone()]
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * 0 + g
        w = (w - lr * m).detach()
        path.append(w.clone())
    return torch.stack(path)


def momentum_uphill(loss, start, lr, n_steps, beta=0.9):
    w, m, path = start.clone(), torch.zeros_like(start), [start.clone()]
    for _ in range(n_steps):
        w.requires_grad_()
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * m + g
        w = (w + lr * m).detach()
        path.append(w.clone())
    return torch.stack(path)


def momentum_slope_kept(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    m, path = torch.zeros_like(start), [start.clone()]
    for _ in range(n_steps):
        loss(w).backward()  # never zeroed
        m = beta * m + w.grad
        with torch.no_grad():
            w -= lr * m
        path.append(w.detach().clone())
    return torch.stack(path)


def momentum_same_tensor(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    m, path = torch.zeros_like(start), [w]
    for _ in range(n_steps):
        (g,) = torch.autograd.grad(loss(w), w)
        m = beta * m + g
        with torch.no_grad():
            w -= lr * m
        path.append(w)
    return torch.stack(path)


# --- chapter 1 ------------------------------------------------------------


def cut_longest_first():
    return {"mates": ["m", "at", "e", "s"], "steam": ["s", "t", "e", "a", "m"],
            "eatmeats": ["eat", "m", "eats"]}  # fmt: skip


def cut_all_four():
    return {"mates": ["m", "at", "es"], "steam": ["s", "t", "e", "am"],
            "eatmeats": ["eat", "meat", "s"]}  # fmt: skip


def cut_two_words():
    return {"mates": ["m", "at", "e", "s"],
            "steam": ["s", "t", "e", "a", "m"]}  # fmt: skip


def _merge(tokens, pair):
    found, i = [], 0
    while i < len(tokens):
        if tuple(tokens[i : i + 2]) == tuple(pair):
            found.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            found.append(tokens[i])
            i += 1
    return tuple(found)


def encode_latest_first(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if not pairs:
            return tokens
        tokens = _merge(tokens, max(pairs, key=ranks.get))


def encode_leftmost_first(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if not pairs:
            return tokens
        tokens = _merge(tokens, pairs[0])


def encode_once(piece, ranks):
    tokens = tuple(piece)
    pairs = [pair for pair in pairwise(tokens) if pair in ranks]
    if not pairs:
        return tokens
    return _merge(tokens, min(pairs, key=ranks.get))


def _learn(table, n_merges, count, weigh):
    ids = {x: i for i, x in enumerate(sorted({x for w in table for x in w}))}
    learned = []
    for _ in range(n_merges):
        counts = Counter()
        for word, times in table.items():
            found = pairwise(word) if count == "all" else {*pairwise(word)}
            for pair in found:
                counts[pair] += weigh(times)
        best = min(counts, key=lambda p: (-counts[p], ids[p[0]], ids[p[1]]))
        learned.append((best, counts[best]))
        ids[best[0] + best[1]] = len(ids)
        table = {_merge(w, best): times for w, times in table.items()}
    return learned


def learn_by_frequency(table, n_merges):
    return _learn(table, n_merges, "all", lambda times: times)


def learn_each_pair_once(table, n_merges):
    return _learn(table, n_merges, "once", lambda times: 1)


# --- chapter 2 ------------------------------------------------------------


def product_inputs_kept(space, a, b, c):
    va, vb, vc = ((1 + space.vectors @ space.units([w])[0]) / 2
                  for w in (a, b, c))  # fmt: skip
    return space.words[int((vb * vc / (va + 0.001)).argmax())]


def product_not_moved(space, a, b, c):
    va, vb, vc = (space.vectors @ space.units([w])[0] for w in (a, b, c))
    scores = vb * vc / (va + 0.001)
    order = scores.argsort(descending=True).tolist()
    return next(space.words[i] for i in order
                if space.words[i] not in (a, b, c))  # fmt: skip


def product_of_a_and_b(space, a, b, c):
    va, vb, vc = ((1 + space.vectors @ space.units([w])[0]) / 2
                  for w in (a, b, c))  # fmt: skip
    order = (va * vc / (vb + 0.001)).argsort(descending=True).tolist()
    return next(space.words[i] for i in order
                if space.words[i] not in (a, b, c))  # fmt: skip


def sum_instead(space, a, b, c):
    va, vb, vc = (space.vectors @ space.units([w])[0] for w in (a, b, c))
    order = (vb + vc - va).argsort(descending=True).tolist()
    return next(space.words[i] for i in order
                if space.words[i] not in (a, b, c))  # fmt: skip


# --- chapter 3 ------------------------------------------------------------


def _day(words, start=0.0):
    states, h = [], start
    for x in words:
        h = math.tanh(x + 0.5 * h)
        states.append(h)
    return states


def slopes_of_good_day():
    h = _day([0.8, 0.6, 0.2])
    d = [1 - x * x for x in h]
    return [d[2] * 0.5 * d[1] * 0.5 * d[0], d[2] * 0.5 * d[1], d[2]]


def slopes_without_half():
    h = _day([0.2, 0.6, 0.8])
    d = [1 - x * x for x in h]
    return [d[2] * d[1] * d[0], d[2] * d[1], d[2]]


def slopes_backwards():
    h = _day([0.2, 0.6, 0.8])
    d = [1 - x * x for x in h]
    return [d[2], d[2] * 0.5 * d[1], d[2] * 0.5 * d[1] * 0.5 * d[0]]


def slopes_without_tanh():
    return [0.25, 0.5, 1.0]


def states_themselves():
    return _day([0.2, 0.6, 0.8])


def half_life_log(k):
    return math.log(0.5) / k


def half_life_gate(k):
    return 0.5 ** (1 / k)


def half_life_minus(k):
    p = 0.5 ** (1 / k)
    return math.log((1 - p) / p)


def half_life_two(k):
    p = 0.5 ** (1 / k)
    return math.log2(p / (1 - p))


def half_life_power(k):
    p = 0.5**k
    return math.log(p / (1 - p))


def _added(layer, states, memory):
    return layer.W(states)[:, :, None] + layer.U(memory)[:, None]


def weights_over_states(layer, states, memory):
    scores = layer.v(_added(layer, states, memory).tanh()).squeeze(-1)
    return scores.softmax(dim=1)


def weights_turned(layer, states, memory):
    scores = layer.v(_added(layer, states, memory).tanh()).squeeze(-1)
    return scores.softmax(dim=-1).transpose(1, 2)


def weights_no_softmax(layer, states, memory):
    return layer.v(_added(layer, states, memory).tanh()).squeeze(-1)


def weights_no_tanh(layer, states, memory):
    scores = layer.v(_added(layer, states, memory)).squeeze(-1)
    return scores.softmax(dim=-1)


def weights_with_one_left(layer, states, memory):
    return layer.v(_added(layer, states, memory).tanh()).softmax(dim=2)


# --- chapter 4 ------------------------------------------------------------


def placed_from_one(word, position):
    p = position + 1
    return [word[0] + math.sin(p), word[1] + math.cos(p)]


def placed_cosine_first(word, position):
    return [word[0] + math.cos(position), word[1] + math.sin(position)]


def placed_degrees(word, position):
    angle = math.radians(position)
    return [word[0] + math.sin(angle), word[1] + math.cos(angle)]


def placed_place_alone(word, position):
    return [math.sin(position), math.cos(position)]


def placed_slow_cosine(word, position):
    slow = position / 10_000
    return [word[0] + math.sin(position), word[1] + math.cos(slow)]


def concatenated_mean(words, places):
    return torch.cat([words, places], dim=1).mean(dim=0)


def concatenated_places_first(words, places):
    return torch.cat([places, words], dim=1).sum(dim=0)


def concatenated_not_summed(words, places):
    return torch.cat([words, places], dim=1)


def concatenated_over_features(words, places):
    return torch.cat([words, places], dim=1).sum(dim=1)


def _hands(rows, offset, sign=1.0, base=10_000.0, speeds=None):
    d = rows.shape[1]
    even = torch.arange(0, d, 2, dtype=rows.dtype)
    speed = base ** (-even / d) if speeds is None else speeds
    sine, cosine = rows[:, 0::2], rows[:, 1::2]
    s, c = (offset * speed).sin() * sign, (offset * speed).cos()
    turned = torch.empty_like(rows)
    turned[:, 0::2] = sine * c + cosine * s
    turned[:, 1::2] = cosine * c - sine * s
    return turned


def advance_back(rows, offset):
    return _hands(rows, offset, sign=-1.0)


def advance_rolled(rows, offset):
    return rows.roll(-offset, dims=0)


def advance_one_speed(rows, offset):
    return _hands(rows, offset, speeds=torch.ones(rows.shape[1] // 2))


def advance_one_step(rows, offset):
    return _hands(rows, 1)


def advance_half_exponent(rows, offset):
    d = rows.shape[1]
    pairs = torch.arange(d // 2, dtype=rows.dtype)
    return _hands(rows, offset, speeds=10_000.0 ** (-pairs / d))


def _table(n, d, base, first=0, power=2.0, sign=-1.0):
    i = torch.arange(d // 2, dtype=torch.float64)
    place = torch.arange(first, n + first, dtype=torch.float64)
    angle = place[:, None] * base ** (sign * power * i / d)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1).float()


def base_ignored(n_positions, d_model, base):
    return _table(n_positions, d_model, 10_000.0)


def base_half_exponent(n_positions, d_model, base):
    return _table(n_positions, d_model, base, power=1.0)


def base_from_one(n_positions, d_model, base):
    return _table(n_positions, d_model, base, first=1)


def base_multiplied(n_positions, d_model, base):
    return _table(n_positions, d_model, base, sign=1.0)


def base_in_halves(n_positions, d_model, base):
    table = _table(n_positions, d_model, base)
    return torch.cat([table[:, 0::2], table[:, 1::2]], dim=1)


def base_cosine_first(n_positions, d_model, base):
    table = _table(n_positions, d_model, base)
    return table.unflatten(1, (-1, 2)).flip(2).flatten(1)


# --- chapter 5 ------------------------------------------------------------

X = torch.tensor([[0.2, 0.9], [0.3, 0.4]])
W_Q = torch.tensor([[-0.116, 0.2], [0.637, 0.7]])


def _go(query, *roots):
    scores = X @ query
    return [w for r in roots for w in (scores / r).softmax(0).tolist()]


def go_let_us():
    return _go(X[0] @ W_Q, 1, 2**0.5)


def go_divided_by_two():
    return _go(X[1] @ W_Q, 1, 2)


def go_without_query():
    return _go(X[1], 1, 2**0.5)


def go_matrix_turned():
    return _go(X[1] @ W_Q.T, 1, 2**0.5)


def go_divided_first():
    return _go(X[1] @ W_Q, 2**0.5, 1)


def go_scores():
    scores = X @ (X[1] @ W_Q)
    return [*scores.tolist(), *(scores / 2**0.5).tolist()]


def _attend(x):
    return (x @ x.T / x.shape[1] ** 0.5).softmax(dim=-1) @ x


def difference_unshuffled(x, order):
    return (_attend(x) - _attend(x[order])).abs().max().item()


def difference_of_inputs(x, order):
    return (_attend(x)[order] - _attend(x)).abs().max().item()


# --- chapter 6 ------------------------------------------------------------


def _heads(query, value=(2.0, 1.0, 0.0), divide=1.0):
    scores = torch.tensor([-1.0, 0, 1]) * query / divide
    return float(scores.softmax(0) @ torch.tensor(value))


def heads_of_the_page():
    return [_heads(-2), _heads(2)]


def heads_exchanged():
    return [_heads(1), _heads(-1)]


def heads_by_root_two():
    return [_heads(-1, divide=2**0.5), _heads(1, divide=2**0.5)]


def heads_no_softmax():
    return [2.0, -2.0]


def heads_keys_mixed():
    keys = (-1.0, 0.0, 1.0)
    return [_heads(-1, keys), _heads(1, keys)]


def _cost(d, h, q, k, biases=True, factor=1, parts=("scores", "mix")):
    parameters = 4 * d * d + 4 * d * biases
    work = 2 * d * d * (q + k) + len(parts) * d * q * k
    return parameters, factor * work


def cost_twice(d_model, n_heads, t_q, t_k):
    return _cost(d_model, n_heads, t_q, t_k, factor=2)


def cost_no_biases(d_model, n_heads, t_q, t_k):
    return _cost(d_model, n_heads, t_q, t_k, biases=False)


def cost_scores_alone(d_model, n_heads, t_q, t_k):
    return _cost(d_model, n_heads, t_q, t_k, parts=("scores",))


def cost_self_attention(d_model, n_heads, t_q, t_k):
    return _cost(d_model, n_heads, t_q, t_q)


def cost_by_heads(d_model, n_heads, t_q, t_k):
    parameters, work = _cost(d_model, n_heads, t_q, t_k)
    return n_heads * parameters, n_heads * work


def cost_no_out_proj(d_model, n_heads, t_q, t_k):
    parameters, work = _cost(d_model, n_heads, t_q, t_k)
    return (parameters - d_model * d_model - d_model,
            work - d_model * d_model * t_q)  # fmt: skip


def cost_no_projections(d_model, n_heads, t_q, t_k):
    return 4 * d_model * (d_model + 1), 2 * d_model * t_q * t_k


def _moves(layer, x, order):
    with torch.no_grad():
        return layer(x[:, order], x[:, order])[0], layer(x, x)[0]


def _width(layer):
    return layer.q_proj.in_features


def moves_batch(layer):
    x = torch.randn(3, 5, _width(layer))
    order = torch.tensor([2, 0, 1])
    with torch.no_grad():
        return torch.allclose(layer(x[order], x[order])[0],
                              layer(x, x)[0][order], atol=1e-5)  # fmt: skip


def moves_one_word(layer):
    x = torch.randn(3, 1, _width(layer))
    one, other = _moves(layer, x, torch.tensor([0]))
    return torch.allclose(one, other, atol=1e-5)


def moves_not_shuffled(layer):
    x = torch.randn(3, 5, _width(layer))
    one, other = _moves(layer, x, torch.randperm(5))
    return torch.allclose(one, other, atol=1e-5)


def moves_negated(layer):
    x = torch.randn(3, 5, _width(layer))
    order = torch.tensor([4, 2, 0, 1, 3])
    one, other = _moves(layer, x, order)
    return not torch.allclose(one, other[:, order], atol=1e-5)


# --- chapter 8 ------------------------------------------------------------


def features_unbiased():
    def norm(x):
        x = torch.tensor(x)
        return ((x - x.mean()) / x.std()).tolist()

    return norm([1.0, 3.0]), norm([1.0, 1000.0])


def features_by_variance():
    def norm(x):
        x = torch.tensor(x)
        return ((x - x.mean()) / x.var(correction=0)).tolist()

    return norm([1.0, 3.0]), norm([1.0, 1000.0])


def features_centred():
    return [-1.0, 1.0], [-499.5, 499.5]


def features_rms():
    def norm(x):
        x = torch.tensor(x)
        return (x / x.square().mean().sqrt()).tolist()

    return norm([1.0, 3.0]), norm([1.0, 1000.0])


def features_zero_to_one():
    return [0.0, 1.0], [0.0, 1.0]


def features_sum_to_one():
    return [0.25, 0.75], [1 / 1001, 1000 / 1001]


def _tied(norm):
    x = torch.randn(2, 3, 5)
    moved = x.clone()
    moved[0, 0, 0] += 1
    with torch.no_grad():
        apart = (norm(moved) - norm(x)).abs() > 1e-6
    names = ("batch", "words", "features")
    lines = (apart[1:, 0, 0], apart[0, 1:, 0], apart[0, 0, 1:])
    return {n for n, line in zip(names, lines, strict=True) if line.any()}


def axes_free(norm):
    return {"batch", "words", "features"} - _tied(norm)


def axes_as_list_of_numbers(norm):
    names = ["batch", "words", "features"]
    return {names.index(n) for n in _tied(norm)}


def axes_always_features(norm):
    return {"features"}


# --- chapter 9 ------------------------------------------------------------


def _relu(x):
    return max(0.0, x)


def both_exchanged(a, b):
    both = _relu(a + b - 1)
    return _relu(a + b) - both, both


def both_either_counts(a, b):
    return _relu(a + b - 1), _relu(a + b)


def both_exclusive(a, b):
    return _relu(a + b - 1), _relu(a + b) - 2 * _relu(a + b - 1)


def both_any(a, b):
    return _relu(a + b), _relu(a + b) - _relu(a + b - 1)


def block_no_biases(d_model, d_ff):
    return 4 * d_model**2 + 2 * d_model * d_ff + 4 * d_model


def block_no_norms(d_model, d_ff):
    return (4 * d_model**2 + 4 * d_model + 2 * d_model * d_ff + d_ff
            + d_model)  # fmt: skip


def block_three_layers(d_model, d_ff):
    return (3 * d_model**2 + 3 * d_model + 2 * d_model * d_ff + d_ff
            + d_model + 4 * d_model)  # fmt: skip


def block_one_norm(d_model, d_ff):
    return block_no_norms(d_model, d_ff) + 2 * d_model


def block_one_bias_vector_less(d_model, d_ff):
    return block_no_norms(d_model, d_ff) + 4 * d_model - d_model


# --- chapter 10 -----------------------------------------------------------


def decoder_one_attention(d_model, d_ff):
    return block_no_norms(d_model, d_ff) + 6 * d_model


def decoder_two_norms(d_model, d_ff):
    return (8 * d_model**2 + 8 * d_model + 2 * d_model * d_ff + d_ff
            + d_model + 4 * d_model)  # fmt: skip


def decoder_no_biases(d_model, d_ff):
    return 8 * d_model**2 + 2 * d_model * d_ff + 6 * d_model


def decoder_no_norms(d_model, d_ff):
    return (8 * d_model**2 + 8 * d_model + 2 * d_model * d_ff + d_ff
            + d_model)  # fmt: skip


def decoder_three_layers(d_model, d_ff):
    return (6 * d_model**2 + 6 * d_model + 2 * d_model * d_ff + d_ff
            + d_model + 6 * d_model)  # fmt: skip


# What a verdict must say to count as naming the mistake, ignoring case.
ANSWERS = {
    "00-on-paper": [
        (paper_in_nats, "nats"),
        (paper_logits_shared, "exp|softmax|logit"),
        (paper_losses_exchanged, "exchanged|order|swap"),
        (paper_exponential_alone, "sum|divid"),
        (paper_perplexities, "perplexit"),
    ],
    "00-loop-order": [
        (lambda: "CEBFAD", "zero|wiped|empt|slope"),
        (lambda: "CEFABD", "backward|step"),
        (lambda: "FCBEAD", "loss|backward|[bB].*before"),
        (lambda: "CEBAD", "zero|missing|six|each|F"),
    ],
    "00-momentum": [
        (momentum_as_mean, r"1 - beta|mean|average"),
        (momentum_without_start, "start"),
        (momentum_forgotten, "momentum|sum|forg|keep|plain"),
        (momentum_uphill, "up|sign|direction"),
        (momentum_slope_kept, "zero|add up|pile|accumul"),
        (momentum_same_tensor, "same|clone|copy|last"),
    ],
    "01-cut-by-hand": [
        (cut_longest_first, "order|swap|meat"),
        (cut_all_four, "merge"),
        (cut_two_words, "keys|three|missing"),
    ],
    "01-encode-piece": [
        (encode_latest_first, "max|latest|last|highest|order|rank"),
        (encode_leftmost_first, "left|rank|first pair|order"),
        (encode_once, "once|one merge|loop|repeat"),
    ],
    "01-learn-from-dictionary": [
        (learn_by_frequency, "often|frequen|times|text"),
        (learn_each_pair_once, "pair"),
    ],
    "02-count-pairs": [
        (lambda n, w: 2 * w * n, "end|edge|border"),
        (lambda n, w: w * n - w * (w + 1) // 2, "half|both|twice|once"),
        (lambda n, w: 2 * w * (n - 1), "all words but one"),
        (lambda n, w: 2 * w * (n - w), "end|edge|too few|drop"),
        (lambda n, w: 2 * (n - w), "exactly w"),
    ],
    "02-analogy-by-product": [
        (product_inputs_kept, "input|given|question"),
        (product_not_moved, "0 to 1|moved|negative|cosine"),
        (product_of_a_and_b, "exchanged|order|a and b|divide"),
        (sum_instead, "old rule"),
    ],
    "03-slopes-of-bad-day": [
        (slopes_of_good_day, "good day|other order|order of"),
        (slopes_without_half, "0.5|half"),
        (slopes_backwards, "order|reverse|last word first|first word"),
        (slopes_without_tanh, "tanh"),
        (states_themselves, "state"),
    ],
    "03-bias-for-half-life": [
        (half_life_log, "sigmoid|gate|exp"),
        (half_life_gate, "gate|sigmoid|bias"),
        (half_life_minus, "sign"),
        (half_life_two, "log|ln 2"),
        (half_life_power, "root|power|1 / k"),
    ],
    "03-all-weights": [
        (weights_over_states, "axis|states|over|sum to"),
        (weights_turned, "as rows"),
        (weights_no_softmax, "softmax|scores"),
        (weights_no_tanh, "tanh"),
        (weights_with_one_left, "shape"),
    ],
    "04-placed-word": [
        (placed_from_one, "0|one|count"),
        (placed_cosine_first, "sine|cos|exchanged"),
        (placed_degrees, "degree|radian"),
        (placed_place_alone, "word|add"),
        (placed_slow_cosine, "10000|slow|same|speed|wavelength"),
    ],
    "04-sum-of-concatenated": [
        (concatenated_mean, "mean"),
        (concatenated_places_first, "order|behind|first"),
        (concatenated_not_summed, "sum|shape"),
        (concatenated_over_features, "axis|features|shape"),
    ],
    "04-advance": [
        (advance_back, "back|direction|sign|wrong way"),
        (advance_rolled, "roll|row|move"),
        (advance_one_speed, "speed|same"),
        (advance_one_step, "offset|one step|1"),
        (advance_half_exponent, "speed|exponent|2 ?i|pair|slow|fast"),
    ],
    "04-table-with-base": [
        (base_ignored, "base|10,?000"),
        (base_half_exponent, "exponent|2 ?i|pair|speed"),
        (base_from_one, "position 0|from 0|count|from 1|row"),
        (base_multiplied, "divid|minus|sign|multiplied|fast|exponent"),
        (base_in_halves, "half|halves|column|order|even"),
        (base_cosine_first, "sine|cosine|exchang|even|order"),
    ],
    "05-weights-of-go": [
        (go_let_us, "let"),
        (go_divided_by_two, "root|2"),
        (go_without_query, "query|W_Q|matrix"),
        (go_matrix_turned, "transpos|turned|column|row"),
        (go_divided_first, "first|order|exchanged"),
        (go_scores, "softmax|scores"),
    ],
    "05-largest-difference": [
        (difference_unshuffled, "shuffl|order|output"),
        (difference_of_inputs, "shuffl|order|input"),
    ],
    "06-softer-heads": [
        (heads_of_the_page, "page|-2|2"),
        (heads_exchanged, "exchanged|order|reverse"),
        (heads_by_root_two, "root|divid"),
        (heads_no_softmax, "softmax|scores|weights"),
        (heads_keys_mixed, "key|value"),
    ],
    "06-cost": [
        (cost_twice, "twice|multiply-add|2"),
        (cost_no_biases, "bias"),
        (cost_scores_alone, "mix|value|scores|second"),
        (cost_self_attention, "t_k|asked|self"),
        (cost_by_heads, "head"),
        (cost_no_out_proj, "out|four|three"),
        (cost_no_projections, "project|linear|layers"),
    ],
    "06-moves-with-its-words": [
        (moves_batch, "batch|sentence"),
        (moves_one_word, "one word|T = 1|single"),
        (moves_not_shuffled, "shuffl|order"),
        (moves_negated, "inside out|exchanged|not"),
    ],
    "08-two-features": [
        (features_unbiased, "n - 1|unbiased|correction"),
        (features_by_variance, "variance|root"),
        (features_centred, "divi"),
        (features_rms, "mean"),
        (features_zero_to_one, "0 (and|to) 1|small|min|mean|scale"),
        (features_sum_to_one, "sum|share|mean"),
    ],
    "08-shared-axes": [
        (axes_free, "not|other|free|complement|inside out|those"),
        (axes_as_list_of_numbers, "name|batch|words"),
        (axes_always_features, "same|always|every|whatever"),
    ],
    "09-both-and-either": [
        (both_exchanged, "exchanged|first|order"),
        (both_either_counts, "2|both|twice"),
        (both_exclusive, "both|exclusive|xor|page"),
        (both_any, "both|one|either"),
    ],
    "09-parameters-of-a-block": [
        (block_no_biases, "bias"),
        (block_no_norms, "norm"),
        (block_three_layers, "out|four|three"),
        (block_one_norm, "norm"),
        (block_one_bias_vector_less, "bias|weight|norm"),
    ],
    "10-block-parameters": [
        (decoder_one_attention, "attention"),
        (decoder_two_norms, "norm"),
        (decoder_no_biases, "bias"),
        (decoder_no_norms, "norm"),
        (decoder_three_layers, "out|four|three"),
    ],
}
