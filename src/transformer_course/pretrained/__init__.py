"""Published weights in and out: folders in Hugging Face's layout.

A folder holds ``config.json``, which describes the model, and its weights in
``model.safetensors``, or in several such files with
``model.safetensors.index.json`` saying which tensor is where. ``folder`` reads
and writes the files, ``naming`` takes tensors from their names to ours and
back, and each family of models has a file of its own: ``bert``, ``gpt2``,
``openai_gpt``, ``llama``. Nothing is downloaded, and no pickle is ever opened:
reading one can run any code that its author put in.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from transformer_course.pretrained.bert import FAMILY as BERT
from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.folder import Weights, write
from transformer_course.pretrained.gpt2 import FAMILY as GPT2
from transformer_course.pretrained.llama import FAMILIES as LLAMA_AND_QWEN3
from transformer_course.pretrained.naming import Family, fill, tensors_of
from transformer_course.pretrained.openai_gpt import FAMILY as OPENAI_GPT
from transformer_course.pretrained.settings import Settings

__all__ = ["PretrainedError", "load", "save"]

_FAMILIES: tuple[Family, ...] = (BERT, GPT2, OPENAI_GPT, *LLAMA_AND_QWEN3)


def load(folder: str | Path) -> nn.Module:
    """Load the model that a folder holds, whichever of ours that is.

    The weights keep the folder's dtype, and the model comes ready to be
    asked, without dropout: call ``model.train()`` before training it on.

    Args:
        folder: With ``config.json`` and ``model.safetensors``, or several
            such files and their index.

    Returns:
        By config.json's ``model_type``, and by its ``architectures`` the
        head: for "bert" a ``bert.BERT``, alone or in one of the classes that
        put a head on it; for "gpt2" and "openai-gpt" a ``gpt.GPT``; for
        "llama" and "qwen3" a ``llama.Llama``.

    Raises:
        PretrainedError: The folder, a file or a setting is missing or wrong;
            config.json asks for what our models cannot do; the weights are
            pickled; a tensor is unknown, missing, holds NaN or infinity, or
            has a wrong shape or dtype. The message names each.
    """
    folder = Path(folder)
    settings = Settings.read(folder)
    family = _family_called(settings.text("model_type"))
    with Weights(folder) as weights:
        model = _built(family, settings, weights)
        fill(model, family, weights)
    return model.eval()


def save(model: nn.Module, folder: str | Path) -> None:
    """Write a folder that ``load`` and the transformers library can read.

    A tokenizer is not part of it. Files are replaced as a whole, so a folder
    may be written while a model that was loaded from it is in use.

    Args:
        model: A BERT, one of the classes that put a head on it, a GPT (as
            "gpt2" where it is pre-norm, else as "openai-gpt") or a Llama (as
            "qwen3" where it normalizes queries and keys).
        folder: Made where it is missing; ``config.json`` and
            ``model.safetensors`` in it are overwritten.

    Raises:
        PretrainedError: The model is of no family that has this layout, of a
            form that the layout cannot describe, or a weight is NaN or
            infinite; nothing is written then.
    """
    for family in _FAMILIES:
        if family.holds(model):
            settings = {
                "model_type": family.model_type,
                **family.settings(model),
                "dtype": _dtype_of(model),
            }
            write(Path(folder), settings, tensors_of(model, family))
            return
    raise PretrainedError(
        f"model is a {type(model).__name__}, wanted a BERT, GPT or Llama"
    )


def _built(family: Family, settings: Settings, weights: Weights) -> nn.Module:
    """Make the model that config.json describes, sizes without memory."""
    try:
        with torch.device("meta"):
            return family.build(settings, family.spelled(weights.names))
    except PretrainedError:
        raise
    except ValueError as error:  # from a class of ours, in its own words
        raise PretrainedError(
            f"config.json describes no model that can be: {error}"
        ) from error


def _family_called(model_type: str) -> Family:
    for family in _FAMILIES:
        if family.model_type == model_type:
            return family
    known = [family.model_type for family in _FAMILIES]
    raise PretrainedError(
        f"config.json has model_type {model_type!r}, wanted one of {known}"
    )


def _dtype_of(model: nn.Module) -> str:
    found = {parameter.dtype for parameter in model.parameters()}
    if len(found) != 1:
        names = sorted(map(str, found))
        raise PretrainedError(f"model has dtypes {names}, wanted one alone")
    return str(found.pop()).removeprefix("torch.")
