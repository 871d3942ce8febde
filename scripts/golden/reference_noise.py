"""How far the reference lies from itself: eager attention, plain loss and unfused AdamW against the stored runs.

Our tolerances must not be tighter than what this prints (largest relative differences over the steps, all float32).
"""

import json

from common import folder

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

import training
from training_cases import CASES

fused_config = training.sft_config


def plain_config(settings: dict, output: str):
    config = fused_config(settings, output)
    config.optim, config.loss_type = "adamw_torch", "nll"
    return config


def eager_base(settings: dict) -> torch.nn.Module:
    path = folder("models", settings["model"])
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")


def compare(name: str, settings: dict) -> None:
    path = folder("training", name)
    trainer, model = training.train(settings, path)
    stored = json.loads((path / "steps.json").read_text())["steps"]
    again = [entry for entry in trainer.state.log_history if "loss" in entry]

    def worst(key: str) -> float:
        return max(abs(a[key] - b[key]) / b[key] for a, b in zip(again, stored, strict=True))

    state = {key.replace(".default", ""): value for key, value in model.state_dict().items() if "lora_" in key}
    adapter = load_file(path / "final-adapter" / "adapter_model.safetensors")
    drift = max(((state[key] - value).norm() / value.norm()).item() for key, value in adapter.items())
    print(f"{name}: loss {worst('loss'):.1e}, grad_norm {worst('grad_norm'):.1e}, adapter (L2, worst tensor) {drift:.1e}")


if __name__ == "__main__":
    training.sft_config, training.load_base = plain_config, eager_base
    for case_name, case_settings in CASES.items():
        if case_settings["dtype"] == "float32":
            compare(case_name, case_settings)
