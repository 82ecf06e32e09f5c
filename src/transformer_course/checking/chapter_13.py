"""Exercises of chapter 13: the dice, and the parameters."""

from __future__ import annotations

from transformer_course.checking.exercise import Chapter

EXERCISES = Chapter("13")
SENTENCE = "the wolf chased the goat because it was hungry ."


def second_reading() -> str:
    """The sentence as the model reads it after the second throw."""
    sentence = "the wolf chased the goat because it was hungry ."
    return sentence.replace("was", "[MASK]")  # "chased" stays as it is


_reading = EXERCISES.exercise(
    second_reading,
    label="ex-13-a-second-throw",
    level="Warm-up",
    minutes=10,
    cases=[()],
    view=str.split,
    wanted="ten words in one string, blanks between them, as on the page",
    hints=(
        "Two words are chosen. The second die decides, for each of them, "
        "what the model sees there.",
        "v = 0.97 is above 0.9, and v = 0.12 is below 0.8. Which of the "
        "three cases are these?",
        '"chased" is kept (v above 0.9); "was" becomes [MASK]. Nothing else '
        "changes.",
    ),
)


@_reading.mistake
def _other_way_round() -> str:
    """You hide "chased" and keep "was": the two dice are exchanged.

    0.97 belongs to "chased", 0.12 to "was".
    """
    return SENTENCE.replace("chased", "[MASK]")


@_reading.mistake
def _both_hidden() -> str:
    """You hide both chosen words.

    Chosen means asked for. What the model sees there, the second die says:
    v = 0.97 is not below 0.8.
    """
    return SENTENCE.replace("was", "[MASK]").replace("chased", "[MASK]")


@_reading.mistake
def _nothing_hidden() -> str:
    """You hide nothing.

    For one of the two words v is below 0.8.
    """
    return SENTENCE


@_reading.mistake
def _first_throw() -> str:
    """This is the reading after the first throw, as on the page.

    In the second throw "chased" and "was" are chosen, and no others.
    """
    return "the [MASK] chased the goat because it was pizza ."


@_reading.mistake
def _added_to_the_first() -> str:
    """You keep the first throw and add the second.

    All dice are thrown again: only "chased" and "was" are chosen.
    """
    return "the [MASK] chased the goat because it [MASK] pizza ."


@_reading.mistake
def _left_out() -> str:
    """A word is missing: the hidden word is replaced, not deleted.

    The model reads ten tokens, as before.
    """
    return SENTENCE.replace(" was", "")


@_reading.mistake
def _what_is_asked_for() -> str:
    """These are the words that are asked for; wanted is the whole reading.

    Write all ten words as the model sees them.
    """
    return "chased was"


@_reading.mistake
def _random_for_chased() -> str:
    """You put another word for "chased": v = 0.97 is not from 0.8 to 0.9.

    From 0.9 on the word stays as it is.
    """
    return "the wolf pizza the goat because it [MASK] hungry ."


def bert_parameters(
    vocab_size: int, d_model: int, d_ff: int, n_layers: int, max_seq_len: int
) -> int:
    """Parameters of tables, norm, blocks and pooler."""
    tables = (vocab_size + max_seq_len + 2) * d_model
    norm = 2 * d_model
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    pooler = d_model**2 + d_model
    blocks = n_layers * (attention + feed_forward + 2 * norm)
    return tables + norm + blocks + pooler


_count = EXERCISES.exercise(
    bert_parameters,
    label="ex-13-count-bert",
    level="Standard",
    minutes=15,
    cases=[
        (11, 6, 5, 1, 7),
        (13, 4, 10, 3, 5),
        (30_522, 384, 1536, 6, 512),
        (30_522, 768, 3072, 12, 512),
    ],
    hints=(
        "Three tables, a norm behind them, n_layers blocks, a pooler. What "
        "does chapter 9 say that one block holds?",
        "Tables: V, the positions and 2 segments, each D wide. A block: four "
        "layers D to D, two of the feed-forward, two norms; all layers have "
        "biases, and a norm has two vectors.",
        "(V + P + 2) D + 2 D, plus n_layers times [4 (D D + D) + 2 D d_ff + "
        "d_ff + D + 4 D], plus the pooler D D + D.",
    ),
)


@_count.mistake
def _no_pooler(v: int, d: int, f: int, n: int, p: int) -> int:
    """The pooler is missing.

    It is one more layer, D to D, with a bias.
    """
    return bert_parameters(v, d, f, n, p) - d * d - d


