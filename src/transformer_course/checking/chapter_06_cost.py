"""Exercise of chapter 6: what a layer costs."""

from __future__ import annotations

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("06")


def cost(d_model: int, n_heads: int, t_q: int, t_k: int) -> tuple[int, int]:
    """Parameters and multiply-adds of multi-head cross-attention."""
    parameters = 4 * (d_model**2 + d_model)
    projections = (2 * t_q + 2 * t_k) * d_model**2  # q, out; k, v
    mixing = 2 * t_q * t_k * d_model  # scores; weights times values
    return parameters, projections + mixing


_cost = EXERCISES.exercise(
    cost,
    label="ex-06-count",
    level="Warm-up",
    minutes=10,
    cases=[(1, 1, 1, 1), (4, 2, 1, 3), (6, 3, 5, 2), (64, 8, 10, 7)],
    hints=(
        "Four linear layers. Which of them are applied to the words that "
        "ask, and which to the words that are asked?",
        "A (T, D) by (D, D) product costs T D^2. Scores: every one of the "
        "T_q T_k pairs costs D_h in each of H heads. What is H D_h?",
        "Parameters: 4 (D^2 + D). Multiply-adds: 2 T_q D^2 + 2 T_k D^2 for "
        "the projections, 2 T_q T_k D for scores and mixing.",
    ),
)


@_cost.mistake
def _no_biases(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """The biases are not counted.

    Each of the four layers has D of them.
    """
    return 4 * d**2, cost(d, h, t_q, t_k)[1]


@_cost.mistake
def _mixing_alone(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count the work of scores and mixing; the four layers work, too.

    A layer of D to D costs D D for each word that goes through it.
    """
    return cost(d, h, t_q, t_k)[0], 2 * t_q * t_k * d


@_cost.mistake
def _one_heads_scores(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count scores and mixing of one head; there are H.

    Each head works with D / H features: together they cost what D would.
    """
    work = (2 * t_q + 2 * t_k) * d**2 + 2 * t_q * t_k * (d // h)
    return cost(d, h, t_q, t_k)[0], work


@_cost.mistake
def _operations(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count a multiply-add as two operations.

    FlopCounterMode does so, too: the chapter halves its count.
    """
    parameters, adds = cost(d, h, t_q, t_k)
    return parameters, 2 * adds


@_cost.mistake
def _self(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """Your multiply-adds are those of self-attention among T_q words.

    Keys and values are made of the T_k words that are asked.
    """
    return cost(d, h, t_q, t_q)


@_cost.mistake
def _projections_of_askers(
    d: int, h: int, t_q: int, t_k: int
) -> tuple[int, int]:
    """All four of your projections run over the T_q words that ask.

    Two of them run over the T_k words that are asked.
    """
    return cost(d, h, t_q, t_k)[0], 4 * t_q * d**2 + 2 * t_q * t_k * d


@_cost.mistake
def _each_head_full(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """Your heads each work with the whole width D.

    A head is D / H wide, and H of them cost as much as one of width D.
    """
    adds = (2 * t_q + 2 * t_k) * d**2 + 2 * t_q * t_k * d * h
    return cost(d, h, t_q, t_k)[0], adds


@_cost.mistake
def _heads_multiply(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count every head as a layer of its own width D.

    Print the parameters of MultiHead(64, 1) and MultiHead(64, 8).
    """
    parameters, adds = cost(d, h, t_q, t_k)
    return h * parameters, h * adds


@_cost.mistake
def _no_out(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count three projections: out_proj is missing.

    After the heads, one more layer mixes them.
    """
    adds = (t_q + 2 * t_k) * d**2 + 2 * t_q * t_k * d
    return 3 * (d**2 + d), adds


@_cost.mistake
def _scores_alone(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count one product of T_q and T_k; there are two.

    Scores are computed, and then values are mixed.
    """
    parameters, adds = cost(d, h, t_q, t_k)
    return parameters, adds - t_q * t_k * d


@_cost.mistake
def _no_mixing(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """You count the projections alone.

    Scores and mixing cost something for every pair of words.
    """
    parameters, adds = cost(d, h, t_q, t_k)
    return parameters, adds - 2 * t_q * t_k * d


@_cost.mistake
def _reversed(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """Both numbers are right, but the parameters come first."""
    return cost(d, h, t_q, t_k)[::-1]


@_cost.mistake
def _everything_twice(d: int, h: int, t_q: int, t_k: int) -> tuple[int, int]:
    """All four of your projections run over both kinds of words.

    Queries and out_proj run over T_q words, keys and values over T_k.
    """
    adds = 4 * (t_q + t_k) * d**2 + 2 * t_q * t_k * d
    return cost(d, h, t_q, t_k)[0], adds
