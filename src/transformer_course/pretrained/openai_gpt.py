"""GPT-1's layout: GPT-2's, post-norm, with other names at the bottom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from torch import nn

from transformer_course.gpt import GPT, GPTConfig
from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.gpt2 import block_parts, ends_parts
from transformer_course.pretrained.naming import Family, Part
from transformer_course.pretrained.settings import Settings

_WITH_HEAD, _WITHOUT = "OpenAIGPTLMHeadModel", "OpenAIGPTModel"

# Here "gelu" is the tanh formula too.
_BENDS = {"relu": "relu", "gelu": "gelu_tanh", "gelu_new": "gelu_tanh"}


def _build(settings: Settings, names: Collection[str]) -> GPT:
    head = settings.architecture(_WITH_HEAD, _WITH_HEAD, _WITHOUT)
    d_model = settings.integer("n_embd", 768)
    return GPT(
        GPTConfig(
            vocab_size=settings.integer("vocab_size", 40478),
            d_model=d_model,
            n_heads=settings.integer("n_head", 12),
            d_ff=4 * d_model,
            n_layers=settings.integer("n_layer", 12),
            max_seq_len=settings.integer("n_positions", 512),
            dropout=settings.one_dropout("resid_pdrop", "embd_pdrop"),
            norm_first=False,
            tied=settings.flag("tie_word_embeddings", True),
            activation=settings.choice("afn", "gelu", _BENDS),
            eps=settings.number("layer_norm_epsilon", 1e-5),
        ),
        head=head == _WITH_HEAD,
    )


def _settings(model: GPT) -> dict[str, Any]:
    c = model.config
    bends = {"relu": "relu", "gelu_tanh": "gelu"}
    if c.d_ff != 4 * c.d_model or c.activation not in bends:
        raise PretrainedError(
            f"model has d_ff {c.d_ff} and activation {c.activation!r}: the "
            f"layout of openai-gpt has d_ff 4 d_model = {4 * c.d_model} and "
            f"one of {sorted(bends)}"
        )
    return {
        "architectures": [_WITH_HEAD if model.has_head else _WITHOUT],
        "vocab_size": c.vocab_size,
        "n_embd": c.d_model,
        "n_head": c.n_heads,
        "n_layer": c.n_layers,
        "n_positions": c.max_seq_len,
        "resid_pdrop": c.dropout,
        "embd_pdrop": c.dropout,
        "attn_pdrop": 0.0,
        "tie_word_embeddings": c.tied,
        "afn": bends[c.activation],
        "layer_norm_epsilon": c.eps,
    }


def _parts(model: GPT) -> Iterator[Part]:
    yield from ends_parts(model, "tokens_embed", "positions_embed")
    yield from block_parts(model.config.n_layers)


def _holds(model: nn.Module) -> bool:
    return isinstance(model, GPT) and not model.config.norm_first


FAMILY = Family(
    model_type="openai-gpt",
    body="transformer.",
    heads=("lm_head.",),
    ignored=r"\.attn\.bias$|^position_ids$",
    build=_build,
    holds=_holds,
    settings=_settings,
    parts=_parts,
    bare=lambda model: not model.has_head,
)
