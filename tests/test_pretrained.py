"""Folders of published weights: what is refused, by name, and what is kept."""

import json
import math
import pickle
import re
import shutil

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from transformer_course import pretrained
from transformer_course.bert import (
    BERT,
    BERTClassifier,
    BERTConfig,
    BERTMaskedLM,
    BERTPretraining,
)
from transformer_course.gpt import GPT, GPTConfig
from transformer_course.llama import Llama, LlamaConfig
from transformer_course.pretrained import PretrainedError
from transformer_course.training import seeded

V, SINGLE = 11, "model.safetensors"
INDEX = "model.safetensors.index.json"


def models():
    sizes = {"vocab_size": V, "d_model": 6, "n_heads": 2, "n_layers": 2,
             "max_seq_len": 5}  # fmt: skip
    gpt = sizes | {"d_ff": 24}
    bert = BERTConfig(**sizes, d_ff=7)
    llama = sizes | {"d_ff": 7, "n_kv_heads": 1, "d_head": 4}
    return {
        "gpt2": GPT(GPTConfig(**gpt)),
        "openai-gpt": GPT(GPTConfig(**gpt, norm_first=False)),
        "bert": BERT(bert),
        "labels": BERTClassifier(BERT(bert), 3),
        "masked": BERTMaskedLM(BERT(bert, pooler=False)),
        "llama": Llama(LlamaConfig(**llama)),
        "qwen3": Llama(LlamaConfig(**llama, qk_norm=True)),
    }


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Write each model's folder once."""
    root = tmp_path_factory.mktemp("saved")
    with seeded(0):
        for name, model in models().items():
            pretrained.save(model, root / name)
    return root


@pytest.fixture
def folder(saved, tmp_path):
    """Give a fresh copy of a model's folder."""

    def copy(name):
        return shutil.copytree(saved / name, tmp_path / name)

    return copy


def edit_config(folder, **changes):
    path = folder / "config.json"
    values = json.loads(path.read_text()) | changes
    kept = {name: v for name, v in values.items() if v is not ...}
    path.write_text(json.dumps(kept))


def edit_tensors(folder, edit):
    tensors = load_file(folder / SINGLE)
    edit(tensors)
    save_file(tensors, folder / SINGLE, metadata={"format": "pt"})


def shard(folder, n=3):
    """Cut model.safetensors into n files with an index."""
    tensors = load_file(folder / SINGLE)
    (folder / SINGLE).unlink()
    names, placed = sorted(tensors), {}
    for number in range(n):
        file = f"model-{number + 1:05}-of-{n:05}.safetensors"
        part = {name: tensors[name] for name in names[number::n]}
        save_file(part, folder / file, metadata={"format": "pt"})
        placed |= dict.fromkeys(part, file)
    index = {"metadata": {"total_size": 1}, "weight_map": placed}
    (folder / INDEX).write_text(json.dumps(index))
    return placed


def equal(one, other):
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours
    )


@pytest.mark.parametrize("name", models())
@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.float32, torch.bfloat16]
)
def test_load_is_the_inverse_of_save(name, dtype, tmp_path):
    model = models()[name].to(dtype)
    pretrained.save(model, tmp_path)
    again = pretrained.load(str(tmp_path))
    assert type(again) is type(model)
    assert equal(again, model)
    assert {p.dtype for p in again.parameters()} == {dtype}
    assert all(p.requires_grad for p in again.parameters())
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["dtype"] == str(dtype).removeprefix("torch.")
    if hasattr(model, "config"):
        assert again.config == model.config


def test_a_loaded_model_has_no_dropout_and_can_be_trained(folder):
    model = pretrained.load(folder("gpt2"))
    token_ids = torch.tensor([[1, 2, 3]])
    assert not model.training
    before = model(token_ids).logits
    assert torch.equal(before, model(token_ids).logits)
    before.sum().backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    assert not torch.equal(before, model(token_ids).logits)


