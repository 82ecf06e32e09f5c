"""A third set of wrong answers, first run after the checks were improved."""

import math

import torch

from tests.checking import answers
from tests.checking.answers import SHARES, W_Q, X


def enc_all_ranks_in_order(piece, ranks):
    # every merge once, in order, but only the first occurrence
    tokens = list(piece)
    for pair in sorted(ranks, key=ranks.get):
        for i in range(len(tokens) - 1):
            if (tokens[i], tokens[i + 1]) == pair:
                tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
                break
    return tokens


def enc_greedy_longest(piece, ranks):
    vocab = {a + b for a, b in ranks} | set(piece)
    out = []
    i = 0
    while i < len(piece):
        for j in range(len(piece), i, -1):
            if piece[i:j] in vocab:
                out.append(piece[i:j])
                i = j
                break
    return out


def enc_count(piece, ranks):
    return len(answers.encode_once(piece, ranks))


def learn_one_less(table, n):
    return answers._learn(table, n - 1, "all", lambda t: 1)


def learn_counts_only(table, n):
    return [c for _, c in answers._learn(table, n, "all", lambda t: 1)]


def analogy_max_of_c(space, a, b, c):
    vc = space.vectors @ space.units([c])[0]
    o = vc.argsort(descending=True).tolist()
    return next(space.words[i] for i in o if space.words[i] not in (a, b, c))


def analogy_a_included(space, a, b, c):
    va, vb, vc = (
        (1 + space.vectors @ space.units([w])[0]) / 2 for w in (a, b, c)
    )
    return [
        space.words[i]
        for i in (vb * vc / (va + 0.001)).topk(5).indices.tolist()
    ]


def go_softmax_of_all():
    s = X @ (X[1] @ W_Q)
    return torch.cat([s, s / 2**0.5]).softmax(0).tolist()


def go_key_times_wq():
    k = X @ W_Q
    s = k @ X[1]
    return [*s.softmax(0).tolist(), *(s / 2**0.5).softmax(0).tolist()]


def go_exp_missing():
    s = X @ (X[1] @ W_Q)
    return [*(s / s.sum()).tolist()] * 2


def go_percent():
    return [100 * w for w in answers._go(X[1] @ W_Q, 1, 2**0.5)]


def go_round():
    return [round(w, 1) for w in answers._go(X[1] @ W_Q, 1, 2**0.5)]


def diff_no_softmax(x, order):
    def a(x):
        return (x @ x.T) @ x

    return (a(x) - a(x[order])).abs().max().item()


def diff_tensor(x, order):
    a = answers._attend
    return (a(x)[order] - a(x[order])).abs()


def diff_inverse(x, order):
    a = answers._attend
    return (a(x)[order.argsort()] - a(x[order])).abs().max().item()


def moves_tensor(layer):
    x = torch.randn(2, 5, layer.q_proj.in_features)
    o = torch.tensor([4, 2, 0, 1, 3])
    with torch.no_grad():
        return layer(x[:, o], x[:, o])[0] == layer(x, x)[0][:, o]


def moves_queries_alone(layer):
    x = torch.randn(2, 5, layer.q_proj.in_features)
    o = torch.tensor([4, 2, 0, 1, 3])
    with torch.no_grad():
        return torch.allclose(layer(x[:, o], x)[0], layer(x, x)[0], atol=1e-5)


def moves_shape(layer):
    x = torch.randn(2, 5, layer.q_proj.in_features)
    return layer(x, x)[0].shape == x.shape


def feat_one_vector():
    return [-1.0, 1.0]


def feat_dict():
    return {"a": [-1.0, 1.0], "b": [-1.0, 1.0]}


def feat_reversed():
    return [1.0, -1.0], [1.0, -1.0]


def feat_joint():
    x = torch.tensor([1.0, 3, 1, 1000])
    y = (x - x.mean()) / x.std(correction=0)
    return y[:2].tolist(), y[2:].tolist()


def axes_list(norm):
    return sorted(answers._tied(norm))[0] if answers._tied(norm) else ""


def axes_no_features(norm):
    return answers._tied(norm) - {"features"}


def axes_batch_added(norm):
    return answers._tied(norm) | {"batch"}


