"""Makes test/parity/fixtures/adapter-selection: the layers on which PEFT puts LoRA for many adapter_config.json.

A tiny Llama of 12 layers (so that layer 1 and layer 11 can be mixed up) gets an adapter by each configuration; `selection.json` holds the
configuration as PEFT writes it and the paths of the layers that it adapted.
"""

import json
import tempfile
from pathlib import Path

from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from transformers import LlamaConfig, LlamaForCausalLM

from common import folder, origin, write_json

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
CONFIGS = {
    "names": {"target_modules": ["q_proj", "v_proj"]},
    "all-linear": {"target_modules": "all-linear"},
    "one layer": {"target_modules": ["q_proj", "v_proj"], "layers_to_transform": 1},
    "some layers": {"target_modules": ALL, "layers_to_transform": [0, 11]},
    "layers by pattern": {"target_modules": ["q_proj"], "layers_to_transform": [1, 2], "layers_pattern": "layers"},
    "layers by patterns": {"target_modules": ["q_proj"], "layers_to_transform": [1], "layers_pattern": ["h", "layers"]},
    "excluded names": {"target_modules": ALL, "exclude_modules": ["down_proj", "self_attn.o_proj"]},
    "excluded path": {"target_modules": ["q_proj"], "exclude_modules": ["model.layers.1.self_attn.q_proj"]},
    "excluded pattern": {"target_modules": ["q_proj", "up_proj"], "exclude_modules": r".*\.layers\.(?:0|1|2)\..*"},
    "pattern": {"target_modules": r".*\.layers\.\d\.self_attn\.(q|v)_proj"},
    "paths": {"target_modules": ["model.layers.1.self_attn.q_proj", "model.layers.11.mlp.up_proj"]},
    "path and layers": {"target_modules": ["model.layers.1.self_attn.q_proj", "k_proj"], "layers_to_transform": [5]},
    "end of a path": {"target_modules": ["1.self_attn.q_proj", "mlp.up_proj"]},
}


def model() -> LlamaForCausalLM:
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=7, hidden_size=8, intermediate_size=8, num_hidden_layers=12, num_attention_heads=2, num_key_value_heads=1,
    ))


def run(settings: dict) -> dict:
    adapted = get_peft_model(model(), LoraConfig(r=1, task_type="CAUSAL_LM", **settings))
    paths = [path.removeprefix("base_model.model.") for path, module in adapted.named_modules() if isinstance(module, LoraLayer)]
    with tempfile.TemporaryDirectory() as scratch:
        adapted.save_pretrained(scratch)
        config = json.loads((Path(scratch) / "adapter_config.json").read_text())
    keys = ("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern")
    return {**{key: sorted(config[key]) if isinstance(config[key], list) and key != "layers_to_transform" else config[key] for key in keys}, "paths": paths}


def main() -> None:
    path = folder("adapter-selection")
    everything = [f"model.layers.{layer}.{part}" for layer in range(12) for part in
                  [*(f"self_attn.{name}" for name in ALL[:4]), *(f"mlp.{name}" for name in ALL[4:])]]
    write_json(path / "selection.json", {"all": everything, "cases": {name: run(settings) for name, settings in CONFIGS.items()}})
    origin(path, __doc__.split("\n\n", 1)[1])


if __name__ == "__main__":
    main()