def test_a_loaded_model_does_not_hang_on_the_file(folder):
    path = folder("gpt2")
    model = pretrained.load(path)
    before = {n: p.clone() for n, p in model.state_dict().items()}
    with (path / SINGLE).open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(size // 2)
        file.write(b"\xff" * (size - size // 2))
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    pointers = [p.untyped_storage().data_ptr() for p in model.parameters()]
    assert len(set(pointers)) == len(pointers)
    assert all(p.is_contiguous() for p in model.parameters())


def test_a_folder_can_be_saved_over_itself(folder):
    path = folder("llama")
    model = pretrained.load(path)
    before = (path / SINGLE).read_bytes()
    with (path / SINGLE).open("rb") as still_open:
        with torch.no_grad():
            model.norm.weight.add_(1.0)
        pretrained.save(model, path)
        assert still_open.read() == before  # a new file in its place
    assert equal(pretrained.load(path), model)
    assert sorted(p.name for p in path.iterdir()) == ["config.json", SINGLE]


def test_the_file_says_which_library_its_tensors_are_for(saved):
    """Older versions of transformers refuse a file without it."""
    with safe_open(saved / "gpt2" / SINGLE, framework="pt") as file:
        assert file.metadata() == {"format": "pt"}


def test_a_failed_save_leaves_what_was_there(folder, monkeypatch):
    path = folder("gpt2")
    before = (path / SINGLE).read_bytes()

    def full_disk(tensors, file, metadata):
        file.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(pretrained.folder, "save_file", full_disk)
    with pytest.raises(OSError, match="no space"):
        pretrained.save(models()["gpt2"], path)
    assert (path / SINGLE).read_bytes() == before
    assert sorted(p.name for p in path.iterdir()) == ["config.json", SINGLE]


@pytest.mark.parametrize("name", models())
def test_several_files_give_the_same_model(name, folder):
    path = folder(name)
    whole = pretrained.load(path)
    shard(path)
    assert equal(pretrained.load(path), whole)


def test_each_tensor_is_read_once_and_none_before_all_are_checked(
    folder, monkeypatch
):
    read = []
    real = pretrained.folder.Weights.read
    monkeypatch.setattr(
        pretrained.folder.Weights,
        "read",
        lambda self, name: read.append(name) or real(self, name),
    )
    path = folder("gpt2")
    pretrained.load(path)
    assert sorted(read) == sorted(load_file(path / SINGLE))
    read.clear()
    edit_tensors(path, lambda t: t.update(strange=torch.zeros(1)))
    with pytest.raises(PretrainedError):
        pretrained.load(path)
    assert read == []


FIRST = {
    "gpt2": "transformer.h.1.mlp.c_fc.bias",
    "openai-gpt": "transformer.positions_embed.weight",
    "bert": "encoder.layer.0.attention.self.key.weight",
    "labels": "classifier.bias",
    "masked": "cls.predictions.bias",
    "llama": "model.layers.1.self_attn.o_proj.weight",
    "qwen3": "model.layers.0.self_attn.q_norm.weight",
}


@pytest.mark.parametrize("name", FIRST)
def test_a_missing_tensor_is_named(name, folder):
    path = folder(name)
    edit_tensors(path, lambda tensors: tensors.pop(FIRST[name]))
    with pytest.raises(PretrainedError) as caught:
        pretrained.load(path)
    assert str(caught.value) == f"missing tensors: {FIRST[name]}"


@pytest.mark.parametrize("name", FIRST)
def test_an_unknown_tensor_is_named(name, folder):
    path = folder(name)
    extra = FIRST[name] + "_again"
    edit_tensors(path, lambda t: t.update({extra: torch.zeros(2)}))
    with pytest.raises(PretrainedError) as caught:
        pretrained.load(path)
    assert str(caught.value) == f"unknown tensors: {extra}"


@pytest.mark.parametrize("name", FIRST)
def test_a_wrong_shape_is_named_with_both_shapes(name, folder):
    path = folder(name)

    def stretch(tensors):
        was = tensors[FIRST[name]]
        tensors[FIRST[name]] = torch.cat([was, was])

    was = tuple(load_file(path / SINGLE)[FIRST[name]].shape)
    edit_tensors(path, stretch)
    with pytest.raises(PretrainedError) as caught:
        pretrained.load(path)
    came = (2 * was[0], *was[1:])
    told = f"{FIRST[name]} has shape {came}, wanted {was}"
    assert str(caught.value) == f"wrongly shaped tensors: {told}"


def test_all_faults_are_told_at_once(folder):
    path = folder("gpt2")

    def break_it(tensors):
        del tensors["transformer.wpe.weight"]
        del tensors["transformer.ln_f.bias"]
        tensors["a"], tensors["b"] = torch.zeros(2, 1)

    edit_tensors(path, break_it)
    with pytest.raises(PretrainedError) as caught:
        pretrained.load(path)
    for name in ("transformer.wpe.weight", "transformer.ln_f.bias", "a, b"):
        assert name in str(caught.value)


def test_a_matrix_the_wrong_way_round_is_refused(folder):
    path = folder("gpt2")
    name = "transformer.h.0.mlp.c_fc.weight"
    edit_tensors(path, lambda t: t.update({name: t[name].T.contiguous()}))
    with pytest.raises(PretrainedError, match=r"\(24, 6\), wanted \(6, 24\)"):
        pretrained.load(path)


def test_dtypes_may_not_differ(folder):
    path = folder("bert")
    name = "pooler.dense.bias"
    edit_tensors(path, lambda t: t.update({name: t[name].double()}))
    with pytest.raises(PretrainedError, match=r"F64.*pooler\.dense\.bias"):
        pretrained.load(path)
    edit_tensors(
        path, lambda t: t.update({n: t[n].to(torch.int32) for n in list(t)})
    )
    with pytest.raises(PretrainedError, match=r"I32.*one floating-point"):
        pretrained.load(path)


@pytest.mark.parametrize(
    ("name", "body"),
    [("gpt2", "transformer."), ("llama", "model."), ("masked", "bert.")],
)
def test_the_name_of_the_body_may_be_left_out(name, body, folder):
    """As in GPT-2's published file."""
    path = folder(name)
    whole = pretrained.load(path)

    def shorten(tensors):
        for long in list(tensors):
            tensors[long.removeprefix(body)] = tensors.pop(long)

    edit_tensors(path, shorten)
    assert equal(pretrained.load(path), whole)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("gpt2", "transformer.h.0.attn.bias"),
        ("gpt2", "transformer.h.1.attn.masked_bias"),
        ("openai-gpt", "transformer.h.0.attn.bias"),
        ("bert", "embeddings.position_ids"),
        ("llama", "model.layers.0.self_attn.rotary_emb.inv_freq"),
    ],
)
def test_masks_and_counters_in_old_files_are_no_weights(name, extra, folder):
    path = folder(name)
    whole = pretrained.load(path)
    edit_tensors(path, lambda t: t.update({extra: torch.ones(3).long()}))
    assert equal(pretrained.load(path), whole)


def test_old_names_of_norms_are_read(folder):
    """As in BERT's published file."""
    path = folder("bert")
    whole = pretrained.load(path)

    def age(tensors):
        for name in list(tensors):
            old = name.replace("LayerNorm.weight", "LayerNorm.gamma")
            old = old.replace("LayerNorm.bias", "LayerNorm.beta")
            tensors[old] = tensors.pop(name)

    edit_tensors(path, age)
    assert equal(pretrained.load(path), whole)


def test_published_bert_has_both_heads_under_the_name_of_one(tmp_path):
    with seeded(0):
        model = BERTPretraining(models()["bert"])
    pretrained.save(model, tmp_path)
    edit_config(tmp_path, architectures=["BertForMaskedLM"])
    again = pretrained.load(tmp_path)
    assert type(again) is BERTPretraining
    assert equal(again, model)


@pytest.mark.parametrize(
    ("name", "table", "head"),
    [
        ("gpt2", "transformer.wte.weight", "lm_head.weight"),
        (
            "masked",
            "bert.embeddings.word_embeddings.weight",
            "cls.predictions.decoder.weight",
        ),
        ("masked", "cls.predictions.bias", "cls.predictions.decoder.bias"),
    ],
)
def test_a_tied_tensor_may_be_repeated_or_stand_for_the_other(
    name, table, head, folder
):
    path = folder(name)
    whole = pretrained.load(path)
    edit_tensors(path, lambda t: t.update({head: t[table].clone()}))
    assert equal(pretrained.load(path), whole)
    edit_tensors(path, lambda t: t[head].add_(1.0))
    with pytest.raises(PretrainedError, match=f"{head} differs from {table}"):
        pretrained.load(path)
    edit_tensors(path, lambda t: t.update({head: t.pop(table)}))
    assert equal(pretrained.load(path), whole)


def test_a_tensor_under_two_spellings_is_refused(folder):
    path = folder("gpt2")
    name = "transformer.wpe.weight"
    edit_tensors(path, lambda t: t.update({"wpe.weight": t[name].clone()}))
    with pytest.raises(PretrainedError, match="are the same one"):
        pretrained.load(path)


REFUSED = [
    ("gpt2", {"model_type": "t5"}, "model_type 't5', wanted one of.*'gpt2'"),
    ("gpt2", {"model_type": ...}, "has no model_type"),
    ("gpt2", {"architectures": ["GPT2ForTokenClassification"]}, "GPT2ForTok"),
    ("gpt2", {"activation_function": "silu"}, 'activation_function "silu"'),
    ("gpt2", {"scale_attn_weights": False}, "scale_attn_weights false"),
    ("gpt2", {"scale_attn_by_inverse_layer_idx": True}, "inverse_layer_idx"),
    ("gpt2", {"reorder_and_upcast_attn": True}, "reorder_and_upcast_attn"),
    ("gpt2", {"add_cross_attention": True}, "add_cross_attention true"),
    ("gpt2", {"embd_pdrop": 0.3}, r"'embd_pdrop': 0\.3.*one dropout"),
    ("gpt2", {"n_layer": "2"}, 'n_layer "2", wanted a whole number'),
    ("gpt2", {"n_layer": True}, "n_layer true, wanted a whole number"),
    ("gpt2", {"layer_norm_epsilon": "x"}, 'epsilon "x", wanted a number'),
    ("gpt2", {"tie_word_embeddings": 1}, "tie_word_embeddings 1, wanted true"),
    ("gpt2", {"n_head": 4}, "d_model 6 is not divisible by n_heads 4"),
    ("openai-gpt", {"afn": "silu"}, 'afn "silu", wanted one of'),
    ("openai-gpt", {"architectures": ["Other"]}, "architectures.*Other"),
    ("bert", {"position_embedding_type": "relative_key"}, "relative_key"),
    ("bert", {"is_decoder": True}, "is_decoder true, wanted false"),
    ("bert", {"hidden_act": "swish"}, 'hidden_act "swish"'),
    ("masked", {"tie_word_embeddings": False}, "tie_word_embeddings false"),
    ("bert", {"architectures": ["BertForTokenClassification"]}, "BertForTok"),
    ("llama", {"hidden_act": "gelu"}, 'hidden_act "gelu", wanted "silu"'),
    ("llama", {"attention_bias": True}, "attention_bias true"),
    ("llama", {"mlp_bias": True}, "mlp_bias true"),
    ("llama", {"attention_dropout": 0.1}, r"attention_dropout 0\.1"),
    (
        "llama",
        {"rope_parameters": {"rope_type": "llama3", "rope_theta": 1e4}},
        "rope_type 'llama3', wanted 'default'",
    ),
    (
        "llama",
        {"rope_parameters": ..., "rope_scaling": {"type": "linear"}},
        "rope_type 'linear'",
    ),
    (
        "llama",
        {"rope_scaling": {"rope_type": "linear", "factor": 2.0}},
        "rope_parameters .* and rope_scaling .*linear",
    ),
    ("llama", {"rope_parameters": 3}, "rope_parameters 3, wanted an object"),
    ("llama", {"partial_rotary_factor": 0.5}, "partial_rotary_factor"),
    ("qwen3", {"use_sliding_window": True}, "use_sliding_window true"),
    ("bert", {"architectures": "BertModel"}, 'architectures "BertModel", wa'),
    ("bert", {"architectures": {"a": 1}}, "wanted a list of one name"),
    ("bert", {"vocab_size": 2**63}, r"whole number below 2\*\*31"),
    ("llama", {"num_attention_heads": 0}, "n_heads is 0, wanted at least 1"),
    ("llama", {"is_causal": False}, "is_causal false, wanted true"),
    ("gpt2", {"is_causal": False}, "is_causal false, wanted true"),
    ("bert", {"is_causal": True}, "is_causal true, wanted false"),
    ("bert", {"layer_norm_eps": math.inf}, "Infinity, wanted a finite"),
    ("bert", {"num_hidden_layers": 0}, "n_layers is 0, wanted at least 1"),
    ("gpt2", {"num_attention_heads": 1}, "heads 1, wanted 2, as n_head says"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "message"), REFUSED)
def test_what_our_models_cannot_do_is_refused_by_name(
    name, changes, message, folder
):
    path = folder(name)
    edit_config(path, **changes)
    with pytest.raises(PretrainedError, match=message):
        pretrained.load(path)


def test_a_setting_may_have_the_name_that_families_share(folder):
    path = folder("gpt2")
    here = pretrained.load(path)
    edit_config(path, n_head=..., num_attention_heads=here.config.n_heads)
    assert pretrained.load(path).config == here.config


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", FIRST)
def test_a_weight_that_is_no_number_is_named(name, wrong, folder, tmp_path):
    path = folder(name)
    model = pretrained.load(path)
    edit_tensors(path, lambda t: t[FIRST[name]].view(-1)[:2].fill_(wrong))
    with pytest.raises(
        PretrainedError, match=f"{re.escape(FIRST[name])} has 2 entries"
    ):
        pretrained.load(path)
    with torch.no_grad():
        next(model.parameters()).view(-1)[3] = wrong
    with pytest.raises(PretrainedError, match="has 1 entries that are NaN"):
        pretrained.save(model, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


@pytest.mark.parametrize("name", FIRST)
def test_inputs_that_do_not_fit_are_named(name, folder):
    model = pretrained.load(folder(name))
    ids = torch.tensor([[1, 2, 3], [3, 2, 1]])
    for wrong in (ids.tolist(), None, ids.numpy()):
        with pytest.raises(TypeError, match=r"token_ids is a .*, wanted a te"):
            model(wrong)
    for wrong in (ids[0], ids[0, 0], ids[None], ids[:, :0], ids[:0]):
        with pytest.raises(ValueError, match=r"token_ids has shape .*\(B, T"):
            model(wrong)
    whole = torch.ones(2, 3, dtype=torch.bool)
    for wrong in (whole[:1], whole[:, :1], torch.ones(2, 4).bool()):
        with pytest.raises(ValueError, match=r"pad_mask has .*= \(2, 3\)"):
            model(ids, wrong)
    with pytest.raises(TypeError, match="pad_mask is list, wanted bool"):
        model(ids, whole.tolist())
    if hasattr(model, "new_cache"):
        cache = model.new_cache()
        model(ids[:, :2], whole[:, :2], cache=cache)
        with pytest.raises(ValueError, match=r"pad_mask has .*= \(2, 3\)"):
            model(ids[:, 2:], whole[:, 2:], cache=cache)  # the new ones alone
    else:
        with pytest.raises(ValueError, match=r"segment_ids have shape \(2, 2"):
            model(ids, whole, ids[:, :2])


def test_old_places_of_the_rotary_base_are_read(folder):
    path = folder("llama")
    edit_config(path, rope_parameters=..., rope_theta=77.0)
    assert pretrained.load(path).config.base == 77.0
    edit_config(path, rope_scaling=None)
    assert pretrained.load(path).config.base == 77.0
    edit_config(path, rope_parameters={"rope_theta": 55.0})
    assert pretrained.load(path).config.base == 55.0


def test_published_defaults_stand_where_a_config_says_nothing(folder):
    path = folder("bert")
    gone = dict.fromkeys(
        ("architectures", "hidden_act", "layer_norm_eps", "type_vocab_size",
         "hidden_dropout_prob"), ...,
    )  # fmt: skip
    whole = pretrained.load(path)
    edit_config(path, **gone)
    again = pretrained.load(path)
    assert again.config == whole.config
    assert equal(again, whole)


@pytest.mark.parametrize("file", ["pytorch_model.bin", "weights.pt"])
def test_a_pickle_is_never_opened(file, folder, tmp_path):
    path = folder("gpt2")
    (path / SINGLE).unlink()

    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "went off"), "w"))

    (path / file).write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(PretrainedError, match=f"{file}.*can run any code"):
        pretrained.load(path)
    assert not (tmp_path / "went off").exists()


