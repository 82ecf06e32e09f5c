"""Llama's layout, and Qwen 3's, which also normalizes queries and keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from torch import nn

from transformer_course.llama import Llama, LlamaConfig
from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.naming import Family, Part
from transformer_course.pretrained.settings import Settings

# Within a block; none has a bias.
_BLOCK = {
    "input_layernorm": "attention_norm",
    "self_attn.q_proj": "attention.q_proj",
    "self_attn.k_proj": "attention.k_proj",
    "self_attn.v_proj": "attention.v_proj",
    "self_attn.o_proj": "attention.out_proj",
    "post_attention_layernorm": "feed_forward_norm",
    "mlp.gate_proj": "feed_forward.gate",
    "mlp.up_proj": "feed_forward.widen",
    "mlp.down_proj": "feed_forward.narrow",
}
_QK_NORMS = {
    "self_attn.q_norm": "attention.q_norm",
    "self_attn.k_norm": "attention.k_norm",
}
# What each type of model has where config.json does not say.
_DEFAULTS = {
    "llama": {
        "architecture": "Llama", "vocab_size": 32_000, "d_ff": 11_008,
        "max_seq_len": 2048, "n_kv_heads": None, "d_head": None,
    },
    "qwen3": {
        "architecture": "Qwen3", "vocab_size": 151_936, "d_ff": 22_016,
        "max_seq_len": 32_768, "n_kv_heads": 32, "d_head": 128,
    },
}  # fmt: skip


def _build(settings: Settings, names: Collection[str]) -> Llama:
    model_type = settings.text("model_type")
    default: Mapping[str, Any] = _DEFAULTS[model_type]
    causal = f"{default['architecture']}ForCausalLM"
    bare = f"{default['architecture']}Model"
    head = settings.architecture(causal, causal, bare) == causal
    settings.require(
        hidden_act="silu",
        attention_bias=False,
        mlp_bias=False,
        attention_dropout=0,
        use_sliding_window=False,
        is_causal=True,
    )
    heads = settings.integer("num_attention_heads", 32)
    width = settings.integer("hidden_size", 4096)
    shared, d_head = default["n_kv_heads"], default["d_head"]
    return Llama(
        LlamaConfig(
            vocab_size=settings.integer("vocab_size", default["vocab_size"]),
            d_model=width,
            n_heads=heads,
            n_kv_heads=settings.integer(
                "num_key_value_heads", shared or heads
            ),
            d_head=settings.integer(
                "head_dim", d_head or width // max(heads, 1)
            ),
            d_ff=settings.integer("intermediate_size", default["d_ff"]),
            n_layers=settings.integer("num_hidden_layers", 32),
            max_seq_len=settings.integer(
                "max_position_embeddings", default["max_seq_len"]
            ),
            base=_rotary_base(settings),
            qk_norm=model_type == "qwen3",
            tied=settings.flag("tie_word_embeddings", False),
            eps=settings.number("rms_norm_eps", 1e-6),
        ),
        head=head,
    )


def _rotary_base(settings: Settings) -> float:
    """Read the base, where new files have it or where old ones do."""
    values = settings.values
    new, old = (
        values.get(f"rope_{kind}") for kind in ("parameters", "scaling")
    )
    if new and old and new != old:
        raise PretrainedError(
            f"config.json has rope_parameters {new!r} and rope_scaling "
            f"{old!r}, wanted one of them or both alike"
        )
    rotary = new or old or {}
    if not isinstance(rotary, dict):
        raise PretrainedError(
            f"config.json has rope_parameters {rotary!r}, wanted an object"
        )
    kind = rotary.get("rope_type", rotary.get("type", "default"))
    if kind != "default":
        raise PretrainedError(
            f"config.json has rope_type {kind!r}, wanted 'default': our "
            "model does not stretch its rotary positions"
        )
    Settings({**values, **rotary}).require(partial_rotary_factor=1)
    base = settings.number("rope_theta", 10_000.0)
    return Settings(rotary).number("rope_theta", base)


def _settings(model: Llama, model_type: str) -> dict[str, Any]:
    c = model.config
    kind = "ForCausalLM" if model.has_head else "Model"
    return {
        "architectures": [f"{_DEFAULTS[model_type]['architecture']}{kind}"],
        "vocab_size": c.vocab_size,
        "hidden_size": c.d_model,
        "num_attention_heads": c.n_heads,
        "num_key_value_heads": c.kv_heads,
        "head_dim": c.head_width,
        "intermediate_size": c.d_ff,
        "num_hidden_layers": c.n_layers,
        "max_position_embeddings": c.max_seq_len,
        "hidden_act": "silu",
        "rope_parameters": {"rope_type": "default", "rope_theta": c.base},
        "tie_word_embeddings": c.tied,
        "rms_norm_eps": c.eps,
        "bos_token_id": None,
        "eos_token_id": None,
    }


def _parts(model: Llama) -> Iterator[Part]:
    head = "lm_head.weight"
    copies = (head,) if model.has_head and model.head is None else ()
    yield Part("embed_tokens.weight", ("embedding.weight",), copies=copies)
    block = {**_BLOCK, **_QK_NORMS} if model.config.qk_norm else _BLOCK
    for number in range(model.config.n_layers):
        for theirs, ours in block.items():
            yield Part(
                f"layers.{number}.{theirs}.weight",
                (f"blocks.{number}.{ours}.weight",),
            )
    yield Part("norm.weight", ("norm.weight",))
    if model.head is not None:
        yield Part(head, ("head.weight",))


def _holds(model: nn.Module, model_type: str) -> bool:
    normed = model_type == "qwen3"
    return isinstance(model, Llama) and model.config.qk_norm == normed


FAMILIES = tuple(
    Family(
        model_type=model_type,
        body="model.",
        heads=("lm_head.",),
        ignored=r"rotary_emb\.inv_freq$",
        build=_build,
        holds=partial(_holds, model_type=model_type),
        settings=partial(_settings, model_type=model_type),
        parts=_parts,
        bare=lambda model: not model.has_head,
    )
    for model_type in _DEFAULTS
)
