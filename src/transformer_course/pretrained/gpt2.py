"""GPT-2's layout: matrices stand with inputs as rows, q, k and v in one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from transformer_course.gpt import GPT, GPTConfig
from transformer_course.pretrained.naming import Family, Part
from transformer_course.pretrained.settings import BENDS, Settings

_WITH_HEAD, _WITHOUT = "GPT2LMHeadModel", "GPT2Model"

# Within a block: their layer, and ours.
NORMS = {"ln_1": "around_attention.norm", "ln_2": "around_feed_forward.norm"}
MATRICES = {
    "attn.c_attn": tuple(f"attention.{x}_proj" for x in "qkv"),
    "attn.c_proj": ("attention.out_proj",),
    "mlp.c_fc": ("feed_forward.widen",),
    "mlp.c_proj": ("feed_forward.narrow",),
}


def block_parts(n_layers: int) -> Iterator[Part]:
    """List the tensors of all blocks, which GPT-1 and GPT-2 call alike.

    Args:
        n_layers: Blocks.

    Returns:
        The parts, a block after the other.
    """
    for number in range(n_layers):
        theirs, ours = f"h.{number}.", f"encoder.blocks.{number}."
        for name, norm in NORMS.items():
            for kind in ("weight", "bias"):
                yield Part(f"{theirs}{name}.{kind}", (f"{ours}{norm}.{kind}",))
        for name, layers in MATRICES.items():
            for kind in ("weight", "bias"):
                yield Part(
                    f"{theirs}{name}.{kind}",
                    tuple(f"{ours}{layer}.{kind}" for layer in layers),
                    transposed=kind == "weight",
                )


def ends_parts(model: GPT, tokens: str, positions: str) -> Iterator[Part]:
    """List what stands below and above the blocks.

    Args:
        model: Ours.
        tokens: What the family calls the token embedding.
        positions: What it calls the positions' table.

    Returns:
        The parts.
    """
    head = "lm_head.weight"
    copies = (head,) if model.has_head and model.head is None else ()
    yield Part(f"{tokens}.weight", ("embedding.weight",), copies=copies)
    yield Part(f"{positions}.weight", ("positions.weight",))
    if model.head is not None:
        yield Part(head, ("head.weight",))


def read_sizes(settings: Settings, **defaults: int) -> dict[str, Any]:
    """Read what GPT-1's and GPT-2's config.json call alike.

    Args:
        settings: The file.
        defaults: ``vocab_size`` and ``max_seq_len`` where it has none.

    Returns:
        Arguments of ``GPTConfig``.
    """
    settings.require(is_causal=True)
    settings = settings.renamed(
        hidden_size="n_embd",
        num_attention_heads="n_head",
        num_hidden_layers="n_layer",
        max_position_embeddings="n_positions",
    )
    return {
        "vocab_size": settings.integer("vocab_size", defaults["vocab_size"]),
        "d_model": settings.integer("n_embd", 768),
        "n_heads": settings.integer("n_head", 12),
        "n_layers": settings.integer("n_layer", 12),
        "max_seq_len": settings.integer(
            "n_positions", defaults["max_seq_len"]
        ),
        "dropout": settings.one_dropout("resid_pdrop", "embd_pdrop"),
        "tied": settings.flag("tie_word_embeddings", True),
        "eps": settings.number("layer_norm_epsilon", 1e-5),
    }


def write_sizes(config: GPTConfig) -> dict[str, Any]:
    """Write what ``read_sizes`` reads.

    Args:
        config: Of the model.

    Returns:
        A part of config.json.
    """
    return {
        "vocab_size": config.vocab_size,
        "n_embd": config.d_model,
        "n_head": config.n_heads,
        "n_layer": config.n_layers,
        "n_positions": config.max_seq_len,
        "resid_pdrop": config.dropout,
        "embd_pdrop": config.dropout,
        "attn_pdrop": 0.0,
        "tie_word_embeddings": config.tied,
        "layer_norm_epsilon": config.eps,
    }


def _build(settings: Settings, names: Collection[str]) -> GPT:
    head = settings.architecture(_WITH_HEAD, _WITH_HEAD, _WITHOUT)
    settings.require(
        scale_attn_weights=True,
        scale_attn_by_inverse_layer_idx=False,
        reorder_and_upcast_attn=False,
        add_cross_attention=False,
    )
    sizes = read_sizes(settings, vocab_size=50257, max_seq_len=1024)
    return GPT(
        GPTConfig(
            **sizes,
            d_ff=settings.integer("n_inner", 4 * sizes["d_model"]),
            norm_first=True,
            activation=settings.choice(
                "activation_function", "gelu_new", BENDS
            ),
        ),
        head=head == _WITH_HEAD,
    )


def _settings(model: GPT) -> dict[str, Any]:
    c = model.config
    bends = {ours: name for name, ours in reversed(BENDS.items())}
    return {
        "architectures": [_WITH_HEAD if model.has_head else _WITHOUT],
        **write_sizes(c),
        "n_inner": c.d_ff,
        "activation_function": bends[c.activation],
        "bos_token_id": None,
        "eos_token_id": None,
    }


def _parts(model: GPT) -> Iterator[Part]:
    yield from ends_parts(model, "wte", "wpe")
    yield from block_parts(model.config.n_layers)
    for kind in ("weight", "bias"):
        yield Part(f"ln_f.{kind}", (f"encoder.norm.{kind}",))


FAMILY = Family(
    model_type="gpt2",
    body="transformer.",
    heads=("lm_head.",),
    ignored=r"\.attn\.(masked_)?bias$",
    build=_build,
    holds=lambda model: isinstance(model, GPT) and model.config.norm_first,
    settings=_settings,
    parts=_parts,
    bare=lambda model: not model.has_head,
)