def test_a_pickle_beside_safetensors_is_left_alone(folder):
    path = folder("gpt2")
    (path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert equal(pretrained.load(path), pretrained.load(path))


def test_files_that_are_missing_or_broken(folder, tmp_path):
    with pytest.raises(PretrainedError, match="nowhere does not exist"):
        pretrained.load(tmp_path / "nowhere")
    path = folder("gpt2")
    content = (path / SINGLE).read_bytes()
    for broken in (content[:-1], b"", b"\x80\x04not tensors" * 9):
        (path / SINGLE).write_bytes(broken)
        with pytest.raises(PretrainedError, match=f"{SINGLE} is no safetens"):
            pretrained.load(path)
    (path / SINGLE).unlink()
    with pytest.raises(PretrainedError, match=f"has no {SINGLE} and no"):
        pretrained.load(path)
    (path / "config.json").write_text("{")
    with pytest.raises(PretrainedError, match=r"config\.json is not JSON"):
        pretrained.load(path)
    (path / "config.json").write_text("[]")
    with pytest.raises(PretrainedError, match="holds no JSON object"):
        pretrained.load(path)
    (path / "config.json").unlink()
    with pytest.raises(PretrainedError, match=r"has no config\.json"):
        pretrained.load(path)


def test_an_index_that_does_not_fit(folder):
    path = folder("gpt2")
    placed = shard(path)
    index = path / INDEX

    def say(weight_map):
        index.write_text(json.dumps({"weight_map": weight_map}))

    name = "transformer.wpe.weight"
    say(placed | {name: "../../etc/passwd"})
    with pytest.raises(PretrainedError, match=r"names '\.\./\.\./etc/passwd'"):
        pretrained.load(path)
    say(placed | {name: "model-00009-of-00009.safetensors"})
    with pytest.raises(PretrainedError, match=r"has no model-00009-of-00009"):
        pretrained.load(path)
    say({tensor: file for tensor, file in placed.items() if tensor != name})
    with pytest.raises(PretrainedError, match=rf"disagree about \['{name}'\]"):
        pretrained.load(path)
    say({})
    with pytest.raises(PretrainedError, match="has no weight_map"):
        pretrained.load(path)
    say(placed)
    gone = path / placed[name]
    gone.unlink()
    with pytest.raises(PretrainedError, match=f"has no {gone.name}"):
        pretrained.load(path)


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(PretrainedError, match="model is a Linear, wanted"):
        pretrained.save(nn.Linear(2, 3), tmp_path / "linear")
    sizes = {"vocab_size": V, "d_model": 6, "n_heads": 2, "n_layers": 1}
    odd = GPT(GPTConfig(**sizes, d_ff=7, norm_first=False))
    with pytest.raises(PretrainedError, match=r"d_ff 7 .* 4 d_model = 24"):
        pretrained.save(odd, tmp_path / "odd")
    mixed = models()["gpt2"]
    mixed.positions.double()
    with pytest.raises(PretrainedError, match=r"float32.*float64.*one alone"):
        pretrained.save(mixed, tmp_path / "mixed")
    assert list(tmp_path.iterdir()) == []
