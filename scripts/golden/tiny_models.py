"""Random models of a few hundred kilobytes as complete Hugging Face folders, with odd sizes on purpose."""

import json
import shutil
from pathlib import Path

from common import ONLY, as_in_files, chosen, folder, origin, save_tensors

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GPTNeoXConfig, LlamaConfig, OPTConfig, Qwen2Config

import tiny_tokenizer

IDS = {"bos_token_id": None, "eos_token_id": 2, "pad_token_id": 0}

LLAMA3_SCALING = {
    "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}

CONFIGS = {
    "llama-tied": LlamaConfig(
        vocab_size=301, hidden_size=60, intermediate_size=97, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, head_dim=10, max_position_embeddings=512, rms_norm_eps=1e-5, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, **IDS,
    ),
    # More embedding rows than the tokenizer has entries, heads * head_dim (48) unlike hidden_size, one key head.
    "llama-untied": LlamaConfig(
        vocab_size=307, hidden_size=45, intermediate_size=77, num_hidden_layers=2, num_attention_heads=3,
        num_key_value_heads=1, head_dim=16, max_position_embeddings=512, rms_norm_eps=1e-6, tie_word_embeddings=False,
        rope_parameters=LLAMA3_SCALING, **{**IDS, "bos_token_id": 0, "pad_token_id": 2},
    ),
    "qwen2-tied": Qwen2Config(
        vocab_size=301, hidden_size=56, intermediate_size=89, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-6, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}, **IDS,
    ),
    "qwen2-untied": Qwen2Config(
        vocab_size=301, hidden_size=54, intermediate_size=83, num_hidden_layers=2, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=512, rms_norm_eps=1e-6, tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, **IDS,
    ),
}
# OPT trains with dropout unless it is told not to.
NO_DROPOUT = {"dropout": 0.0, "attention_dropout": 0.0, "layerdrop": 0.0}
CONFIGS |= {
    # The 125m kind. Fewer positions than a padded row has tokens.
    "opt-pre-norm": OPTConfig(
        vocab_size=303, hidden_size=60, ffn_dim=97, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=90,
        **NO_DROPOUT, **{**IDS, "bos_token_id": 0, "pad_token_id": 2},
    ),
    # The 350m kind.
    "opt-post-norm": OPTConfig(
        vocab_size=301, hidden_size=54, ffn_dim=83, num_hidden_layers=2, num_attention_heads=3, max_position_embeddings=512,
        do_layer_norm_before=False, word_embed_proj_dim=33, **NO_DROPOUT, **IDS,
    ),
    # Galactica's switches, and those of models that were tuned before transformers 4.20.
    "opt-bare": OPTConfig(
        vocab_size=301, hidden_size=40, ffn_dim=71, num_hidden_layers=2, num_attention_heads=5, max_position_embeddings=512,
        enable_bias=False, layer_norm_elementwise_affine=False, _remove_final_layer_norm=True, activation_function="gelu",
        tie_word_embeddings=False, **NO_DROPOUT, **IDS,
    ),
}
CONFIGS |= {
    # Pythia's and gpt-neox-20b's kind. A quarter of a head is 4.5: the first 4 are rotated.
    "gpt-neox-parallel": GPTNeoXConfig(
        vocab_size=307, hidden_size=54, intermediate_size=83, num_hidden_layers=3, num_attention_heads=3, max_position_embeddings=512,
        hidden_act="gelu_fast", rope_parameters={"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.25}, **IDS,
    ),
    "gpt-neox-sequential": GPTNeoXConfig(
        vocab_size=301, hidden_size=60, intermediate_size=97, num_hidden_layers=2, num_attention_heads=5, max_position_embeddings=512,
        use_parallel_residual=False, layer_norm_eps=1e-3, rope_parameters={"rope_type": "linear", "factor": 3.0, "rope_theta": 10000.0, "partial_rotary_factor": 0.5},
        **{**IDS, "bos_token_id": 0, "pad_token_id": 2},
    ),
    # Whole heads rotated, no biases in attention, tied head.
    "gpt-neox-bare": GPTNeoXConfig(
        vocab_size=303, hidden_size=40, intermediate_size=71, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=512,
        attention_bias=False, tie_word_embeddings=True, hidden_act="quick_gelu",
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 1.0}, **IDS,
    ),
}
TOKENIZERS = {
    "llama-tied": {"kind": "gpt2"},
    "llama-untied": {"kind": "gpt2", "adds_bos": True, "pad": "<|im_end|>"},
    "qwen2-tied": {"kind": "qwen"},
    "qwen2-untied": {"kind": "qwen", "generation_markers": True},
    "opt-pre-norm": {"kind": "gpt2", "adds_bos": True, "pad": "<|im_end|>"},
    "opt-post-norm": {"kind": "gpt2"},
    "opt-bare": {"kind": "gpt2"},
    "gpt-neox-parallel": {"kind": "gpt2"},
    "gpt-neox-sequential": {"kind": "gpt2", "adds_bos": True, "pad": "<|im_end|>"},
    "gpt-neox-bare": {"kind": "gpt2"},
}
NAMES = list(CONFIGS)
# Where the next number would make greedy choices that are nearly ties.
SEEDS = {"opt-post-norm": 107, "opt-bare": 107}


