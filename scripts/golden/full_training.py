"""Fine-tunes every weight of the tiny models with TRL and records every step exactly."""

import tempfile

from common import as_in_files, chosen, folder, origin, save_tensors, write_json

import torch
from datasets import Dataset
from transformers import AutoTokenizer, PrinterCallback

from training import RecordingSFTTrainer, encoded_rows, load_base, micro_batch_rows, recipe, sft_config, step_records
from training_cases import DATASETS, FULL_CASES


def train(settings: dict) -> tuple[RecordingSFTTrainer, torch.nn.Module]:
    model = load_base(settings)
    assert all(p.dtype == torch.float32 and p.requires_grad for p in model.parameters())
    with tempfile.TemporaryDirectory() as output:
        trainer = RecordingSFTTrainer(
            model=model, args=sft_config(settings, output),
            processing_class=AutoTokenizer.from_pretrained(folder("models", settings["model"])),
            train_dataset=Dataset.from_list(DATASETS[settings["dataset"]]()),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return trainer, model


def write_tuned(model: torch.nn.Module, path) -> None:
    ids = torch.arange(3, 3 + 34).reshape(2, 17) * 7 % 301
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=ids).logits
    weights = {f"weight.{name}": parameter for name, parameter in as_in_files(model, dict(model.named_parameters())).items()}
    save_tensors(path / "tuned.safetensors", {"input_ids": ids, "logits": logits.float(), **weights})


def full_recipe(settings: dict) -> dict:
    ours = {name: value for name, value in recipe(settings).items() if name not in ("adapter", "lora")}
    return {**ours, "finetuning_type": "full"}


def run(name: str, settings: dict) -> None:
    path = folder("full-training", name)
    trainer, model = train(settings)
    records = step_records(trainer, micro_batch_rows(trainer, encoded_rows(trainer)))
    norms = [step["grad_norm"] for step in records["steps"]]
    assert len(norms) == settings["max_steps"]
    print(f"{name}: loss {records['steps'][0]['loss']:.4f} -> {records['steps'][-1]['loss']:.4f}, grad norm {min(norms):.3f}..{max(norms):.3f}, "
          f"clipped {sum(n > settings['max_grad_norm'] for n in norms)}")
    write_json(path / "recipe.json", full_recipe(settings))
    write_json(path / "steps.json", {"steps": records["steps"]})
    write_tuned(model, path)


NOTE = """
One folder a case of `FULL_CASES` in `scripts/golden/training_cases.py`: a run of TRL's SFTTrainer on every weight of a model of
`../models` (float32), data from `../datasets`. Weight decay is on, so that what it spares (norms, biases; spec 5.2) shows; epsilon is
1e-6, since the bias of the keys has no gradient but rounding, which 1e-8 would blow up.

| File | Content |
|---|---|
| `recipe.json` | the run as a recipe of our command line; paths are relative to the file |
| `steps.json` | for each optimizer step: loss, norm before clipping, rate used |
| `tuned.safetensors` | every weight after the last step (`weight.NAME`), and the tuned model's logits on fixed ids |
"""

if __name__ == "__main__":
    for case_name, case_settings in FULL_CASES.items():
        if chosen(case_name):
            run(case_name, case_settings)
    origin(folder("full-training"), NOTE)
