"""A fourth set of wrong answers, by an author who had not seen the checks.

Two for each exercise that needs no training. Each was written for a mistake
that its author had put down in a sentence; the patterns were taken from these
sentences later, beside the first verdicts. Before a check was mended for
them, 103 of the 104 were caught, and 92 were named.
"""

import math
from collections import Counter
from itertools import pairwise

import torch

from tests.checking import answers
from tests.checking.notebook import space
from transformer_course import embeddings
from transformer_course.checking.chapter_01 import _merged as merge
from transformer_course.checking.chapter_01_stream import _gpt2
from transformer_course.checking.chapter_05 import SCORES, W_Q
from transformer_course.checking.chapter_09 import W_1, W_2
from transformer_course.checking.chapter_09 import _normalize as normalize
from transformer_course.checking.chapter_11_mask import sentence_and_place

F = torch.nn.functional

# What the chapters' own cells have given the learner by then.
scores = torch.tensor([2.0, 1.0, 0.0])
exact = scores.double()
knobs = exact.clone().requires_grad_()


def word_loss(scores):
    return F.cross_entropy(scores[None], torch.tensor([0]))


word_loss(knobs).backward()


def slopes_by_nudging(loss, place, h=1e-5):
    slopes = torch.zeros_like(place)
    for i in range(len(place)):
        nudge = torch.zeros_like(place)
        nudge[i] = h
        slopes[i] = (loss(place + nudge) - loss(place - nudge)) / (2 * h)
    return slopes


def learn(table, n_merges):
    return answers._learn(table, n_merges, "all", lambda times: times)


vocabulary = range(int(space()["text_ids"].max()) + 1)
noise = embeddings.noise_distribution(torch.bincount(space()["text_ids"]))
bad_day = [0.2, 0.6, 0.8]
read = answers._day


# --- chapter 0 ------------------------------------------------------------


def on_paper_a():
    total = 1 + 2 + 4 + 1
    shares = [1 / total, 2 / total, 4 / total, 1 / total]
    return shares, -math.log(shares[2]), -math.log(shares[0])


def on_paper_b():
    shares = [1 / 8, 2 / 8, 4 / 8, 1 / 8]
    # "one in two" and "one in eight"
    return shares, 1 / shares[2], 1 / shares[0]


def loop_order_a():
    # draw, predict, walk back, clean up the gradients, step, note the loss
    return "CEBFAD"


def loop_order_b():
    # D only needs the batch to be drawn, the optimizer steps, then we learn
    return "CFEABD"


