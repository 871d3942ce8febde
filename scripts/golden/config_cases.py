"""Makes test/parity/fixtures/configs: configurations that transformers loads, with what it computes by them.

`cases.json`: keys written over (null in `drop`: removed from) the config.json of models/llama-tied or qwen2-tied, the inverse frequencies and the
amplitude of the rotary embedding, and the logits of the last of 13 tokens, in float32 with eager attention. `bare` cases have weights
without the leading "model." of their names, as a LlamaModel saves them.
"""

import json
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from common import folder, origin, write_json

transformers.logging.set_verbosity_error()
IDS = [5, 17, 3, 250, 41, 9, 88, 130, 7, 299, 64, 12, 201]
THETA = {"rope_theta": 10000.0}

# name, model, written over, dropped, bare
CASES = [
    ("plain", "llama-tied", {}, [], False),
    ("pad, eos and bos -1", "llama-tied", {"pad_token_id": -1, "eos_token_id": -1, "bos_token_id": -1}, [], False),
    ("optional keys missing", "llama-tied", {}, ["max_position_embeddings", "attention_bias", "mlp_bias", "hidden_act", "pad_token_id", "rope_parameters"], False),
    ("nulls", "llama-tied", {"rope_scaling": None, "rope_parameters": None, "quantization_config": None, "partial_rotary_factor": None, "layer_types": None}, [], False),
    ("swish", "llama-tied", {"hidden_act": "swish"}, [], False),
    ("linear 0.5", "llama-tied", {"rope_parameters": {"rope_type": "linear", "factor": 0.5, **THETA}}, [], False),
    ("linear of version 4", "llama-tied", {"rope_scaling": {"type": "linear", "factor": 3.0}, "rope_theta": 10000.0}, ["rope_parameters"], False),
    ("dynamic", "llama-tied", {"rope_parameters": {"rope_type": "dynamic", "factor": 2.5, **THETA}}, [], False),
    ("yarn", "llama-tied", {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, **THETA}}, [], False),
    ("yarn of version 4, short", "llama-tied", {"rope_scaling": {"type": "yarn", "factor": 16.0, "original_max_position_embeddings": 32}, "rope_theta": 10000.0}, ["rope_parameters"], False),
    ("yarn, every key", "llama-tied", {"rope_parameters": {"rope_type": "yarn", "factor": 8.0, "beta_fast": 20, "beta_slow": 2, "mscale": 0.8, "mscale_all_dim": 0.5, "truncate": False, "original_max_position_embeddings": 64, **THETA}}, [], False),
    ("yarn, attention factor", "qwen2-tied", {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "attention_factor": 1.5, "original_max_position_embeddings": 64, "rope_theta": 1000000.0}}, [], False),
    ("yarn without the original length", "qwen2-tied", {"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1000000.0}}, [], False),
    ("llama3 without the original length", "llama-tied", {"rope_parameters": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, **THETA}}, [], False),
    ("qwen2 bare", "qwen2-tied", {}, ["max_window_layers", "sliding_window", "use_sliding_window"], True),
    ("names without model.", "llama-tied", {}, [], True),
]


def run(name: str, model: str, over: dict, drop: list, bare: bool) -> dict:
    source = folder("models", model)
    config = {key: value for key, value in {**json.loads((source / "config.json").read_text()), **over}.items() if key not in drop}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch)
        (path / "config.json").write_text(json.dumps(config))
        tensors = load_file(source / "model.safetensors")
        save_file({key.removeprefix("model.") if bare else key: value for key, value in tensors.items()}, path / "model.safetensors", metadata={"format": "pt"})
        loaded = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()
        with torch.no_grad():
            logits = loaded(input_ids=torch.tensor([IDS])).logits[0, -1]
        rotary = loaded.model.rotary_emb
        return {
            "name": name, "model": model, "over": over, "drop": drop, "bare": bare,
            "inverse_frequencies": rotary.inv_freq.tolist(), "amplitude": float(rotary.attention_scaling), "logits": logits.tolist(),
        }


def main() -> None:
    write_json(folder("configs") / "cases.json", {"ids": IDS, "cases": [run(*case) for case in CASES]})
    origin(folder("configs"), __doc__.split("\n\n", 1)[1])


if __name__ == "__main__":
    main()
