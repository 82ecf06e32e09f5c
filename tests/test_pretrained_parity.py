"""Published layouts: what transformers computes, ours computes too."""

from copy import deepcopy
from functools import cache

import pytest
import torch

from tests import published
from tests.published import V, ids, real_tokens, tf
from transformer_course import pretrained

DECODERS = {
    "gpt2": published.gpt2,
    "gpt2, wider": lambda: published.gpt2(
        n_embd=55, n_head=5, n_layer=2, n_inner=None
    ),
    "gpt2, untied": lambda: published.gpt2(tie_word_embeddings=False),
    "gpt2, relu": lambda: published.gpt2(
        activation_function="relu", layer_norm_epsilon=0.1
    ),
    "gpt2, gelu": lambda: published.gpt2(activation_function="gelu"),
    "openai-gpt": published.openai_gpt,
    "openai-gpt, wider": lambda: published.openai_gpt(
        n_embd=55, n_head=5, n_layer=2, afn="relu"
    ),
    "llama": published.llama,
    "llama, one key head": lambda: published.llama(
        num_key_value_heads=1, num_hidden_layers=2, rms_norm_eps=1e-3
    ),
    "llama, tied": lambda: published.llama(
        num_key_value_heads=6,
        head_dim=None,
        hidden_size=24,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 50.0},
    ),
    "qwen3": published.qwen3,
}
BODIES = {
    "gpt2, body": lambda: published.gpt2("Model"),
    "openai-gpt, body": lambda: published.openai_gpt("Model"),
    "llama, body": lambda: published.llama("Model"),
    "qwen3, body": lambda: published.qwen3("Model", tie_word_embeddings=True),
}
BERTS = {
    "bert": published.bert,
    "bert, wider": lambda: published.bert(
        hidden_size=55, num_attention_heads=5, num_hidden_layers=2
    ),
    "bert, no pooler": lambda: published.bert(pooler=False),
    "bert, tanh formula": lambda: published.bert(
        hidden_act="gelu_new", layer_norm_eps=0.1
    ),
    "masked words": lambda: published.bert("ForMaskedLM"),
    "pre-training": lambda: published.bert("ForPreTraining"),
    "next sentence": lambda: published.bert("ForNextSentencePrediction"),
    "labels": lambda: published.bert(
        "ForSequenceClassification", num_labels=7
    ),
    "spans": lambda: published.bert("ForQuestionAnswering"),
}
MODELS = {**DECODERS, **BODIES, **BERTS}
EXACT = {torch.float64: 1e-10, torch.float32: 1e-5}