def axes_by_mean(norm):
    x = torch.randn(2, 3, 5)
    with torch.no_grad():
        y = norm(x)
    return {
        n
        for n, d in (("batch", 0), ("words", 1), ("features", 2))
        if y.mean(dim=d).abs().max() < 1e-4
    }


def block_two_ff_bias(d, f):
    return answers.block_no_norms(d, f) + 4 * d + f - d


def block_heads_four(d, f):
    return answers.block_no_norms(d, f) + 4 * d + 4 * (d * d + d)


def block_final_norm(d, f):
    return answers.block_no_norms(d, f) + 6 * d


def block_dff_squared(d, f):
    return 4 * d * d + 4 * d + f * f + f + d + 4 * d


def dec_three_attn(d, f):
    return answers.decoder_no_norms(d, f) + 6 * d + 4 * (d * d + d)


def dec_norm_no_bias(d, f):
    return answers.decoder_no_norms(d, f) + 3 * d


def dec_six(d, f):
    return 6 * (answers.decoder_no_norms(d, f) + 6 * d)


ANSWERS = {
    "00-on-paper": [
        (lambda: (SHARES, 1, 1), "3|first|number"),
        (lambda: (SHARES, math.log(2), math.log(8)), "nats"),
        (lambda: ([0.25, 0.5, 1, 0.25], 1, 3), "sum to 1|twice"),
        (lambda: (SHARES, -1, -3), "negative"),
    ],
    "00-loop-order": [
        (lambda: "ABCDEF", "."),
        (lambda: "DCFEBA", "loss|D"),
        (lambda: "C,E,F,B,A", "D|letter|each|missing|six"),
    ],
    "01-encode-piece": [
        (enc_all_ranks_in_order, "first|all|every|occur|once|one merge"),
        (enc_greedy_longest, "long|left"),
        (enc_count, "int"),
    ],
    "01-learn-from-dictionary": [
        (learn_one_less, "things|one"),
        (learn_counts_only, "int|pair|form"),
    ],
    "02-count-pairs": [
        (lambda n, w: 2 * n, "window|w"),
        (lambda n, w: 2 * w * n - w * w, "w too large|end|edge"),
        (lambda n, w: 2 * w * n - 2 * w, "all words but one|end|w \\* w"),
        (lambda n, w: n - w, "distance|both|exactly|window"),
        (lambda n, w: w * (2 * n - w - 1) / 2, "each pair once"),
    ],
    "02-analogy-by-product": [
        (analogy_max_of_c, "c|alone|nearest|product"),
        (analogy_a_included, "list|str"),
    ],
    "05-weights-of-go": [
        (go_softmax_of_all, "sum|half|all four|twice"),
        (go_key_times_wq, "key|transpos|let|column|row"),
        (go_exp_missing, "exp|sum"),
        (go_percent, "percent"),
        (go_round, "round|close"),
    ],
    "05-largest-difference": [
        (diff_no_softmax, "shuffl|order"),
        (diff_tensor, "Tensor|shape"),
        (diff_inverse, "order|back|inverse|shuffl|permut"),
    ],
    "06-moves-with-its-words": [
        (moves_tensor, "Tensor"),
        (moves_queries_alone, "shuffl|order|memory"),
        (moves_shape, "always|True|shape|same"),
    ],
    "08-two-features": [
        (feat_one_vector, "two|list|form|both"),
        (feat_dict, "dict|form"),
        (feat_reversed, "sign"),
        (feat_joint, "together|both|all four|shared|own"),
    ],
    "08-shared-axes": [
        (axes_list, "str"),
        (axes_no_features, "features|alone|itself"),
        (axes_batch_added, "batch"),
        (axes_by_mean, "mean|move"),
    ],
    "09-parameters-of-a-block": [
        (block_two_ff_bias, "d_ff (too large|long)"),
        (
            block_heads_four,
            "attention|decoder|twice|4 \\* d_model \\* d_model too large",
        ),
        (block_final_norm, "norm|2 \\* d_model too large"),
        (block_dff_squared, "d_ff \\* d_ff"),
    ],
    "10-block-parameters": [
        (dec_three_attn, "attention|4 \\* d_model \\* d_model too large"),
        (dec_norm_no_bias, "bias|norm"),
        (dec_six, "six blocks"),
    ],
}
