"""BERT's layout: one name a parameter, and a head that architectures names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from torch import nn

from transformer_course.bert import (
    BERT,
    BERTClassifier,
    BERTConfig,
    BERTMaskedLM,
    BERTNextSentence,
    BERTPretraining,
    BERTSpans,
    BERTWithHead,
)
from transformer_course.pretrained.errors import PretrainedError
from transformer_course.pretrained.naming import Family, Part
from transformer_course.pretrained.settings import BENDS, Settings

# Their class to ours.
_HEADS: dict[str, type[nn.Module]] = {
    "BertModel": BERT,
    "BertForMaskedLM": BERTMaskedLM,
    "BertForPreTraining": BERTPretraining,
    "BertForNextSentencePrediction": BERTNextSentence,
    "BertForSequenceClassification": BERTClassifier,
    "BertForQuestionAnswering": BERTSpans,
}

# Within a block; each has a weight and a bias.
_BLOCK = {
    "attention.self.query": "attention.q_proj",
    "attention.self.key": "attention.k_proj",
    "attention.self.value": "attention.v_proj",
    "attention.output.dense": "attention.out_proj",
    "attention.output.LayerNorm": "around_attention.norm",
    "intermediate.dense": "feed_forward.widen",
    "output.dense": "feed_forward.narrow",
    "output.LayerNorm": "around_feed_forward.norm",
}
# Within a head, of whichever class has it.
_HEAD_PARTS = {
    "cls.predictions.transform.dense": "masked_lm.layer",
    "cls.predictions.transform.LayerNorm": "masked_lm.norm",
    "cls.seq_relationship": "next_sentence",
    "classifier": "classifier",
    "qa_outputs": "ends",
}


def _build(settings: Settings, names: Collection[str]) -> nn.Module:
    settings.require(
        position_embedding_type="absolute",
        is_decoder=False,
        is_causal=False,
        add_cross_attention=False,
        tie_word_embeddings=True,
    )
    config = BERTConfig(
        vocab_size=settings.integer("vocab_size", 30522),
        d_model=settings.integer("hidden_size", 768),
        n_heads=settings.integer("num_attention_heads", 12),
        d_ff=settings.integer("intermediate_size", 3072),
        n_layers=settings.integer("num_hidden_layers", 12),
        max_seq_len=settings.integer("max_position_embeddings", 512),
        n_segments=settings.integer("type_vocab_size", 2),
        dropout=settings.number("hidden_dropout_prob", 0.1),
        activation=settings.choice("hidden_act", "gelu", BENDS),
        eps=settings.number("layer_norm_eps", 1e-12),
    )
    head = _HEADS[settings.architecture("BertModel", *_HEADS)]
    pairs = any(name.startswith("cls.seq_relationship") for name in names)
    if head is BERTMaskedLM and pairs:  # as BERT itself was published
        head = BERTPretraining
    pooled = any(name.startswith("pooler.") for name in names)
    needed = issubclass(head, BERTWithHead) and head.needs_pooler
    bert = BERT(config, pooler=pooled or needed)
    if head is BERT:
        return bert
    if head is BERTClassifier:
        return BERTClassifier(bert, _n_labels(settings))
    return head(bert)


def _n_labels(settings: Settings) -> int:
    labels = settings.values.get("id2label")
    if isinstance(labels, dict) and labels:
        return len(labels)
    return settings.integer("num_labels", 2)


def _parts(model: nn.Module) -> Iterator[Part]:
    ours = dict(model.named_parameters())
    body = "" if isinstance(model, BERT) else "bert."
    table = "embeddings.word_embeddings.weight"
    copies = ("cls.predictions.decoder.weight",)
    tied = copies if "masked_lm.bias" in ours else ()
    yield Part(table, (f"{body}embedding.weight",), copies=tied)
    for theirs, name in (
        ("position", "positions"),
        ("token_type", "segments"),
    ):
        yield Part(
            f"embeddings.{theirs}_embeddings.weight", (f"{body}{name}.weight",)
        )
    pairs = {"embeddings.LayerNorm": f"{body}norm"}
    for number in range(_body(model).config.n_layers):
        for theirs, name in _BLOCK.items():
            block = f"{body}encoder.blocks.{number}.{name}"
            pairs[f"encoder.layer.{number}.{theirs}"] = block
    pairs["pooler.dense"] = f"{body}pooler"
    for theirs, name in {**pairs, **_HEAD_PARTS}.items():
        for kind in ("weight", "bias"):
            if f"{name}.{kind}" in ours:
                yield Part(f"{theirs}.{kind}", (f"{name}.{kind}",))
    if tied:
        yield Part(
            "cls.predictions.bias",
            ("masked_lm.bias",),
            copies=("cls.predictions.decoder.bias",),
        )


def _settings(model: nn.Module) -> dict[str, Any]:
    c = _body(model).config
    theirs = {name: head for head, name in _HEADS.items()}
    bends = {ours: name for name, ours in reversed(BENDS.items())}
    settings = {
        "architectures": [theirs[type(model)]],
        "vocab_size": c.vocab_size,
        "hidden_size": c.d_model,
        "num_attention_heads": c.n_heads,
        "intermediate_size": c.d_ff,
        "num_hidden_layers": c.n_layers,
        "max_position_embeddings": c.max_seq_len,
        "type_vocab_size": c.n_segments,
        "hidden_dropout_prob": c.dropout,
        "attention_probs_dropout_prob": 0.0,
        "hidden_act": bends[c.activation],
        "layer_norm_eps": c.eps,
        "pad_token_id": None,
    }
    if isinstance(model, BERTClassifier):
        labels = range(model.classifier.out_features)
        settings["id2label"] = {str(i): f"LABEL_{i}" for i in labels}
        settings["label2id"] = {f"LABEL_{i}": i for i in labels}
    return settings


def _body(model: nn.Module) -> BERT:
    body = model if isinstance(model, BERT) else model.bert
    if not isinstance(body, BERT):
        raise PretrainedError(
            f"bert is a {type(body).__name__}, wanted a BERT"
        )
    return body


def _respell(name: str) -> str:
    """Put the first release's names of a norm's weights into today's."""
    name = re.sub(r"LayerNorm\.gamma$", "LayerNorm.weight", name)
    return re.sub(r"LayerNorm\.beta$", "LayerNorm.bias", name)


FAMILY = Family(
    model_type="bert",
    body="bert.",
    heads=("cls.", "classifier.", "qa_outputs."),
    ignored=r"^embeddings\.position_ids$",
    build=_build,
    holds=lambda model: type(model) in _HEADS.values(),
    settings=_settings,
    parts=_parts,
    bare=lambda model: isinstance(model, BERT),
    respell=_respell,
)