def random_weights(model: torch.nn.Module, seed: int) -> None:
    """Large enough that attention is not uniform and no gradient is lost in rounding; norms away from 1."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape, generator=generator)
        if name.endswith("norm.weight"):
            parameter.data = 1 + 0.2 * noise
        elif name.endswith(".bias"):
            parameter.data = 0.3 * noise
        else:
            parameter.data = (0.2 if "embed" in name or "lm_head" in name else 0.15) * noise
    model.tie_weights()


# In these config.json is as transformers 4 wrote it.
OLD_STYLE = ("llama-untied", "qwen2-tied", "gpt-neox-parallel")


def old_style_rope(path: Path) -> None:
    """Rewrites config.json the way transformers 4 wrote it: rope_theta beside rope_scaling (or the names of the family), torch_dtype."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    if config["model_type"] == "gpt_neox":
        config["rotary_emb_base"], config["rotary_pct"] = rope.pop("rope_theta"), rope.pop("partial_rotary_factor")
    else:
        config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def write_model(name: str, seed: int) -> None:
    config = CONFIGS[name]
    model = AutoModelForCausalLM.from_config(config)
    random_weights(model, seed)
    path = folder("models", name)
    model.generation_config.update(bos_token_id=config.bos_token_id, eos_token_id=2, pad_token_id=config.pad_token_id)
    model.save_pretrained(path)
    # Written again in name order, so that a second run gives the same bytes.
    save_tensors(path / "model.safetensors", unique_tensors(model))
    if name in OLD_STYLE:
        old_style_rope(path / "config.json")
    tiny_tokenizer.write(path, **TOKENIZERS[name])
    check(name, model)


