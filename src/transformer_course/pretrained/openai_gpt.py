"""GPT-1's layout: GPT-2's, post-norm, with other names at the bottom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from torch import nn

from transformer_course.gpt import GPT, GPTConfig
from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.gpt2 import (
    block_parts,
    ends_parts,
    read_sizes,
    write_sizes,
)
from transformer_course.pretrained.naming import Family, Part
from transformer_course.pretrained.settings import Settings

_WITH_HEAD, _WITHOUT = "OpenAIGPTLMHeadModel", "OpenAIGPTModel"

# Here "gelu" is the tanh formula too.
_BENDS = {"relu": "relu", "gelu": "gelu_tanh", "gelu_new": "gelu_tanh"}


def _build(settings: Settings, names: Collection[str]) -> GPT:
    head = settings.architecture(_WITH_HEAD, _WITH_HEAD, _WITHOUT)
    sizes = read_sizes(settings, vocab_size=40478, max_seq_len=512)
    return GPT(
        GPTConfig(
            **sizes,
            d_ff=4 * sizes["d_model"],
            norm_first=False,
            activation=settings.choice("afn", "gelu", _BENDS),
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
        **write_sizes(c),
        "afn": bends[c.activation],
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
