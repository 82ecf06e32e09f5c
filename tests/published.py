"""Random models of the transformers library, for ours to be held to.

None is downloaded: the library builds each from a configuration, and every
parameter then gets a seeded value, biases and norms too.
"""

import os
import warnings

import torch

os.environ.setdefault("HF_HUB_OFFLINE", "1")
with warnings.catch_warnings():  # of what it imports, not of ours
    warnings.simplefilter("ignore")
    import transformers as tf

B, T, V, LONGEST = 3, 11, 53, 23
LENGTHS = torch.tensor([[11], [7], [4]])


def fill(model, seed=0):
    """Give every parameter a value that no start would give it."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            value = torch.randn(
                parameter.shape, generator=draw, dtype=torch.float64
            )
            norm = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_(0.15 * value + norm)
    return model.eval()


def ids(seed=1):
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(V, (B, T), generator=draw)


def real_tokens(padded):
    """Give a mask without padding, or with some on the right or left."""
    real = torch.arange(T).expand(B, T) < (LENGTHS if padded else T)
    return real.flip(1) if padded == "left" else real


def gpt2(head="LMHeadModel", **changes):
    sizes = {
        "vocab_size": V, "n_embd": 21, "n_head": 3, "n_layer": 3,
        "n_inner": 37, "n_positions": LONGEST, "bos_token_id": None,
        "eos_token_id": None,
    }  # fmt: skip
    config = tf.GPT2Config(**(sizes | changes))
    return getattr(tf, f"GPT2{head}")(config)


def openai_gpt(head="LMHeadModel", **changes):
    sizes = {
        "vocab_size": V, "n_embd": 21, "n_head": 3, "n_layer": 3,
        "n_positions": LONGEST,
    }  # fmt: skip
    config = tf.OpenAIGPTConfig(**(sizes | changes))
    return getattr(tf, f"OpenAIGPT{head}")(config)


def bert(head="Model", pooler=None, **changes):
    sizes = {
        "vocab_size": V, "hidden_size": 21, "num_attention_heads": 3,
        "num_hidden_layers": 3, "intermediate_size": 37,
        "max_position_embeddings": LONGEST, "type_vocab_size": 5,
        "pad_token_id": None,
    }  # fmt: skip
    config = tf.BertConfig(**(sizes | changes))
    options = {} if pooler is None else {"add_pooling_layer": pooler}
    return getattr(tf, f"Bert{head}")(config, **options)


LLAMA_SIZES = {
    "vocab_size": V, "hidden_size": 30, "num_attention_heads": 6,
    "num_key_value_heads": 2, "head_dim": 10, "num_hidden_layers": 3,
    "intermediate_size": 37, "max_position_embeddings": LONGEST,
    "bos_token_id": None, "eos_token_id": None,
}  # fmt: skip


def llama(head="ForCausalLM", **changes):
    config = tf.LlamaConfig(**(LLAMA_SIZES | changes))
    return getattr(tf, f"Llama{head}")(config)


def qwen3(head="ForCausalLM", **changes):
    config = tf.Qwen3Config(**(LLAMA_SIZES | changes))
    return getattr(tf, f"Qwen3{head}")(config)