@_count.mistake
def _head_for_pooler(v: int, d: int, f: int, n: int, p: int) -> int:
    """Your pooler has a row for each word: that is the head that names words.

    The pooler makes D numbers of D numbers, with a bias.
    """
    return bert_parameters(v, d, f, n, p) + (v - d) * (d + 1)


@_count.mistake
def _four_times_the_width(v: int, d: int, f: int, n: int, p: int) -> int:
    """You put 4 D in the place of d_ff.

    That is BERT's own size; the argument may be another.
    """
    return bert_parameters(v, d, 4 * d, n, p)


@_count.mistake
def _no_segments(v: int, d: int, f: int, n: int, p: int) -> int:
    """You are short of 2 D: the segments, or the norm behind the tables.

    The table of segments has two rows, a norm has a weight and a bias.
    """
    return bert_parameters(v, d, f, n, p) - 2 * d


@_count.mistake
def _one_segment(v: int, d: int, f: int, n: int, p: int) -> int:
    """You are short of D: one vector of width D is missing.

    There are two segments. Every layer that ends in D features has a bias
    of D.
    """
    return bert_parameters(v, d, f, n, p) - d


@_count.mistake
def _no_positions(v: int, d: int, f: int, n: int, p: int) -> int:
    """The table of positions is missing: BERT learns its positions.

    Its size is max_seq_len times D.
    """
    return bert_parameters(v, d, f, n, p) - p * d


@_count.mistake
def _tokens_alone(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count one table, of tokens; positions and segments are missing.

    Three tables are summed.
    """
    return bert_parameters(v, d, f, n, p) - (p + 2) * d


@_count.mistake
def _no_norms(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count no norm at all.

    Each has a weight and a bias of D: two a block and one behind the tables.
    """
    return bert_parameters(v, d, f, n, p) - 2 * d * (2 * n + 1)


@_count.mistake
def _norms_without_bias(v: int, d: int, f: int, n: int, p: int) -> int:
    """Your norms have one vector each; LayerNorm has two.

    A weight and a bias, D each.
    """
    return bert_parameters(v, d, f, n, p) - d * (2 * n + 1)


@_count.mistake
def _one_norm_a_block(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count one norm a block; there are two.

    One behind the attention, one behind the feed-forward layer.
    """
    return bert_parameters(v, d, f, n, p) - 2 * d * n


@_count.mistake
def _no_output(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count three layers an attention; there are four.

    q_proj, k_proj, v_proj, and out_proj.
    """
    return bert_parameters(v, d, f, n, p) - n * (d * d + d)


@_count.mistake
def _no_biases(v: int, d: int, f: int, n: int, p: int) -> int:
    """Your layers have no biases.

    Each linear layer of BERT adds one number for each output.
    """
    return bert_parameters(v, d, f, n, p) - n * (5 * d + f) - d


@_count.mistake
def _no_biases_in_attention(v: int, d: int, f: int, n: int, p: int) -> int:
    """The attention's four layers have no biases in your count.

    Here they have: D each.
    """
    return bert_parameters(v, d, f, n, p) - n * 4 * d


@_count.mistake
def _no_biases_in_feed_forward(v: int, d: int, f: int, n: int, p: int) -> int:
    """The feed-forward layers have no biases in your count.

    One of d_ff and one of D.
    """
    return bert_parameters(v, d, f, n, p) - n * (d + f)


@_count.mistake
def _one_matrix(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count one matrix of the feed-forward layer; there are two.

    D to d_ff, and d_ff back to D.
    """
    return bert_parameters(v, d, f, n, p) - n * d * f


@_count.mistake
def _with_the_words_head(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count the head that names words, too.

    The exercise stops at the pooler.
    """
    return bert_parameters(v, d, f, n, p) + d * d + 3 * d + v


@_count.mistake
def _one_block(v: int, d: int, f: int, n: int, p: int) -> int:
    """You count one block, however many layers there are.

    Every block has weights of its own: n_layers of them.
    """
    return bert_parameters(v, d, f, 1, p)


@_count.mistake
def _all_by_layers(v: int, d: int, f: int, n: int, p: int) -> int:
    """You multiply everything by the number of layers.

    Only the blocks are repeated; tables and pooler are there once.
    """
    return n * bert_parameters(v, d, f, 1, p)
