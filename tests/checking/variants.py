"""Right answers written in other ways, by exercise; at least two each.

Where an exercise trains, the variants are other results that are right.
"""

import itertools
import math
import statistics

import nbformat
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from tools.notebooks import CHAPTERS
from transformer_course import bert, embeddings, generation
from transformer_course.batching import pad
from transformer_course.checking import (
    chapter_01_bpe,
    chapter_01_stream,
    chapter_11_mask,
)
from transformer_course.checking.chapter_15_texts import words
from transformer_course.tokenization import bpe

READ = "the wolf chased the goat because it was hungry ."


def momentum_by_torch(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    steps = torch.optim.SGD([w], lr=lr, momentum=beta)
    path = [start]
    for _ in range(n_steps):
        steps.zero_grad()
        loss(w).backward()
        steps.step()
        path.append(w.detach().clone())
    return torch.stack(path)


def momentum_by_weights(loss, start, lr, n_steps, beta=0.9):
    path, gradients = [start], []
    for t in range(n_steps):
        w = path[-1].clone().requires_grad_()
        loss(w).backward()
        gradients.append(w.grad)
        m = sum(beta ** (t - i) * g for i, g in enumerate(gradients))
        path.append(path[-1] - lr * m)
    return torch.stack(path)


def encode_with_lists(piece, ranks):
    tokens = list(piece)
    while len(tokens) > 1:
        best = min(
            range(len(tokens) - 1),
            key=lambda i: ranks.get((tokens[i], tokens[i + 1]), math.inf),
        )
        if (tokens[best], tokens[best + 1]) not in ranks:
            break
        tokens[best : best + 2] = [tokens[best] + tokens[best + 1]]
    return tokens


def encode_with_the_library(piece, ranks):
    return bpe.apply_merges(piece, ranks)


def learn_with_counts(table, n_merges):
    ones = dict.fromkeys(table, 1)
    return [(pair, 7) for pair in chapter_01_bpe._learn(ones, n_merges)]


def learn_as_lists(table, n_merges):
    found = chapter_01_bpe.learn_from_dictionary(table, n_merges)
    return [tuple(pair) for pair in found]


def gpt2():
    return chapter_01_stream._gpt2()


def stream_by_bytes(token_ids):
    """Hold back bytes, as an incremental decoder does."""
    whole, shown = [], ""
    for token_id in token_ids:
        whole.append(token_id)
        text = gpt2().decode(whole)
        if not text.endswith("�"):
            yield text[len(shown) :]
            shown = text
    yield gpt2().decode(whole)[len(shown) :]


def stream_with_blanks(token_ids):
    held = []
    for token_id in token_ids:
        held.append(token_id)
        if "�" in gpt2().decode(held):
            yield ""
        else:
            yield gpt2().decode(held)
            held.clear()
    yield gpt2().decode(held)


def tokens_as_lists(languages=("fr",)):
    assert set(languages) == {"fr", "de"}
    return {name: list(sizes) for name, sizes in LANGUAGE.items()}


def product_in_logs(space, a, b, c):
    def moved(word):
        return ((1 + space.vectors @ space.units([word])[0]) / 2).clamp_min(0)

    scores = moved(b).log() + moved(c).log() - (moved(a) + 0.001).log()
    order = scores.argsort(descending=True).tolist()
    return next(
        space.words[i] for i in order if space.words[i] not in (a, b, c)
    )


def product_by_loop(space, a, b, c):
    best, answer = -1.0, None
    va, vb, vc = space.units([a, b, c])
    for word, v in zip(space.words, space.vectors, strict=True):
        if word in (a, b, c):
            continue
        score = (1 + v @ vb) / 2 * (1 + v @ vc) / 2 / ((1 + v @ va) / 2 + 1e-3)
        if score > best:
            best, answer = score, word
    return answer


def correlation_with_numpy(model, text_ids, n_words=500, min_pairs=20):
    noise = embeddings.noise_distribution(torch.bincount(text_ids))
    centres, contexts = embeddings.skip_gram_pairs(text_ids, window=2)
    totals = torch.bincount(centres)
    pairs, times = torch.stack([centres, contexts], dim=1).unique(
        dim=0, return_counts=True
    )
    kept = (pairs < n_words).all(dim=1) & (times >= min_pairs)
    w, c = pairs[kept].T
    values = (times[kept] / totals[w] / noise[c]).log()
    u, v = model.outputs.weight[c], model.inputs.weight[w]
    return torch.corrcoef(torch.stack([(u * v).sum(dim=1), values]))[0, 1]


def correlation_by_text_counts(model, text_ids, n_words=500, min_pairs=20):
    """Take the word's count of the text, four neighbours each."""
    counts = torch.bincount(text_ids)
    noise = counts.double() ** 0.75 / (counts.double() ** 0.75).sum()
    table = torch.zeros(len(counts), len(counts))
    for shift in (1, 2):
        a, b = text_ids[:-shift], text_ids[shift:]
        one = torch.ones(len(a))
        table.index_put_((a, b), one, accumulate=True)
        table.index_put_((b, a), one, accumulate=True)
    table = table[:n_words, :n_words]
    values = (table / (4 * counts[:n_words, None]) / noise[:n_words]).log()
    scores = model.inputs.weight[:n_words] @ model.outputs.weight[:n_words].T
    often = table >= min_pairs
    return torch.corrcoef(
        torch.stack([scores[often].double(), values[often]])
    )[0, 1].item()


def vote_by_distance(space, direction, n_words=500, n_neighbours=5):
    unit = F.normalize(direction, dim=0)
    lean = space.vectors @ unit
    removed = space.vectors - lean[:, None] * unit
    order = lean.argsort(descending=True)
    chosen = torch.cat([order[:n_words], order[-n_words:]])
    male = torch.tensor([1] * n_words + [-1] * n_words)
    apart = torch.cdist(removed[chosen], removed[chosen])
    near = apart.fill_diagonal_(math.inf).argsort(dim=1)[:, :n_neighbours]
    votes = male[near].sum(dim=1).sign()
    return float((votes == male).float().mean())


def vote_with_the_library(space, direction, n_words=500, n_neighbours=5):
    unit = direction / direction.norm()
    lean = (space.vectors @ unit).tolist()
    order = sorted(range(len(space)), key=lambda i: lean[i])
    chosen = order[:n_words] + order[-n_words:]
    names = [space.words[i] for i in chosen]
    rest = space.vectors[chosen]
    rest = rest - (rest @ unit)[:, None] * unit
    small = embeddings.WordSpace(names, rest)
    side = {name: i < n_words for i, name in enumerate(names)}
    right = 0
    for name, near in zip(
        names, embeddings.neighbours(small, names, n_neighbours), strict=True
    ):
        votes = sum(side[other] for other, _ in near)
        right += (votes > n_neighbours / 2) == side[name]
    return right / len(names)


def slopes_by_autograd():
    x = torch.tensor([0.2, 0.6, 0.8], requires_grad=True)
    h = torch.tensor(0.0)
    for number in x:
        h = torch.tanh(number + 0.5 * h)
    (slopes,) = torch.autograd.grad(h, x)
    return slopes.tolist()


def weights_by_loop(layer, states, memory):
    rows = [layer(states[:, i], memory)[1] for i in range(states.size(1))]
    return torch.stack(rows, dim=1)


def weights_by_names(layer, states, memory):
    asks = layer.W(states).unsqueeze(2)
    asked = layer.U(memory).unsqueeze(1)
    scores = torch.einsum(
        "bqkd,d->bqk", (asks + asked).tanh(), layer.v.weight[0]
    )
    return F.softmax(scores, dim=2)


def advance_by_matrix(rows, offset):
    blocks = []
    for i in range(rows.size(1) // 2):
        b = offset / 10000 ** (2 * i / rows.size(1))
        s, c = math.sin(b), math.cos(b)
        blocks.append(torch.tensor([[c, s], [-s, c]]))
    return rows @ torch.block_diag(*blocks).T


def advance_in_place(rows, offset):
    out, d = torch.empty_like(rows), rows.size(1)
    for i in range(d // 2):
        b = offset * 10000 ** (-2 * i / d)
        s, c = rows[:, 2 * i], rows[:, 2 * i + 1]
        out[:, 2 * i] = s * math.cos(b) + c * math.sin(b)
        out[:, 2 * i + 1] = c * math.cos(b) - s * math.sin(b)
    return out


def table_by_loops(n_positions, d_model, base):
    table = torch.zeros(n_positions, d_model)
    for p in range(n_positions):
        for i in range(d_model // 2):
            table[p, 2 * i] = math.sin(p / base ** (2 * i / d_model))
            table[p, 2 * i + 1] = math.cos(p / base ** (2 * i / d_model))
    return table


def table_by_assignment(n_positions, d_model, base):
    table = torch.zeros(n_positions, d_model)
    even = torch.arange(0, d_model, 2)
    angle = torch.arange(n_positions).float()[:, None] * torch.exp(
        -math.log(base) * even / d_model
    )
    table[:, 0::2], table[:, 1::2] = angle.sin(), angle.cos()
    return table


def empty_places_by_loop(batch, most, generator):
    token_ids, pad_mask, choices, labels = batch
    n, length = token_ids.shape
    ids = torch.zeros(n, length + most, dtype=token_ids.dtype)
    mask = torch.zeros(n, length + most, dtype=torch.bool)
    for row in range(n):
        k = int(torch.randint(0, most + 1, (), generator=generator))
        ids[row, k : k + length] = token_ids[row]
        mask[row, k : k + length] = pad_mask[row]
    return ids, mask, choices, labels


def empty_places_by_roll(batch, most, generator):
    token_ids, pad_mask, *rest = batch
    ids, mask = F.pad(token_ids, (0, most)), F.pad(pad_mask, (0, most))
    by = torch.randint(most + 1, (len(ids),), generator=generator).tolist()
    rolled = [
        torch.stack([row.roll(k) for row, k in zip(table, by, strict=True)])
        for table in (ids, mask)
    ]
    return [*rolled, *rest]


def go_by_tensors():
    x = torch.tensor([[0.2, 0.9], [0.3, 0.4]])
    w_q = torch.tensor([[-0.116, 0.2], [0.637, 0.7]])
    scores = x[1] @ w_q @ x.T
    return torch.cat([scores.softmax(0), (scores / 2**0.5).softmax(0)])


def difference_with_projections(x, order):
    def attention(x):
        q, k = x @ torch.tensor([[1.0, 2.0], [0.0, 1.0]]), x * 0.5
        return (q @ k.T).softmax(dim=-1) @ x

    return (attention(x)[order] - attention(x[order])).abs().max()


def difference_by_torch(x, order):
    def attention(x):
        return F.scaled_dot_product_attention(x, x, x)

    moved = attention(x[order])
    return torch.dist(attention(x)[order], moved, p=math.inf).item()


def cost_by_layers(d_model, n_heads, t_q, t_k):
    layers = [nn.Linear(d_model, d_model) for _ in range(4)]
    parameters = sum(p.numel() for m in layers for p in m.parameters())
    d_head = d_model // n_heads
    adds = 2 * d_model * d_model * (t_q + t_k)
    adds += n_heads * (t_q * t_k * d_head + t_q * t_k * d_head)
    return parameters, adds


def moves_by_flip(layer):
    width = layer.out_proj.weight.shape[0]
    x = torch.randn(1, 7, width)
    flipped = layer(x.flip(1), x.flip(1))[0]
    return bool((layer(x, x)[0].flip(1) - flipped).abs().max() < 1e-4)


def moves_every_order(layer):
    with torch.no_grad():
        x = torch.randn(3, 3, 16)
        once = layer(x, x)[0]
        for order in itertools.permutations(range(3)):
            moved = x[:, list(order)]
            again = layer(moved, moved)[0]
            if not torch.allclose(once[:, list(order)], again, atol=1e-5):
                return False
    return True


def window_by_triangles(n_positions, width):
    ones = torch.ones(n_positions, n_positions, dtype=torch.bool)
    return ones.tril() & ~ones.tril(-width)


def window_by_loops(n_positions, width):
    mask = torch.zeros(n_positions, n_positions).bool()
    for t in range(n_positions):
        mask[t, max(0, t - width + 1) : t + 1] = True
    return mask


def nothing_by_loops(pad_mask):
    rows = [[not any(row[: t + 1]) for t in range(len(row))]
            for row in pad_mask.tolist()]  # fmt: skip
    return torch.tensor(rows)


def nothing_by_masks(pad_mask):
    causal = torch.ones(pad_mask.size(1), pad_mask.size(1)).tril().bool()
    return ~(causal & pad_mask[:, None, :]).any(dim=-1)


def repaired_by_filling(scores, mask):
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


def repaired_by_norm(scores, mask):
    return F.normalize(F.softmax(scores, -1).masked_fill(~mask, 0), 1, dim=-1)


def leaks_by_pairs(model, n_positions, vocab_size):
    ids = torch.zeros(1, n_positions, dtype=torch.long)
    found = []
    for s in range(n_positions):
        for word in range(1, vocab_size):
            other = ids.clone()
            other[0, s] = word
            same = torch.isclose(model(ids), model(other), atol=1e-6)
            moved = (~same.all(dim=-1))[0].nonzero().flatten()
            found += [(t, s) for t in moved.tolist() if t < s]
    return found


def leaks_as_tensors(model, n_positions, vocab_size):
    ids = torch.arange(n_positions)[None] % vocab_size
    before = model(ids)
    pairs = set()
    for t, s in itertools.combinations(torch.arange(n_positions), 2):
        after = ids.clone()
        after[:, s] = (ids[:, s] + 3) % vocab_size
        if (model(after)[:, t] - before[:, t]).norm() > 1e-7:
            pairs.add((t, s))
    return pairs


def features_by_torch():
    return tuple(
        F.layer_norm(torch.tensor(pair), [2], eps=0).tolist()
        for pair in ([1.0, 3.0], [1.0, 1000.0])
    )


def axes_by_gradient(norm):
    x = torch.randn(2, 3, 5, requires_grad=True)
    names = ("batch", "words", "features")
    (slope,) = torch.autograd.grad(norm(x)[0, 0, 0], x)
    ties = (slope[1:, 0, 0], slope[0, 1:, 0], slope[0, 0, 1:])
    return {
        name for name, g in zip(names, ties, strict=True) if g.abs().max() > 0
    }


def axes_by_each_place(norm):
    x = torch.randn(4, 3, 5)
    found = set()
    for place in itertools.product(range(4), range(3), range(5)):
        changed = x.clone()
        changed[place] *= -2
        for other in (norm(changed) != norm(x)).nonzero().tolist():
            apart = [a != b for a, b in zip(place, other, strict=True)]
            if sum(apart) == 1:
                found.add(("batch", "words", "features")[apart.index(True)])
    return found


def both_by_tensors(a, b):
    facts = torch.tensor([a, b])
    hidden = F.relu(facts.sum() + torch.tensor([0.0, -1.0]))
    return hidden[1].item(), (hidden[0] - hidden[1]).item()


def trace_by_torch(words):
    w_1 = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    w_2 = torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
    x = words + F.layer_norm(words, [3]).mean(dim=0)
    return x + F.relu(F.layer_norm(x, [3]) @ w_1) @ w_2


def trace_by_words(words):
    def norm(row):
        mean = sum(row) / 3
        root = math.sqrt(sum((v - mean) ** 2 for v in row) / 3)
        return [(v - mean) / root for v in row]

    normed = [norm(row) for row in words.tolist()]
    fetched = [sum(column) / 2 for column in zip(*normed, strict=True)]
    out = []
    for row in words.tolist():
        x = [a + b for a, b in zip(row, fetched, strict=True)]
        first, second, _ = (max(0, v) for v in norm(x))
        out.append([x[0], x[1] + 2 * first, x[2] + 2 * second])
    return torch.tensor(out)


def count(module):
    return sum(p.numel() for p in module.parameters())


def encoder_layer(d_model, d_ff):
    return count(nn.TransformerEncoderLayer(d_model, 1, d_ff))


def decoder_layer(d_model, d_ff):
    return count(nn.TransformerDecoderLayer(d_model, 1, d_ff))


def bos_by_tensors():
    old = torch.tensor([0, 2, 4, 0]) / math.sqrt(2)
    return old.exp() / old.exp().sum()


LANGUAGE = {"fr": (26_669, 53_505), "de": (39_541, 83_958)}
SIX = {
    (1, 20): (2.60, 2.55),
    (1, 100): (2.36, 2.30),
    (4, 20): (2.50, 2.56),
    (4, 100): (2.08, 2.15),
}
WHY = (
    "Merges build on each other: without Ġ t and h e the token is never made "
    "and the pieces stay Ġ th e; see "
)


def least_by_torch(epsilon, vocab_size):
    q = torch.full((vocab_size,), epsilon / vocab_size).double()
    q[2] += 1 - epsilon
    return torch.special.entr(q).sum()


def least_by_formula(epsilon, vocab_size):
    if epsilon == 0:
        return 0
    other = epsilon / vocab_size
    right = 1 - (vocab_size - 1) * other
    return -right * math.log(right) - (epsilon - other) * math.log(other)


def table_with_two_steps():
    """The best sentence is cut off at its second word."""
    rows = torch.zeros(9, 9)
    rows[1, 2:4] = 0.5
    rows[2, [4, 5, 8]] = torch.tensor([0.5, 0.4, 0.1])
    rows[3, [6, 7, 8]] = torch.tensor([0.45, 0.3, 0.25])
    rows[4, [0, 8]] = rows[6, [0, 8]] = rows[7, [0, 8]] = 0.5
    rows[5, 0] = rows[8, 0] = 1
    return rows


def table_with_names():
    words = ["end", "bos", *"abcdefg"]
    places = dict(zip(words, range(9), strict=True))
    after = {
        "bos": {"a": 0.35, "c": 0.34, "b": 0.31},
        "a": {"d": 0.5, "e": 0.5}, "c": {"e": 0.4, "f": 0.6},
        "b": {"g": 0.95, "f": 0.05},
        **{noun: {"end": 1.0} for noun in "defg"}, "end": {},
    }  # fmt: skip
    rows = [[0.0] * 9 for _ in places]
    for word, nexts in after.items():
        for other, share in nexts.items():
            rows[places[word]][places[other]] = share
    return rows


def bert_by_layers(vocab_size, d_model, d_ff, n_layers, max_seq_len):
    c = bert.BERTConfig(
        vocab_size, d_model=d_model, n_heads=2, d_ff=d_ff, n_layers=n_layers,
        max_seq_len=max_seq_len,
    )  # fmt: skip
    with torch.device("meta"):
        return sum(p.numel() for p in bert.BERT(c).parameters())


def bert_by_formula(v, d, f, n, p):
    block = 4 * d * d + 9 * d + f + 2 * d * f
    return d * (v + p + 2 + 2) + n * block + d * (d + 1)


def span_by_loops(scores, longest=5):
    best, found = -math.inf, None
    for first in range(len(scores)):
        for last in range(first, min(first + longest, len(scores))):
            total = scores[first, 0] + scores[last, 1]
            if total > best:
                best, found = total, (first, last)
    return found


def span_by_lengths(scores, longest=5):
    found = []
    for more in range(min(longest, len(scores))):
        sums = scores[: len(scores) - more, 0] + scores[more:, 1]
        best, first = sums.max(dim=0)
        found.append((best.item(), first, first + more))
    return max(found)[1:]


def which_by_hand(question, sentences):
    start, delim, extract = words.encode_words(
        ["<start>", "<delim>", "<extract>"]
    )
    asked = [start, *words.encode(question), delim]
    return [(*asked, *words.encode(s), extract) for s in sentences]


def which_by_the_chapter(question, sentences):
    """Run the chapter's own cells: the check must know the same ids."""
    (path,) = CHAPTERS.glob("15-*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    names = {}
    for text in ("import torch\n", "words = WordTokenizer(", "def joined("):
        exec(next(source for source in code if text in source), names)
    return [names["joined"](question, sentence) for sentence in sentences]


def losses_by_torch():
    scores = torch.tensor([[0.0, 1.0, 3.0, 1.0]])
    l2 = F.cross_entropy(scores, torch.tensor([2]))
    return [l2, l2 + 0.4, 1.25 * l2]


def gain_by_lists(one, other):
    one, other = one.tolist(), other.tolist()
    each = [a - b for a, b in zip(one, other, strict=True)]
    squares = statistics.variance(one) + statistics.variance(other)
    return (
        statistics.mean(each),
        statistics.stdev(each) / len(each) ** 0.5,
        (squares / len(each)) ** 0.5,
    )


def gain_by_moments(one, other):
    n = len(one)

    def squares(x):
        return ((x - x.mean()) ** 2).sum() / (n - 1)

    in_pairs = (squares(one - other) / n) ** 0.5
    apart = (squares(one) / n + squares(other) / n) ** 0.5
    return torch.stack([one.mean() - other.mean(), in_pairs, apart])


def ending_in_one_batch(gpt, item):
    first = ["<start>", *item.segments["context"]]
    rows = [words.encode_words([*first, *c.split()]) for c in item.choices]
    ids, _ = pad(rows, 0)
    with torch.no_grad():
        logits = gpt(ids[:, :-1]).logits
    each = F.cross_entropy(
        logits.transpose(1, 2), ids[:, 1:], ignore_index=0, reduction="none"
    )  # the context's surprises are the same in all four
    return item.choices[each.sum(dim=1).argmin()]


def ending_word_by_word(gpt, item):
    def likely(choice):
        text, total = ["<start>", *item.segments["context"]], 0.0
        for word in choice.split():
            with torch.no_grad():
                logits = gpt(torch.tensor([words.encode_words(text)])).logits
            (asked,) = words.encode_words([word])
            total += logits[0, -1].log_softmax(dim=0)[asked].item()
            text.append(word)
        return total

    return max(item.choices, key=likely)


def norms_by_torch():
    x = torch.tensor([1.0, 2, 2, 3])
    third = torch.tensor([0.1, 0.2, 0.3, -0.6])
    return F.layer_norm(x, (4,), eps=0), F.rms_norm(x, (4,), eps=0), third


def norms_rounded():
    return (
        [-1.41, 0, 0, 1.41], [0.47, 0.94, 0.94, 1.41], [3, -1, -1, -1],
    )  # fmt: skip


def longest_by_steps(room, n_kv_heads):
    t = int((room / 8) ** 0.5) + 2
    while t * t * 8 > room:
        t -= 1
    return t, room // (n_kv_heads * 2**14)


def longest_in_bits(room, n_kv_heads):
    cache = math.floor(8 * room / (2 * 32 * 128 * n_kv_heads * 16))
    return [math.isqrt(8 * room // (2 * 32)), cache]


def turns_another_way(layer):
    """Other heads of each group go first: 1, 3, 0, 2."""
    q, out = layer.q_proj.weight, layer.out_proj.weight
    d, order = layer.d_head, (1, 3, 0, 2)
    rows = [h * d + i for h in order for i in range(d)]
    return q[rows], out[:, rows]


def turns_by_views(layer):
    n, k, d = layer.n_heads, layer.n_kv_heads, layer.d_head
    q = layer.q_proj.weight.detach().view(k, n // k, d, -1)
    out = layer.out_proj.weight.detach().view(-1, k, n // k, d)
    return (q.transpose(0, 1).reshape(n * d, -1),
            out.transpose(1, 2).reshape(-1, n * d))  # fmt: skip


def scored_by_rows(n_prompt, n_answer):
    given = [True] * n_prompt + [False] * (n_answer + 1)
    asked = [not g for g in given[1:]]  # by position of the input
    return sum(asked), asked.index(True), 1 / sum(asked)


def scored_in_tensors(n_prompt, n_answer):
    n = torch.tensor(n_answer + 1)
    return [n, torch.tensor(n_prompt) - 1, 1 / n]


def two_by_softmax(hidden, first, second):
    scores = torch.stack([hidden @ first, hidden @ second])
    return F.softmax(scores, dim=0)[0]


def two_by_tanh(hidden, first, second):
    difference = hidden @ first - hidden @ second
    return 0.5 + (difference / 2).tanh() / 2


def wider_by_loops(token_ids):
    b, t = token_ids.shape
    mask = torch.zeros(b, 1, t, t, dtype=torch.bool)
    for row, ids in enumerate(token_ids.tolist()):
        number = [ids[:i].count(chapter_11_mask.STOP) for i in range(t)]
        for i in range(t):
            for j in range(t):
                mask[row, 0, i, j] = number[i] - number[j] in (0, 1)
    return mask


def wider_without_padding(token_ids):
    """Nothing attends to padding, padding itself included."""
    number, _ = chapter_11_mask.sentence_and_place(token_ids)
    same = number[:, :, None] == number[:, None]
    last = number[:, :, None] == number[:, None] + 1
    return ((same | last) & (token_ids != 0)[:, None])[:, None]


def rules_by_the_library():
    logits = torch.tensor([0.5, 0.25, 0.15, 0.1]).log()
    how = ({"top_k": 3}, {"top_p": 0.7}, {"temperature": 0.5})
    return tuple(
        generation.next_token_probabilities(logits, **rule) for rule in how
    )


def rules_rounded():
    return [
        [0.56, 0.28, 0.17, 0], [0.67, 0.33, 0, 0], [0.72, 0.18, 0.07, 0.03],
    ]  # fmt: skip


def cache_by_steps(n_texts):
    length = 0
    while n_texts * 2 * 12 * 768 * 4 * length < 124_439_808 * 4:
        length += 1
    return length


def likely_step_by_step(model, prompt, continuation):
    total, text = 0.0, prompt
    for token_id in continuation:
        with torch.no_grad():
            scores = model(text[None]).logits[0, -1]
        total += scores.softmax(dim=0)[token_id].log().item()
        text = torch.cat([text, token_id[None]])
    return total


def likely_by_loss(model, prompt, continuation):
    text = torch.cat([prompt, continuation])[None]
    scores = model(text).logits[0, len(prompt) - 1 : -1]
    return -F.cross_entropy(scores, continuation, reduction="sum")


VARIANTS = {
    "00-on-paper": [
        lambda: ((1 / 8, 1 / 4, 1 / 2, 1 / 8), 1, 3),
        lambda: (torch.tensor([0.125, 0.25, 0.5, 0.125]), 1.0, 3.0),
    ],
    "00-loop-order": [lambda: "FCEBAD", lambda: "c e d f b a"],
    "00-momentum": [momentum_by_torch, momentum_by_weights],
    "00-nudge-errors": [
        lambda sizes: torch.tensor([1.57e-4, 1.57e-6, 1.57e-8, 3e-7, 1e-3]),
        lambda sizes: (1.6e-4, 1.6e-6, 1.5e-8, 1e-8, 2e-2),
    ],
    "00-context-by-steps": [
        lambda *_: SIX,
        lambda *_: {k: list(v)[::-1] for k, v in SIX.items()},
    ],
    "01-cut-by-hand": [
        lambda: {"mates": "m at e s", "steam": "s t e a m",
                 "eatmeats": "eat meat s"},
        lambda: {"steam": tuple("steam"), "mates": ("m", "at", "e", "s"),
                 "eatmeats": ("eat", "meat", "s")},
    ],
    "01-why-keep-the-halves": [
        lambda: WHY + "Table.", lambda: WHY + "Ophelia",
    ],
    "01-encode-piece": [encode_with_lists, encode_with_the_library],
    "01-learn-from-dictionary": [learn_with_counts, learn_as_lists],
    "01-decode-stream": [stream_by_bytes, stream_with_blanks],
    "01-tokens-per-language": [tokens_as_lists, lambda languages: LANGUAGE],
    "02-count-pairs": [
        lambda n, w: 2 * sum(n - d for d in range(1, w + 1)),
        lambda n, w: w * (2 * n - w - 1),
    ],
    "02-share-for-window": [
        lambda window: 0.8 if window == 1 else 0.7,
        lambda window: 0.92 if window == 1 else 0.5,
    ],
    "02-analogy-by-product": [product_in_logs, product_by_loop],
    "02-correlation-with-counts": [
        correlation_with_numpy, correlation_by_text_counts,
    ],
    "02-vote-after-removal": [vote_by_distance, vote_with_the_library],
    "03-slopes-of-bad-day": [
        slopes_by_autograd, lambda: [0.055, 0.114, 0.358],
    ],
    "03-bias-for-half-life": [
        lambda k: -math.log(2 ** (1 / k) - 1),
        lambda k: torch.logit(torch.tensor(0.5).double() ** (1 / k)),
    ],
    "03-all-weights": [weights_by_loop, weights_by_names],
    "03-accuracy-at-64": [
        lambda distances: 0.2 if len(distances) == 1 else 0.9,
        lambda distances: torch.tensor(0.0 if len(distances) == 1 else 1.0),
    ],
    "04-placed-word": [
        lambda word, p: torch.tensor(word)
        + torch.tensor([math.sin(p), math.cos(p)]),
        lambda word, p: (word[0] + math.sin(p), word[1] + math.cos(p)),
    ],
    "04-sum-of-concatenated": [
        lambda words, places: torch.cat([words.sum(0), places.sum(0)]),
        lambda words, places: torch.stack(
            [torch.cat(pair) for pair in zip(words, places, strict=True)]
        ).sum(dim=0),
    ],
    "04-advance": [advance_by_matrix, advance_in_place],
    "04-table-with-base": [table_by_loops, table_by_assignment],
    "04-with-empty-places": [empty_places_by_loop, empty_places_by_roll],
    "05-weights-of-go": [go_by_tensors, lambda: (0.537, 0.463, 0.526, 0.474)],
    "05-largest-difference": [
        difference_with_projections, difference_by_torch,
    ],
    "05-scores-with-one-matrix": [
        lambda x, w_q, w_k: (x @ w_q) @ (x @ w_k).T,
        lambda x, w_q, w_k: torch.einsum("ta,ac,bc,sb->ts", x, w_q, w_k, x),
    ],
    "05-barred-reader": [
        lambda seed: {"pronoun-role-bound": 0.83, "pronoun-typed": 0.97},
        lambda seed: {"pronoun-role-bound": 1.0, "pronoun-typed": 1.0},
    ],
    "06-softer-heads": [
        lambda: [1.575, 0.425],
        lambda: (1 + math.tanh(1) / (1 + 0.5 / math.cosh(1)),
                 1 - math.tanh(1) / (1 + 0.5 / math.cosh(1))),
    ],
    "06-cost": [
        cost_by_layers,
        lambda d, h, q, k: [4 * d * (d + 1), 2 * d * (d * (q + k) + q * k)],
    ],
    "06-moves-with-its-words": [moves_by_flip, moves_every_order],
    "06-three-things": [
        lambda h, seed: [0.99, 0.97, 0.95] if h == 3 else [0.9, 0.4, 0.4],
        lambda h, seed: torch.tensor([1.0, 1, 1] if h == 3 else [0.1, 0, 1]),
    ],
    "07-window-mask": [window_by_triangles, window_by_loops],
    "07-has-nothing": [nothing_by_loops, nothing_by_masks],
    "07-repaired": [repaired_by_filling, repaired_by_norm],
    "07-leaks": [leaks_by_pairs, leaks_as_tensors],
    "08-two-features": [
        features_by_torch, lambda: [[-1, 1], [-0.9999, 1.0001]],
    ],
    "08-shared-axes": [axes_by_gradient, axes_by_each_place],
    "08-third-place": [
        lambda seed: {"length": 18.2, "gradient": 0.28, "accuracy": 1.0},
        lambda seed: {"a": torch.tensor(20.0), "b": 0.44, "c": 0.97},
    ],
    "08-zero-start": [
        lambda seed: {"as drawn": 0.97, "zero": 0.99},
        lambda seed: {"as drawn": 1.0, "zero": 1.0},
    ],
    "09-both-and-either": [
        both_by_tensors, lambda a, b: (int(a and b), int(a or b)),
    ],
    "09-pre-norm-trace": [trace_by_torch, trace_by_words],
    "09-parameters-of-a-block": [
        encoder_layer,
        lambda d, f: 4 * d * d + 9 * d + 2 * d * f + f,
    ],
    "09-reach-of-four": [
        lambda seed: [0.85, 0.28], lambda seed: torch.tensor([0.95, 0.25]),
    ],
    "10-weights-of-bos": [
        bos_by_tensors, lambda: [0.0434, 0.1786, 0.7346, 0.0434],
    ],
    "10-block-parameters": [
        decoder_layer,
        lambda d, f: 8 * d * d + 15 * d + 2 * d * f + f,
    ],
    "10-share-of-new-doers": [
        lambda model, order: 0.99 if order[0] == 0 else 0.55,
        lambda model, order: torch.tensor(1.0 if order[0] == 0 else 0.9),
    ],
    "10-doer-accuracy": [
        lambda model, with_blocks: 0.97 + 0.03 * with_blocks,
        lambda model, with_blocks: torch.tensor(0.9),
    ],
    "11-what-is-scored": [scored_by_rows, scored_in_tensors],
    "11-first-of-two": [two_by_softmax, two_by_tanh],
    "11-this-and-the-last": [wider_by_loops, wider_without_padding],
    "11-arms-compared": [
        lambda n_steps: {
            arm: [{"a": 0.01 * seed, "s": 0} for seed in range(3)]
            for arm in "xyz"
        },
        lambda n_steps: {
            arm: ({"<answer>": torch.tensor(0.0), "<summarize>": 0.1},) * 3
            for arm in (0, 1, 2)
        },
    ],
    "12-least-loss": [least_by_torch, least_by_formula],
    "12-table-that-fools-two": [table_with_two_steps, table_with_names],
    "12-right-after-cuts": [
        lambda model, pairs: [0.1735, 0.1712],
        lambda model, pairs: torch.tensor([0.175, 0.173]),
    ],
    "12-exact-on-long-numbers": [
        lambda seed: 0.0, lambda seed: torch.tensor(0.14),
    ],
    "13-second-reading": [
        lambda: "the wolf chased the goat because it [MASK] hungry .",
        lambda: " ".join(
            "[MASK]" if place == 7 else word
            for place, word in enumerate(READ.split())
        ),
    ],
    "13-bert-parameters": [bert_by_layers, bert_by_formula],
    "13-best-span": [span_by_loops, span_by_lengths],
    "13-restored-within": [
        lambda model, k: [0.19, 0.48, 0.5][min(k, 2)],
        lambda model, k: torch.tensor(0.55 if k else 0.25),
    ],
    "14-three-rules": [rules_by_the_library, rules_rounded],
    "14-length-as-large-as-the-weights": [
        cache_by_steps, lambda n: -(-124_439_808 // (18_432 * n)),
    ],
    "14-log-probability": [likely_step_by_step, likely_by_loss],
    "14-mixed-loss": [
        lambda model, counts, share: 1.42 if share == 1 else 1.399,
        lambda model, counts, share: torch.tensor(1.43 - 0.1 * (1 - share)),
    ],
    "15-which-answers": [which_by_hand, which_by_the_chapter],
    "15-losses-by-hand": [losses_by_torch, lambda: (0.278, 0.678, 0.348)],
    "15-gain-and-errors": [gain_by_lists, gain_by_moments],
    "15-most-probable-ending": [ending_in_one_batch, ending_word_by_word],
    "16-two-norms": [norms_by_torch, norms_rounded],
    "16-longest": [longest_by_steps, longest_in_bits],
    "16-shared-in-turn": [turns_another_way, turns_by_views],
    "16-gains-of-my-switch": [
        lambda recipe, budget: [0.3, 0.25, 0.5],
        lambda recipe, budget: torch.tensor([0.2, 0.4, 0.3]),
    ],
}  # fmt: skip