def momentum_a(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    m = torch.zeros_like(start)
    path = [start]
    for _ in range(n_steps):
        (g,) = torch.autograd.grad(loss(w), w)
        with torch.no_grad():
            m = beta * m + (1 - beta) * g
            w -= lr * m
        path.append(w.detach().clone())
    return torch.stack(path)


def momentum_b(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    m = torch.zeros_like(start)
    path = [start]
    for _ in range(n_steps):
        (g,) = torch.autograd.grad(loss(w), w)
        with torch.no_grad():
            m = beta * m + g
            w -= lr * m
        path.append(w.detach())
    return torch.stack(path)


def nudge_errors_a(sizes):
    errors = []
    for h in sizes:
        slopes = slopes_by_nudging(word_loss, exact, h)
        errors.append((slopes - knobs.grad).abs().mean().item())
    return errors


def nudge_errors_b(sizes):
    errors = []
    for h in sizes:
        slopes = slopes_by_nudging(word_loss, scores, h)
        errors.append((slopes - knobs.grad).abs().max().item())
    return errors


# --- chapter 1 ------------------------------------------------------------


def cut_by_hand_a():
    return {
        "mates": ["m", "at", "e", "s"],
        "steam": ["s", "t", "e", "a", "m"],
        "eatmeats": ["eat", "m", "eats"],
    }


def cut_by_hand_b():
    return {
        "mates": ["m", "at", "e", "s"],
        "steam": ["s", "t", "e", "a", "m"],
        "eatmeats": ["eat", "m", "e", "a", "t", "s"],
    }


def why_keep_the_halves_a():
    return (
        "No, they are not needed any more. The vocabulary has Ġthe as a token "
        "of its own, so if the merges of Ġt and he were struck, cut would "
        "still give Ġthe for ' the': it looks for the longest token. The "
        "halves only take up room. The word: the"
    )


def why_keep_the_halves_b():
    return (
        "Yes. The merge that makes Ġthe joins Ġt and he, so it needs both. "
        "Without their two merges, cut leaves ' the' in its letters: "
        "Ġ, t, h, e. A word of Hamlet that keeps one of them is: them"
    )


def encode_piece_a(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        tokens = merge(tokens, min(pairs, key=ranks.get))
        if not pairs:
            return tokens


def encode_piece_b(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if not pairs:
            return tokens
        tokens = merge(tokens, max(pairs, key=ranks.get))


def learn_from_dictionary_a(table, n_merges):
    letters = sorted({letter for word in table for letter in word})
    ids = {letter: i for i, letter in enumerate(letters)}
    learned = []
    for _ in range(n_merges):
        counts = Counter()
        for tokens in table:
            for pair in set(pairwise(tokens)):
                counts[pair] += 1
        best = min(counts, key=lambda p: (-counts[p], ids[p[0]], ids[p[1]]))
        learned.append((best, counts[best]))
        ids[best[0] + best[1]] = len(ids)
        table = {merge(w, best): times for w, times in table.items()}
    return learned


def learn_from_dictionary_b(table, n_merges):
    once = {word: times for word, times in table.items() if times == 1}
    return learn(once, n_merges)


def decode_stream_a(token_ids):
    held = []
    for token_id in token_ids:
        held.append(token_id)
    yield _gpt2().decode(held)


def decode_stream_b(token_ids):
    for token_id in token_ids:
        text = _gpt2().decode([token_id])
        if "\ufffd" not in text:
            yield text


# --- chapter 2 ------------------------------------------------------------


def count_pairs_a(n_words, window):
    return 2 * window * n_words


def count_pairs_b(n_words, window):
    return n_words * window - window * (window + 1) // 2


def analogy_by_product_a(space, a, b, c):
    cosines = space.vectors @ space.units([a, b, c]).T  # (V, 3)
    to_a, to_b, to_c = cosines.unbind(dim=1)  # (V,) each
    scores = to_b * to_c / (to_a + 0.001)
    scores[space.ids([a, b, c])] = -torch.inf
    return space.words[int(scores.argmax())]


def analogy_by_product_b(space, a, b, c):
    cosines = space.vectors @ space.units([a, b, c]).T  # (V, 3)
    to_a, to_b, to_c = ((1 + cosines) / 2).unbind(dim=1)  # (V,) each
    scores = to_a * to_c / (to_b + 0.001)
    scores[space.ids([a, b, c])] = -torch.inf
    return space.words[int(scores.argmax())]


def correlation_with_counts_a(model, text_ids, n_words=500, min_pairs=20):
    centres, contexts = embeddings.skip_gram_pairs(text_ids, window=2)
    n_w = torch.bincount(centres, minlength=len(vocabulary))[:n_words].double()
    inside = (centres < n_words) & (contexts < n_words)
    codes = centres[inside] * n_words + contexts[inside]
    n_wc = torch.bincount(codes, minlength=n_words**2).double()
    n_wc = n_wc.view(n_words, n_words)  # (centre, context)
    chosen = n_wc >= min_pairs
    values = (n_wc / n_w[:, None] / noise[:n_words]).log() - math.log(5)
    v = model.inputs.weight.detach()[:n_words].double()  # (n, D)
    scores = v @ v.T  # (centre, context)
    both = torch.stack([scores[chosen], values[chosen]])
    return torch.corrcoef(both)[0, 1].item()


def correlation_with_counts_b(model, text_ids, n_words=500, min_pairs=20):
    centres, contexts = embeddings.skip_gram_pairs(text_ids, window=2)
    n_w = torch.bincount(centres, minlength=len(vocabulary))[:n_words].double()
    inside = (centres < n_words) & (contexts < n_words)
    codes = centres[inside] * n_words + contexts[inside]
    n_wc = torch.bincount(codes, minlength=n_words**2).double()
    n_wc = n_wc.view(n_words, n_words)  # (centre, context)
    chosen = n_wc >= min_pairs
    values = (n_wc / n_w[:, None]).log() - math.log(5)
    v = model.inputs.weight.detach()[:n_words].double()  # (n, D)
    u = model.outputs.weight.detach()[:n_words].double()  # (n, D)
    scores = v @ u.T  # (centre, context)
    both = torch.stack([scores[chosen], values[chosen]])
    return torch.corrcoef(both)[0, 1].item()


def vote_after_removal_a(space, direction, n_words=500, n_neighbours=5):
    vectors = space.vectors[:30_000]  # (N, D)
    lean = vectors @ direction  # (N,)
    order = lean.argsort()
    chosen = torch.cat([order[:n_words], order[-n_words:]])
    side = torch.cat([torch.zeros(n_words), torch.ones(n_words)])
    removed = vectors - lean[:, None] * direction  # (N, D)
    units = F.normalize(removed[chosen], dim=1)
    cosines = (units @ units.T).fill_diagonal_(-torch.inf)
    nearest = cosines.topk(n_neighbours, dim=1).indices
    said = side[nearest].mean(dim=1) > 0.5
    return (said == (side > 0.5)).float().mean().item()


def vote_after_removal_b(space, direction, n_words=500, n_neighbours=5):
    unit = direction / direction.norm()
    vectors = space.vectors[:30_000]  # (N, D)
    lean = vectors @ unit  # (N,)
    order = lean.argsort()
    chosen = torch.cat([order[:n_words], order[-n_words:]])
    side = torch.cat([torch.zeros(n_words), torch.ones(n_words)])
    removed = vectors - lean[:, None] * unit  # (N, D)
    units = F.normalize(removed[chosen], dim=1)
    nearest = (units @ units.T).topk(n_neighbours, dim=1).indices
    said = side[nearest].mean(dim=1) > 0.5
    return (said == (side > 0.5)).float().mean().item()


# --- chapter 3 ------------------------------------------------------------


def slopes_of_bad_day_a():
    # the same words as on the good day, so the same slopes, read backwards
    return [0.738, 0.171, 0.048]


def slopes_of_bad_day_b():
    h1, h2, h3 = read(bad_day)
    s1, s2, s3 = 1 - h1**2, 1 - h2**2, 1 - h3**2
    return [s1 * s2 * s3, s2 * s3, s3]


def bias_for_half_life_a(k):
    f = 1 - 1 / (2 * k)  # each word takes away its part of the half
    return math.log(f / (1 - f))


def bias_for_half_life_b(k):
    f = 0.5 ** (1 / k)
    return math.log((1 - f) / f)


def all_weights_a(layer, states, memory):
    added = layer.W(states)[:, :, None] + layer.U(memory)[:, None]
    scores = layer.v(torch.tanh(added)).squeeze(-1)  # (B, T_q, T_k)
    return scores.softmax(dim=1)


def all_weights_b(layer, states, memory):
    asked = layer.v(layer.W(states))  # (B, T_q, 1)
    found = layer.v(layer.U(memory))  # (B, T_k, 1)
    scores = asked + found.transpose(1, 2)  # (B, T_q, T_k)
    return scores.softmax(dim=2)


# --- chapter 4 ------------------------------------------------------------


def placed_word_a(word, position):
    p = position - 1  # places are counted from 0
    return [word[0] + math.sin(p), word[1] + math.cos(p)]


def placed_word_b(word, position):
    return [word[0] + math.cos(position), word[1] + math.sin(position)]


def sum_of_concatenated_a(words, places):
    both = torch.cat([words, places], dim=-1)  # (T, D + P)
    return both.sum(dim=-1)


def sum_of_concatenated_b(words, places):
    both = torch.cat([places, words], dim=-1)
    return both.sum(dim=0)


def advance_a(rows, offset):
    d_model = rows.size(-1)
    b = offset / 10000 ** (torch.arange(0, d_model, 2) / d_model)  # (D / 2,)
    s, c = rows[:, 0::2], rows[:, 1::2]  # (T, D / 2) each
    even = b.cos() * s - b.sin() * c
    odd = b.sin() * s + b.cos() * c
    return torch.stack([even, odd], dim=-1).flatten(start_dim=1)


def advance_b(rows, offset):
    d_model = rows.size(-1)
    b = offset / 10000 ** (torch.arange(0, d_model, 2) / d_model)  # (D / 2,)
    s, c = rows[:, 0::2], rows[:, 1::2]  # (T, D / 2) each
    even = b.cos() * s + b.sin() * c
    odd = b.cos() * c - b.sin() * s
    return torch.cat([even, odd], dim=-1)


def table_with_base_a(n_positions, d_model, base):
    p = torch.arange(n_positions).double()
    column = torch.arange(d_model).double()
    angle = p[:, None] / base ** (column / d_model)  # (T, D)
    table = angle.sin()
    table[:, 1::2] = angle[:, 1::2].cos()
    return table.float()


def table_with_base_b(n_positions, d_model, base):
    p = torch.arange(n_positions).double()
    i = torch.arange(d_model // 2).double()
    angle = p[:, None] / base ** (i / d_model)  # (T, D / 2)
    pairs = torch.stack([angle.sin(), angle.cos()], dim=-1)
    return pairs.flatten(start_dim=1).float()


def with_empty_places_a(batch, most, generator):
    token_ids, pad_mask, choices, labels = batch
    n = int(torch.randint(most + 1, (), generator=generator))
    token_ids = F.pad(token_ids, (n, most - n))
    pad_mask = F.pad(pad_mask, (n, most - n))
    return token_ids, pad_mask, choices, labels


def with_empty_places_b(batch, most, generator):
    token_ids, pad_mask, choices, labels = batch
    B, T = token_ids.shape
    shift = torch.randint(0, most, (B,), generator=generator)
    ids = torch.zeros(B, T + most, dtype=token_ids.dtype)
    real = torch.zeros(B, T + most, dtype=torch.bool)
    for row, n in enumerate(shift.tolist()):
        ids[row, n : n + T] = token_ids[row]
        real[row, n : n + T] = pad_mask[row]
    return ids, real, choices, labels


# --- chapter 5 ------------------------------------------------------------


def weights_of_go_a():
    column = SCORES[:, 1]  # what let's and go score with go
    plain = column.softmax(dim=0)
    divided = (column / math.sqrt(2)).softmax(dim=0)
    return [*plain.tolist(), *divided.tolist()]


def weights_of_go_b():
    first, second = math.exp(0.350), math.exp(0.202)
    w1, w2 = first / (first + second), second / (first + second)
    return [w1, w2, w1 / math.sqrt(2), w2 / math.sqrt(2)]


def largest_difference_a(x, order):
    def attend(x):
        return (x @ W_Q @ x.T).softmax(dim=-1) @ x

    return (attend(x) - attend(x[order])).abs().max().item()


def largest_difference_b(x, order):
    def attend(x):
        return (x @ W_Q @ x.T).softmax(dim=-1) @ x

    # put the shuffled output back in order
    return (attend(x) - attend(x[order])[order]).abs().max().item()


def scores_with_one_matrix_a(x, w_q, w_k):
    m = w_k @ w_q.T  # (D, D)
    return x @ m @ x.T


def scores_with_one_matrix_b(x, w_q, w_k):
    m = w_q @ w_k.T  # (D, D)
    return x @ m @ x.T / math.sqrt(m.size(-1))


# --- chapter 6 ------------------------------------------------------------


def softer_heads_a():
    # half the query, half the way from the middle, 1
    return [1 + 0.851 / 2, 1 - 0.851 / 2]


def softer_heads_b():
    keys = torch.tensor([-1.0, 0.0, 1.0])
    values = torch.tensor([2.0, 1.0, 0.0])
    outputs = []
    for query in (-1.0, 1.0):
        weights = (query * keys / math.sqrt(2)).softmax(dim=0)
        outputs.append((weights @ values).item())
    return outputs


def cost_a(d_model, n_heads, t_q, t_k):
    parameters = 4 * (d_model**2 + d_model)
    projections = 2 * t_q * d_model**2 + 2 * t_k * d_model**2
    maps = n_heads * 2 * t_q * t_k * d_model
    return parameters, projections + maps


def cost_b(d_model, n_heads, t_q, t_k):
    parameters = 4 * (d_model**2 + d_model)
    multiply_adds = 4 * t_q * d_model**2 + 2 * t_q * t_k * d_model
    return parameters, multiply_adds


def moves_with_its_words_a(layer):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 5, layer.q_proj.in_features, generator=generator)
    order = torch.tensor([2, 0, 3, 1])
    with torch.no_grad():
        first = layer(x, x)[0][order]
        second = layer(x[order], x[order])[0]
    return torch.allclose(first, second, atol=1e-5)


def moves_with_its_words_b(layer):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 5, layer.q_proj.in_features, generator=generator)
    order = torch.tensor([3, 0, 4, 1, 2])
    with torch.no_grad():
        first = layer(x, x)[0]
        second = layer(x[:, order], x[:, order])[0]
    return torch.allclose(first, second, atol=1e-5)


# --- chapter 7 ------------------------------------------------------------


def window_mask_a(n_positions, width):
    everyone = torch.ones(n_positions, n_positions).bool()
    return everyone.tril().triu(-width)


def window_mask_b(n_positions, width):
    place = torch.arange(n_positions)
    return (place[:, None] - place).abs() < width


def has_nothing_a(pad_mask):
    return ~pad_mask


def has_nothing_b(pad_mask):
    nobody = ~pad_mask.any(dim=1, keepdim=True)  # (B, 1)
    return nobody.expand_as(pad_mask)


def repaired_a(scores, mask):
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=-1)


def repaired_b(scores, mask):
    weights = scores.softmax(dim=-1) * mask
    return weights.softmax(dim=-1)


def leaks_a(model, n_positions, vocab_size):
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(vocab_size, (1, n_positions), generator=generator)
    found = set()
    with torch.no_grad():
        before = model(ids)[0]  # (T, D)
        for s in range(1, n_positions):
            changed = ids.clone()
            changed[0, s] = (changed[0, s] + 1) % vocab_size
            moved = (model(changed)[0] != before).any(dim=-1)  # (T,)
            found |= {(s, t) for t in range(s) if moved[t]}
    return found


def leaks_b(model, n_positions, vocab_size):
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(vocab_size, (1, n_positions), generator=generator)
    found = set()
    with torch.no_grad():
        before = model(ids)[0]  # (T, D)
        for t in range(n_positions - 1):
            changed = ids.clone()
            changed[0, t + 1] = (changed[0, t + 1] + 1) % vocab_size
            if (model(changed)[0, t] != before[t]).any():
                found.add((t, t + 1))
    return found


# --- chapter 8 ------------------------------------------------------------


def two_features_a():
    results = []
    for pair in ([1.0, 3.0], [1.0, 1000.0]):
        x = torch.tensor(pair)
        results.append(((x - x.mean()) / x.std()).tolist())
    return tuple(results)


def two_features_b():
    results = []
    for pair in ([1.0, 3.0], [1.0, 1000.0]):
        mean = sum(pair) / 2
        variance = sum((number - mean) ** 2 for number in pair) / 2
        results.append([(number - mean) / variance for number in pair])
    return tuple(results)


def shared_axes_a(norm):
    x = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[1, 2, 3] += 1
    with torch.no_grad():
        moved = norm(changed) != norm(x)  # (B, T, D)
    found = set()
    for axis, name in enumerate(("batch", "words", "features")):
        others = [other for other in range(3) if other != axis]
        if moved.any(dim=others[1]).any(dim=others[0]).any():
            found.add(name)
    return found


def shared_axes_b(norm):
    x = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[1, 2, 3] += 1
    with torch.no_grad():
        moved = norm(changed) != norm(x)
    found = set()
    if moved[0, 2, 3]:
        found.add("words")
    if moved[1, :2, 3].any():
        found.add("batch")
    if moved[1, 2, [0, 1, 2, 4]].any():
        found.add("features")
    return found


# --- chapter 9 ------------------------------------------------------------


def both_and_either_a(a, b):
    both = max(0, a + b - 1)
    either = max(0, a + b)
    return both, either


def both_and_either_b(a, b):
    h1, h2 = max(0, a + b), max(0, a + b - 1)
    return h2, h1 - 2 * h2


def pre_norm_trace_a(words):
    T = len(words)
    x = normalize(words)
    x = x + torch.full((T, T), 1 / T) @ x
    x = normalize(x)
    return x + (x @ W_1).clamp_min(0) @ W_2


def pre_norm_trace_b(words):
    T = len(words)
    x = words + torch.full((T, T), 1 / T) @ normalize(words)
    x = x + (normalize(x) @ W_1).clamp_min(0) @ W_2
    return normalize(x)


def parameters_of_a_block_a(d_model, d_ff):
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norms = 2 * d_model
    return attention + feed_forward + norms


def parameters_of_a_block_b(d_model, d_ff):
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * (d_model * d_ff + d_ff)
    norms = 2 * 2 * d_model
    return attention + feed_forward + norms


# --- chapter 10 ------------------------------------------------------------


def weights_of_bos_a():
    # the memory row is zero, so nothing can be fetched from it
    return [0.045, 0.187, 0.768, 0.0]


def weights_of_bos_b():
    powers = [math.exp(score) for score in (0, 2, 4, 0)]
    return [power / sum(powers) for power in powers]


def block_parameters_a(d_model, d_ff):
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return 2 * attention + feed_forward + 2 * 2 * d_model


def block_parameters_b(d_model, d_ff):
    matrix = d_model**2 + d_model
    self_attention = 4 * matrix
    cross_attention = 2 * matrix  # keys and values come from the encoder
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return self_attention + cross_attention + feed_forward + 3 * 2 * d_model


# --- chapter 11 ------------------------------------------------------------


def what_is_scored_a(n_prompt, n_answer):
    scored = n_answer + 1
    return scored, n_prompt, 1 / scored


def what_is_scored_b(n_prompt, n_answer):
    return n_answer, n_prompt - 1, 1 / n_answer


def first_of_two_a(hidden, first, second):
    return torch.sigmoid(hidden @ first)


def first_of_two_b(hidden, first, second):
    one, other = hidden @ first, hidden @ second  # (B,) each
    return one / (one + other)


def this_and_the_last_a(token_ids):
    number, _ = sentence_and_place(token_ids)  # (B, T)
    apart = number[:, None, :, None] - number[:, None, None, :]
    return apart.abs() <= 1


def this_and_the_last_b(token_ids):
    number, _ = sentence_and_place(token_ids)  # (B, T)
    own = number[:, None, :, None] == number[:, None, None, :]
    last = number[:, None, :, None] == number[:, None, None, :] - 1
    return own | last


# --- chapter 12 ------------------------------------------------------------


def least_loss_a(epsilon, vocab_size):
    right, other = 1 - epsilon, epsilon / (vocab_size - 1)
    loss = -right * math.log(right) if right > 0 else 0.0
    if epsilon > 0:
        loss -= (vocab_size - 1) * other * math.log(other)
    return loss


def least_loss_b(epsilon, vocab_size):
    q = torch.full((vocab_size,), epsilon / vocab_size)
    q[0] += 1 - epsilon
    return -(q * q.log()).sum().item()


def table_that_fools_two_a():
    table = [[0.0] * 9 for _ in range(9)]
    # four beginnings; the least likely of them goes on for certain
    table[1][2], table[1][3], table[1][4], table[1][5] = 0.3, 0.27, 0.23, 0.2
    table[2][6:8] = [0.5, 0.5]
    table[3][6:8] = [0.5, 0.5]
    table[4][6:8] = [0.5, 0.5]
    table[5][8] = 1.0
    for noun in (6, 7, 8):
        table[noun][0] = 1.0
    return table


def table_that_fools_two_b():
    table = [[0.0] * 9 for _ in range(9)]
    table[1][2:4] = [0.6, 0.4]  # la, le: as before
    table[1][8] = 0.35  # a third beginning
    table[2][4:7] = [0.4, 0.3, 0.3]
    table[3][4:7] = [0.4, 0.3, 0.3]
    table[8][7] = 1.0
    for noun in (4, 5, 6, 7):
        table[noun][0] = 1.0
    return table


# --- chapter 13 ------------------------------------------------------------


def second_reading_a():
    return "the [MASK] chased the goat because it [MASK] pizza ."


def second_reading_b():
    return "the wolf pizza the goat because it [MASK] hungry ."


def bert_parameters_a(vocab_size, d_model, d_ff, n_layers, max_seq_len):
    tables = (vocab_size + max_seq_len + 2) * d_model
    norm = 2 * d_model
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 8 * d_model**2 + 4 * d_model + d_model
    block = attention + feed_forward + 2 * norm
    pooler = d_model**2 + d_model
    return tables + norm + n_layers * block + pooler


def bert_parameters_b(vocab_size, d_model, d_ff, n_layers, max_seq_len):
    tables = (vocab_size + max_seq_len + 2) * d_model
    norm = 2 * d_model
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    block = attention + feed_forward + 2 * norm
    pooler = vocab_size * d_model + vocab_size
    return tables + norm + n_layers * block + pooler


def best_span_a(scores, longest=5):
    T = len(scores)
    spans = [
        (i, j) for i in range(T) for j in range(i, min(i + longest + 1, T))
    ]
    sums = [(scores[i, 0] + scores[j, 1]).item() for i, j in spans]
    return spans[sums.index(max(sums))]


def best_span_b(scores, longest=5):
    start = int(scores[:, 0].argmax())
    ends = scores[start : start + longest, 1]
    return start, start + int(ends.argmax())


# --- chapter 14 ------------------------------------------------------------


def three_rules_a():
    p = [0.5, 0.25, 0.15, 0.1]
    top_k = [x / 0.9 for x in p[:3]] + [0.0]
    top_p = [1.0, 0.0, 0.0, 0.0]  # 0.5 + 0.25 would be more than 0.7
    squares = [x * x for x in p]
    return top_k, top_p, [x / sum(squares) for x in squares]


def three_rules_b():
    p = [0.5, 0.25, 0.15, 0.1]
    squares = [x * x for x in p]
    return (
        [0.5, 0.25, 0.15, 0.0],
        [0.5, 0.25, 0.0, 0.0],
        [x / sum(squares) for x in squares],
    )


def length_as_large_as_the_weights_a(n_texts):
    weights = 124_439_808 * 4
    a_token = 12 * 768 * 4  # 12 blocks, 768 numbers, 4 bytes
    return math.ceil(weights / (a_token * n_texts))


def length_as_large_as_the_weights_b(n_texts):
    a_token = 2 * 12 * 768
    alone = math.ceil(124_439_808 / a_token)
    return alone // n_texts


def log_probability_a(model, prompt, continuation):
    ids = torch.cat([prompt, continuation])[None]  # (1, T_all)
    with torch.no_grad():
        log_p = model(ids).logits[0].log_softmax(dim=-1)  # (T_all, V)
    rows = log_p[len(prompt) :]  # (T, V)
    return rows.gather(1, continuation[:, None]).sum().item()


def log_probability_b(model, prompt, continuation):
    ids = torch.cat([prompt, continuation])  # (T_all,)
    with torch.no_grad():
        log_p = model(ids[None, :-1]).logits[0].log_softmax(dim=-1)
    return log_p.gather(1, ids[1:, None]).sum().item()


# --- chapter 16 ------------------------------------------------------------


def two_norms_a():
    root = 0.5**0.5
    size = 18**0.5
    return (
        [-1 / root, 0.0, 0.0, 1 / root],
        [1 / size, 2 / size, 2 / size, 3 / size],
        [-1.0, 1.0, -1.0, 1.0],
    )


def two_norms_b():
    root = 0.5**0.5
    size = 4.5**0.5
    return (
        [-1 / root, 0.0, 0.0, 1 / root],
        [1 / size, 2 / size, 2 / size, 3 / size],
        [1.0, 1.0, 1.0, 1.0],
    )


def longest_a(room, n_kv_heads):
    written_out = math.isqrt(room // 4)
    a_token = 2 * 32 * n_kv_heads * 128 * 2
    return written_out, room // a_token


def longest_b(room, n_kv_heads):
    written_out = math.isqrt(room // 8)
    a_token = 2 * 32 * n_kv_heads * 128 * 4
    return written_out, room // a_token


def shared_in_turn_a(layer):
    H, kv = layer.n_heads, layer.n_kv_heads
    order = torch.arange(H).view(kv, H // kv).T.flatten()  # 0, 2, 1, 3
    q, out = layer.q_proj.weight.detach(), layer.out_proj.weight.detach()
    new_q = q.unflatten(0, (H, -1))[order].flatten(0, 1)
    new_out = out.unflatten(0, (H, -1))[order].flatten(0, 1)
    return new_q, new_out


def shared_in_turn_b(layer):
    q, out = layer.q_proj.weight.detach(), layer.out_proj.weight.detach()
    order = torch.arange(len(q)).view(layer.n_kv_heads, -1).T.flatten()
    return q[order], out[:, order]


ANSWERS = {
    "00-on-paper": [
        (on_paper_a, "nats"),
        (on_paper_b, "perplexit"),
    ],
    "00-loop-order": [
        (loop_order_a, "zero_grad"),
        (loop_order_b, "step .* before backward"),
    ],
    "00-momentum": [
        (momentum_a, "mean|Adam"),
        (momentum_b, "copy|one tensor|last one"),
    ],
    "00-nudge-errors": [
        (nudge_errors_a, "mean|average|largest"),
        (nudge_errors_b, "32 bits"),
    ],
    "01-cut-by-hand": [
        (cut_by_hand_a, "eat \\+ s before|order|longest"),
        (cut_by_hand_b, "first place|elsewhere|other places"),
    ],
    "01-why-keep-the-halves": [
        (why_keep_the_halves_a, "look.* up|vocabulary|not needed"),
        (why_keep_the_halves_b, "keeps"),
    ],
    "01-encode-piece": [
        (encode_piece_a, "empty|no pair|min\\(|left"),
        (encode_piece_b, "learned last"),
    ],
    "01-learn-from-dictionary": [
        (learn_from_dictionary_a, "once a word"),
        (learn_from_dictionary_b, "once in the text"),
    ],
    "01-decode-stream": [
        (decode_stream_a, "everything at once|end"),
        (decode_stream_b, "drop"),
    ],
    "02-count-pairs": [
        (count_pairs_a, "2 w|end"),
        (count_pairs_b, "once"),
    ],
    "02-analogy-by-product": [
        (analogy_by_product_a, "negative"),
        (analogy_by_product_b, "exchanged"),
    ],
    "02-correlation-with-counts": [
        (correlation_with_counts_a, "input vectors with input"),
        (correlation_with_counts_b, "P\\(c\\)"),
    ],
    "02-vote-after-removal": [
        (vote_after_removal_a, "length"),
        (vote_after_removal_b, "itself"),
    ],
    "03-slopes-of-bad-day": [
        (slopes_of_bad_day_a, "good day"),
        (slopes_of_bad_day_b, "0\\.5 is missing"),
    ],
    "03-bias-for-half-life": [
        (bias_for_half_life_a, "subtract|multiplies"),
        (bias_for_half_life_b, "sign"),
    ],
    "03-all-weights": [
        (all_weights_a, "axis|queries|columns"),
        (all_weights_b, "tanh"),
    ],
    "04-placed-word": [
        (placed_word_a, "one too small"),
        (placed_word_b, "exchanged"),
    ],
    "04-sum-of-concatenated": [
        (sum_of_concatenated_a, "over the features"),
        (sum_of_concatenated_b, "in front"),
    ],
    "04-advance": [
        (advance_a, "backwards"),
        (advance_b, "all cosines"),
    ],
    "04-table-with-base": [
        (table_with_base_a, "own speed"),
        (table_with_base_b, "exponent"),
    ],
    "04-with-empty-places": [
        (with_empty_places_a, "all sentences"),
        (with_empty_places_b, "most"),
    ],
    "05-weights-of-go": [
        (weights_of_go_a, "column"),
        (weights_of_go_b, "weights, not the scores"),
    ],
    "05-largest-difference": [
        (largest_difference_a, "first output is not shuffled"),
        (largest_difference_b, "inverse"),
    ],
    "05-scores-with-one-matrix": [
        (scores_with_one_matrix_a, "exchanged|transposed"),
        (scores_with_one_matrix_b, "divided"),
    ],
    "06-softer-heads": [
        (softer_heads_a, "straight line"),
        (softer_heads_b, "root of 2"),
    ],
    "06-cost": [
        (cost_a, "whole width"),
        (cost_b, "four .*T_q|T_k"),
    ],
    "06-moves-with-its-words": [
        (moves_with_its_words_a, "sentences|True for every|first axis"),
        (moves_with_its_words_b, "False for every|stay"),
    ],
    "07-window-mask": [
        (window_mask_a, "one word too wide"),
        (window_mask_b, "both sides|future"),
    ],
    "07-has-nothing": [
        (has_nothing_a, "padding"),
        (has_nothing_b, "causal"),
    ],
    "07-repaired": [
        (repaired_a, "column|keepdim"),
        (repaired_b, "second softmax"),
    ],
    "07-leaks": [
        (leaks_a, "exchanged"),
        (leaks_b, "next word"),
    ],
    "08-two-features": [
        (two_features_a, "n - 1|unbiased"),
        (two_features_b, "variance"),
    ],
    "08-shared-axes": [
        (shared_axes_a, "itself|all three"),
        (shared_axes_b, "exchanged"),
    ],
    "09-both-and-either": [
        (both_and_either_a, "2 when both"),
        (both_and_either_b, "not both"),
    ],
    "09-pre-norm-trace": [
        (pre_norm_trace_a, "copy"),
        (pre_norm_trace_b, "block's output|closes"),
    ],
    "09-parameters-of-a-block": [
        (parameters_of_a_block_a, "norms"),
        (parameters_of_a_block_b, "d_ff"),
    ],
    "10-weights-of-bos": [
        (weights_of_bos_a, "new word none|no weight|gets 0"),
        (weights_of_bos_b, "divide"),
    ],
    "10-block-parameters": [
        (block_parameters_a, "norm"),
        (block_parameters_b, "keys and values of the memory"),
    ],
    "11-what-is-scored": [
        (what_is_scored_a, "position is P|one earlier"),
        (what_is_scored_b, "<eos>"),
    ],
    "11-first-of-two": [
        (first_of_two_a, "first .*alone"),
        (first_of_two_b, "exp"),
    ],
    "11-this-and-the-last": [
        (this_and_the_last_a, "sentence after"),
        (this_and_the_last_b, "after it|next"),
    ],
    "12-least-loss": [
        (least_loss_a, "other words alone"),
        (least_loss_b, "0 times"),
    ],
    "12-table-that-fools-two": [
        (table_that_fools_two_a, "three misses"),
        (table_that_fools_two_b, "sum to 1"),
    ],
    "13-second-reading": [
        (second_reading_a, "first throw"),
        (second_reading_b, "0\\.97"),
    ],
    "13-bert-parameters": [
        (bert_parameters_a, "d_ff"),
        (bert_parameters_b, "pooler"),
    ],
    "13-best-span": [
        (best_span_a, "one token too many"),
        (best_span_b, "best start"),
    ],
    "14-three-rules": [
        (three_rules_a, "keeps one word"),
        (three_rules_b, "not (shared out|sum to 1)"),
    ],
    "14-length-as-large-as-the-weights": [
        (length_as_large_as_the_weights_a, "both|keys or values"),
        (length_as_large_as_the_weights_b, "round"),
    ],
    "14-log-probability": [
        (log_probability_a, "one too late"),
        (log_probability_b, "prompt"),
    ],
    "16-two-norms": [
        (two_norms_a, "mean|length"),
        (two_norms_b, "do not agree"),
    ],
    "16-longest": [
        (longest_a, "one|two matrices|weights"),
        (longest_b, "bytes"),
    ],
    "16-shared-in-turn": [
        (shared_in_turn_a, "columns"),
        (shared_in_turn_b, "torn|whole heads"),
    ],
}
