"""Fine-tunes adapters with modules trained whole beside them (PEFT's modules_to_save) and records every step exactly."""

import json

from common import folder, origin, save_tensors, write_json

import torch
from peft import LoraConfig, PeftModel, get_peft_model

from training import encoded_rows, load_base, micro_batch_rows, recipe, save_adapter, step_records, train
from training_cases import SAVED_MODULES_CASES


def write_initial_adapter(path, settings: dict) -> None:
    """Random A and B; the modules start as copies of the base's."""
    model = get_peft_model(load_base(settings), LoraConfig(
        r=settings["lora_r"], lora_alpha=settings["lora_alpha"], lora_dropout=0.0, bias="none", target_modules=settings["target_modules"],
        modules_to_save=settings["modules_to_save"], task_type="CAUSAL_LM",
    ))
    generator = torch.Generator().manual_seed(5)
    for name, parameter in sorted(model.named_parameters()):
        if "lora_" in name:
            parameter.data = settings["adapter_std"] * torch.randn(parameter.shape, generator=generator)
    save_adapter(model, path, settings)


def write_tuned(model: PeftModel, path) -> None:
    ids = torch.arange(3, 3 + 34).reshape(2, 17) * 7 % 301
    model.eval()
    with torch.no_grad():
        save_tensors(path / "tuned.safetensors", {"input_ids": ids, "logits": model(input_ids=ids).logits.float()})


def fresh_recipe(ours: dict, settings: dict) -> dict:
    return {**ours, "lora": {**ours["lora"], "modules_to_save": settings["modules_to_save"]}}


def run(name: str, settings: dict) -> None:
    path = folder("saved-modules", name)
    write_initial_adapter(path / "initial-adapter", settings)
    trainer, model = train(settings, path)
    records = step_records(trainer, micro_batch_rows(trainer, encoded_rows(trainer)))
    trainable = {name for name, parameter in model.named_parameters() if parameter.requires_grad and "lora_" not in name}
    print(f"{name}: loss {records['steps'][0]['loss']:.4f} -> {records['steps'][-1]['loss']:.4f}, trained whole: {sorted(trainable)}")
    assert len(trainable) == len(settings["modules_to_save"])
    write_json(path / "recipe.json", fresh_recipe(recipe(settings), settings))
    write_json(path / "steps.json", {"steps": records["steps"]})
    save_adapter(model, path / "final-adapter", settings)
    config = json.loads((path / "final-adapter" / "adapter_config.json").read_text())
    assert sorted(config["modules_to_save"]) == sorted(settings["modules_to_save"])
    write_tuned(model, path)


NOTE = """
One folder a case of `SAVED_MODULES_CASES` in `scripts/golden/training_cases.py`: runs of TRL's SFTTrainer with a PEFT adapter that also trains
modules whole (`modules_to_save`). On a tied model PEFT makes a copy of each module that is named and leaves the other as it was: with
`embed_tokens` alone the head stays the base's. Files as in `../training`.
"""

if __name__ == "__main__":
    for case_name, case_settings in SAVED_MODULES_CASES.items():
        run(case_name, case_settings)
    origin(folder("saved-modules"), NOTE)