def tolerance(name, dtype):
    """Llama's and Qwen's norms there compute in float32, whatever comes."""
    casts = name.startswith(("llama", "qwen3"))
    return max(EXACT[dtype], 1e-6) if casts else EXACT[dtype]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Give a random model of theirs, and ours loaded from its folder."""

    @cache
    def make(name, dtype):
        folder = tmp_path_factory.mktemp("theirs")
        theirs = published.fill(MODELS[name]().to(dtype))
        theirs.save_pretrained(folder)
        return theirs, pretrained.load(folder), folder

    return make


def close(mine, other, atol):
    assert mine.dtype == other.dtype
    assert other.abs().max() > 0.1, "nothing to compare"
    torch.testing.assert_close(mine, other, atol=atol, rtol=0)


@pytest.fixture(params=[torch.float64, torch.float32], ids=["64", "32"])
def dtype(request):
    return request.param


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("padded", [None, "right", "left"])
def test_a_decoder_equals_transformers(name, padded, dtype, pair):
    theirs, ours, _ = pair(name, dtype)
    real = real_tokens(padded)
    with torch.no_grad():
        other = theirs(
            ids(), attention_mask=real.long(), output_hidden_states=True
        )
        mine = ours(ids(), real if padded else None)
    atol = tolerance(name, dtype)
    assert mine.logits.shape[-1] == V
    close(mine.logits[real], other.logits[real], atol)
    close(mine.hidden[real], other.hidden_states[-1][real], atol)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_has_hidden_states_alone(name, dtype, pair):
    theirs, ours, _ = pair(name, dtype)
    real = real_tokens("right")
    with torch.no_grad():
        other = theirs(ids(), attention_mask=real.long())
        mine = ours(ids(), real)
    assert mine.logits is None
    close(
        mine.hidden[real],
        other.last_hidden_state[real],
        tolerance(name, dtype),
    )


@pytest.mark.parametrize("name", ["gpt2", "openai-gpt", "bert", "llama"])
def test_files_that_transformers_cuts_up_are_read(name, pair, tmp_path):
    theirs, ours, _ = pair(name, torch.float32)
    theirs.save_pretrained(tmp_path, max_shard_size="9KB")
    assert not (tmp_path / "model.safetensors").exists()
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 2
    again = pretrained.load(tmp_path).state_dict()
    for tensor, wanted in ours.state_dict().items():
        assert torch.equal(again[tensor], wanted)


@pytest.mark.parametrize("name", BERTS)
@pytest.mark.parametrize("padded", [None, "right", "left"])
def test_a_bert_equals_transformers(name, padded, dtype, pair):
    theirs, ours, _ = pair(name, dtype)
    real = real_tokens(padded)
    segments = ids(seed=2) % 5
    with torch.no_grad():
        other = theirs(
            ids(),
            attention_mask=real.long(),
            token_type_ids=segments,
            output_hidden_states=True,
        )
        mine = ours(ids(), real if padded else None, segments)
    atol = EXACT[dtype]
    close(mine.hidden[real], other.hidden_states[-1][real], atol)
    if "pooler_output" in other and other.pooler_output is not None:
        close(mine.pooled, other.pooler_output, atol)
    if name == "bert, no pooler":
        assert mine.pooled is None
    if "logits" in other:
        by_token = name == "masked words"
        rows = real if by_token else slice(None)
        close(mine.logits[rows], other.logits[rows], atol)
    if name == "pre-training":
        close(mine.logits[real], other.prediction_logits[real], atol)
        close(mine.next_sentence, other.seq_relationship_logits, atol)
    if name == "spans":
        starts, ends = mine.logits[real].unbind(-1)
        close(starts, other.start_logits[real], atol)
        close(ends, other.end_logits[real], atol)


def test_without_segments_a_bert_takes_the_first(pair):
    theirs, ours, _ = pair("bert", torch.float64)
    with torch.no_grad():
        wanted = theirs(ids()).last_hidden_state
        close(ours(ids()).hidden, wanted, 1e-10)


CACHING = [name for name in DECODERS if not name.startswith("openai-gpt")]


@pytest.mark.parametrize("name", CACHING)
@pytest.mark.parametrize("padded", [None, "right"])
def test_the_cache_equals_transformers(name, padded, dtype, pair):
    theirs, ours, _ = pair(name, dtype)
    real = real_tokens(padded)
    theirs_cache = tf.DynamicCache(config=theirs.config)
    our_cache = ours.new_cache()
    with torch.no_grad():
        for start, end in ((0, 4), (4, 5), (5, 11)):
            new, seen = ids()[:, start:end], real[:, :end]
            other = theirs(
                new,
                attention_mask=seen.long(),
                cache=theirs_cache,
                use_cache=True,
            )
            mine = ours(new, seen if padded else None, cache=our_cache)
            rows = real[:, start:end]
            close(
                mine.logits[rows], other.logits[rows], tolerance(name, dtype)
            )


@pytest.mark.parametrize("name", ["openai-gpt", "llama", "gpt2"])
def test_the_cache_equals_our_own_uncached(name, dtype, pair):
    _, ours, _ = pair(name, dtype)
    so_far = ours.new_cache()
    with torch.no_grad():
        whole = ours(ids()).logits
        steps = [ours(ids()[:, [t]], cache=so_far).logits for t in range(11)]
    close(torch.cat(steps, dim=1), whole, EXACT[dtype])


@pytest.mark.parametrize("name", [*DECODERS, "bert", "masked words"])
def test_gradients_equal_transformers(name, pair, tmp_path):
    theirs, ours = deepcopy(pair(name, torch.float64)[:2])
    real = real_tokens("right")
    mine, other = (
        model(*arguments, **options)
        for model, arguments, options in (
            (ours, (ids(), real), {}),
            (theirs, (ids(),), {"attention_mask": real.long()}),
        )
    )
    field = (
        ("hidden", "last_hidden_state") if name == "bert" else ("logits",) * 2
    )
    for output, attribute in zip((mine, other), field, strict=True):
        values = getattr(output, attribute)[real]
        values.square().mean().backward()
    for model in (ours, theirs):
        for parameter in model.parameters():
            if parameter.grad is None:  # the pooler, which nobody asked
                parameter.grad = torch.zeros_like(parameter)
            parameter.data = parameter.grad
    # Written out as tensors, gradients have the names of their parameters.
    pretrained.save(ours, tmp_path / "ours")
    theirs.save_pretrained(tmp_path / "theirs")
    (mine, other) = (read(tmp_path / which) for which in ("ours", "theirs"))
    assert mine.keys() == other.keys()
    casts = name.startswith(("llama", "qwen3"))
    for tensor in other:
        torch.testing.assert_close(
            mine[tensor],
            other[tensor],
            atol=1e-5 if casts else 1e-10,
            rtol=1e-5 if casts else 1e-7,
        )


def read(folder):
    with pretrained.folder.Weights(folder) as weights:
        return {name: weights.read(name).clone() for name in weights.names}


FAMILIES = ["gpt2", "openai-gpt", "llama", "qwen3", "bert"]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *((name, torch.float64) for name in MODELS),
        *((name, torch.float32) for name in FAMILIES),
    ],
)
def test_there_and_back(name, dtype, pair, tmp_path):
    theirs, ours, folder = pair(name, dtype)
    pretrained.save(ours, tmp_path / "ours")
    first, second = read(folder), read(tmp_path / "ours")
    assert first.keys() == second.keys()
    for tensor in first:
        assert torch.equal(first[tensor], second[tensor])
    again = pretrained.load(tmp_path / "ours")
    options = {"add_pooling_layer": False} if "no pooler" in name else {}
    back, told = type(theirs).from_pretrained(
        tmp_path / "ours", output_loading_info=True, **options
    )
    assert not any(told.values()), told
    assert back.dtype == dtype
    configs = [
        (m.config if hasattr(m, "config") else m.bert.config)
        for m in (again, ours)
    ]
    assert configs[0] == configs[1]
    real = real_tokens("right")
    with torch.no_grad():
        assert torch.equal(again(ids(), real).hidden, ours(ids(), real).hidden)
        outputs = [
            model(ids(), attention_mask=real.long())
            for model in (theirs, back)
        ]
    for field in outputs[0]:
        one, other = (output[field] for output in outputs)
        if isinstance(one, torch.Tensor):
            torch.testing.assert_close(one, other, atol=EXACT[dtype], rtol=0)


@pytest.mark.parametrize("name", ["gpt2", "openai-gpt", "llama", "qwen3"])
def test_the_class_is_found_by_the_folder_alone(name, pair, tmp_path):
    theirs, ours, _ = pair(name, torch.float32)
    pretrained.save(ours, tmp_path)
    found = tf.AutoModelForCausalLM.from_pretrained(tmp_path)
    assert type(found) is type(theirs)


def test_the_class_of_a_bert_is_found_too(pair, tmp_path):
    theirs, ours, _ = pair("bert", torch.float32)
    pretrained.save(ours, tmp_path)
    assert type(tf.AutoModel.from_pretrained(tmp_path)) is type(theirs)