def unique_tensors(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    tied = set(model.all_tied_weights_keys) if model.config.tie_word_embeddings else set()
    return as_in_files(model, {name: tensor for name, tensor in model.state_dict().items() if name not in tied})


def check(name: str, model: torch.nn.Module) -> None:
    path = folder("models", name)
    again = AutoModelForCausalLM.from_pretrained(path)
    assert all(torch.equal(tensor, again.state_dict()[key]) for key, tensor in model.state_dict().items())
    ids = torch.arange(40).reshape(1, 40)
    assert torch.equal(model.eval()(ids).logits, again.eval()(ids).logits)
    tokenizer = AutoTokenizer.from_pretrained(path)
    text = "The naïve-red bell, 12 coins 你🙂\n  twice"
    assert tokenizer.decode(tokenizer.encode(text), skip_special_tokens=True) == text
    assert tokenizer.eos_token_id == 2 and tokenizer.pad_token_id == CONFIGS[name].pad_token_id
    assert (tokenizer.encode("bell")[0] == 0) == TOKENIZERS[name].get("adds_bos", False)


def copy_with(name: str, source: str) -> Path:
    path = folder("models", name)
    for file in folder("models", source).iterdir():
        if file.name not in ("model.safetensors", "ORIGIN.md"):
            shutil.copy(file, path / file.name)
    return path


def write_copies() -> None:
    """The same weights sharded, in bfloat16 and in float16."""
    source = AutoModelForCausalLM.from_pretrained(folder("models", "llama-tied"))
    tensors = sorted(unique_tensors(source).items())
    write_shards(copy_with("llama-tied-sharded", "llama-tied"), tensors, 3)
    for suffix, dtype in (("bf16", torch.bfloat16), ("f16", torch.float16)):
        path = copy_with(f"llama-tied-{suffix}", "llama-tied")
        save_tensors(path / "model.safetensors", {key: tensor.to(dtype) for key, tensor in tensors})
        config = json.loads((path / "config.json").read_text())
        (path / "config.json").write_text(json.dumps({**config, "dtype": str(dtype)[6:]}, indent=2, sort_keys=True) + "\n")
        assert AutoModelForCausalLM.from_pretrained(path).dtype == dtype


def write_shards(path: Path, tensors: list[tuple[str, torch.Tensor]], count: int) -> None:
    weight_map, total = {}, 0
    for index in range(count):
        file = f"model-{index + 1:05d}-of-{count:05d}.safetensors"
        part = tensors[len(tensors) * index // count : len(tensors) * (index + 1) // count]
        save_tensors(path / file, dict(part))
        weight_map.update({key: file for key, _ in part})
        total += sum(tensor.numel() * tensor.element_size() for _, tensor in part)
    index_json = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (path / "model.safetensors.index.json").write_text(json.dumps(index_json, indent=2) + "\n")
    again = AutoModelForCausalLM.from_pretrained(path).state_dict()
    assert all(torch.equal(again[key], tensor) for key, tensor in tensors)


if __name__ == "__main__":
    for number, model_name in enumerate(NAMES):
        if chosen(model_name):
            write_model(model_name, SEEDS.get(model_name, 100 + number))
    if ONLY is None:
        write_copies()
    origin(
        folder("models"),
        """
Random weights, no training: nobody else's model is in here. Weights have a standard deviation of 0.15 to 0.2,
norm weights lie around 1 +- 0.2, biases have 0.3. The tokenizers are byte-level BPE of 301 entries trained on text
that `scripts/golden/sentences.py` makes up.

| Folder | What it is |
|---|---|
| `llama-tied` | Llama, tied head, 4 query and 2 key heads of 10, hidden 60; GPT-2 style pre-tokenizer; config as transformers 5 writes it |
| `llama-untied` | Llama, own head, llama3 rope scaling, heads * head_dim (48) differs from hidden (45), 307 rows for 301 tokens; tokenizer prepends `<\\|endoftext\\|>`, pad = eos; config as transformers 4 writes it |
| `qwen2-tied` | Qwen2, q/k/v biases, tied head; Qwen pre-tokenizer and NFC; config as transformers 4 writes it |
| `qwen2-untied` | Qwen2, own head, 9 query and 3 key heads of 6; template with `{% generation %}` markers |
| `opt-pre-norm` | OPT as 125m: norms first, biases, ReLU, tied head, 90 learned positions; tokenizer prepends `<\\|endoftext\\|>`, pad = eos |
| `opt-post-norm` | OPT as 350m: norms last and none at the end, `project_in` and `project_out` (33 to 54), tied head |
| `opt-bare` | OPT without biases, with norms without weights and none at the end, GELU, own head |
| `gpt-neox-parallel` | GPT-NeoX as Pythia: attention beside the MLP, 4 of 18 numbers of a head rotated, `gelu_fast`, own head, 307 rows for 301 tokens; config as transformers 4 writes it |
| `gpt-neox-sequential` | GPT-NeoX with attention before the MLP, 6 of 12 numbers of a head rotated, linear rope scaling, own head; tokenizer prepends `<\\|endoftext\\|>`, pad = eos |
| `gpt-neox-bare` | GPT-NeoX without biases in attention, whole heads rotated, `quick_gelu`, tied head |
| `llama-tied-sharded` | the weights of `llama-tied` in three files with an index |
| `llama-tied-bf16`, `llama-tied-f16` | the weights of `llama-tied` rounded to the type named |
""",
    )
