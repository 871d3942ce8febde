"""Fine-tunes the tiny models with TRL + PEFT and records every step exactly."""

import json
import tempfile
from pathlib import Path

from common import chosen, folder, origin, save_tensors, write_json, write_jsonl

import torch
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
from transformers.utils import logging as transformers_logging
from trl import SFTConfig, SFTTrainer

from training_cases import CASES, DATASETS

transformers_logging.disable_progress_bar()
disable_progress_bars()


class RecordingSFTTrainer(SFTTrainer):
    """SFTTrainer that remembers the token ids of each micro-batch by optimizer step."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.micro_batches: dict[int, list[dict]] = {}

    def training_step(self, model, inputs, *args, **kwargs):
        kept = {key: inputs[key].tolist() for key in ("input_ids", "labels", "position_ids") if key in inputs}
        self.micro_batches.setdefault(self.state.global_step + 1, []).append(kept)
        return super().training_step(model, inputs, *args, **kwargs)


def load_base(settings: dict) -> torch.nn.Module:
    return AutoModelForCausalLM.from_pretrained(folder("models", settings["model"]), dtype=getattr(torch, settings["dtype"]))


def write_initial_adapter(path: Path, settings: dict) -> None:
    """Random A and B: with B = 0 the first steps would say nothing about the gradient of A."""
    model = get_peft_model(
        load_base({**settings, "dtype": "float32"}),
        LoraConfig(
            r=settings["lora_r"], lora_alpha=settings["lora_alpha"], lora_dropout=settings["lora_dropout"], bias="none",
            use_rslora=settings["use_rslora"], target_modules=settings["target_modules"], task_type="CAUSAL_LM",
        ),
    )
    generator = torch.Generator().manual_seed(5)
    for name, parameter in sorted(model.named_parameters()):
        if "lora_" in name:
            spread = settings["adapter_std"] * (2 if "lora_A" in name else 1)
            parameter.data = spread * torch.randn(parameter.shape, generator=generator)
    save_adapter(model, path, settings)


def save_adapter(model: PeftModel, path: Path, settings: dict) -> None:
    """PEFT's own files, with the machine's path and the unordered lists made the same on every run."""
    model.save_pretrained(path, save_embedding_layers=False)
    (path / "README.md").unlink(missing_ok=True)
    save_tensors(path / "adapter_model.safetensors", load_file(path / "adapter_model.safetensors"))
    config = json.loads((path / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = settings["model"]
    config["target_modules"] = sorted(config["target_modules"])
    (path / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def sft_config(settings: dict, output: str) -> SFTConfig:
    names = (
        "max_steps max_length packing assistant_only_loss per_device_train_batch_size gradient_accumulation_steps "
        "learning_rate lr_scheduler_type warmup_steps weight_decay adam_beta1 adam_beta2 adam_epsilon max_grad_norm seed"
    ).split()
    evaluation = (
        {"eval_strategy": "steps", "eval_steps": settings["eval_steps"],
         "per_device_eval_batch_size": settings["per_device_eval_batch_size"]}
        if "eval_dataset" in settings else {}
    )
    later = {name: settings[name] for name in ("optim", "optim_args", "packing_strategy", "padding_free") if name in settings}
    return SFTConfig(
        output_dir=output, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False, logging_steps=1,
        save_strategy="no", report_to="none", disable_tqdm=True, **{name: settings[name] for name in names}, **later, **evaluation,
    )


def train(settings: dict, path: Path) -> tuple[RecordingSFTTrainer, PeftModel]:
    model = PeftModel.from_pretrained(load_base(settings), path / "initial-adapter", is_trainable=True)
    assert all(p.dtype == torch.float32 for p in model.parameters() if p.requires_grad)
    evaluation = DATASETS[settings["eval_dataset"]]() if "eval_dataset" in settings else None
    with tempfile.TemporaryDirectory() as output:
        trainer = RecordingSFTTrainer(
            model=model, args=sft_config(settings, output),
            processing_class=AutoTokenizer.from_pretrained(folder("models", settings["model"])),
            train_dataset=Dataset.from_list(DATASETS[settings["dataset"]]()),
            eval_dataset=Dataset.from_list(evaluation) if evaluation else None,
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return trainer, model


def encoded_rows(trainer: RecordingSFTTrainer) -> list[dict]:
    keys = [key for key in ("input_ids", "labels", "seq_lengths") if key in trainer.train_dataset.column_names]
    return [{key: row[key] for key in keys} for row in trainer.train_dataset]


def micro_batch_rows(trainer: RecordingSFTTrainer, rows: list[dict]) -> list[list[list[int]]]:
    """For each step, for each micro-batch, the indices of the encoded rows it was made of."""
    def matches(row: dict, ids: list[int]) -> bool:
        return ids[: len(row["input_ids"])] == row["input_ids"]

    def row_of(ids: list[int]) -> int:
        """The longest match: a row may be the beginning of another."""
        return max((i for i, row in enumerate(rows) if matches(row, ids)), key=lambda i: len(rows[i]["input_ids"]))

    def rows_of(batch: dict) -> list[int]:
        if "position_ids" not in batch:
            return [row_of(ids) for ids in batch["input_ids"]]
        flat, found = batch["input_ids"][0], []
        while flat:
            found.append(row_of(flat))
            flat = flat[len(rows[found[-1]]["input_ids"]) :]
        return found

    return [[rows_of(batch) for batch in batches] for _, batches in sorted(trainer.micro_batches.items())]


def step_records(trainer: RecordingSFTTrainer, order: list) -> dict:
    history = trainer.state.log_history
    names = ("loss", "grad_norm", "learning_rate", "mean_token_accuracy", "entropy", "num_tokens", "epoch")
    steps = [
        {"step": entry["step"], **{name: entry[name] for name in names if name in entry}, "micro_batches": order[entry["step"] - 1]}
        for entry in history if "loss" in entry
    ]
    evaluations = [
        {"step": entry["step"], "eval_loss": entry["eval_loss"], "eval_mean_token_accuracy": entry.get("eval_mean_token_accuracy")}
        for entry in history if "eval_loss" in entry
    ]
    return {"steps": steps, "evaluations": evaluations}


def write_tuned(model: PeftModel, path: Path) -> None:
    """Logits of the tuned model on fixed ids, with the adapter beside the base and merged into it."""
    ids = torch.arange(3, 3 + 34).reshape(2, 17) * 7 % 301
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=ids).logits
        merged = model.merge_and_unload(safe_merge=True)(input_ids=ids).logits
    save_tensors(path / "tuned.safetensors", {"input_ids": ids, "logits": logits.float(), "merged_logits": merged.float()})


def recipe(settings: dict) -> dict:
    """The same run as a recipe of our command line; paths are relative to the recipe's folder."""
    loss = "assistant" if settings["assistant_only_loss"] else "completion" if "prompt" in settings["dataset"] else "all"
    same = (
        "max_length max_steps per_device_train_batch_size gradient_accumulation_steps learning_rate lr_scheduler_type "
        "warmup_steps weight_decay adam_beta1 adam_beta2 adam_epsilon max_grad_norm seed"
    ).split()
    return {
        "version": 1, "model": f"../../models/{settings['model']}", "adapter": "initial-adapter",
        "dataset": {"file": f"../../datasets/{settings['dataset']}.jsonl"}, "loss": loss,
        "lora": {
            "r": settings["lora_r"], "lora_alpha": settings["lora_alpha"], "lora_dropout": settings["lora_dropout"],
            "use_rslora": settings["use_rslora"], "target_modules": settings["target_modules"],
        },
        **{name: settings[name] for name in same}, **later_fields(settings),
        "precision": "f32" if settings["dtype"] == "float32" else "bf16", "logging_steps": 1, "save_steps": 5,
    }


def later_fields(settings: dict) -> dict:
    """What only some cases say; `optim_args` has fields of their own here."""
    fields = {name: settings[name] for name in ("optim", "packing_strategy", "padding_free") if name in settings}
    if settings["packing"]:
        fields["packing"] = True
    if settings["max_length"] is None:
        fields["max_length"] = 1024
    arguments = dict(pair.split("=") for pair in settings.get("optim_args", "").split(",") if pair)
    if "momentum" in arguments:
        fields["momentum"] = float(arguments["momentum"])
    if "nesterov" in arguments:
        fields["nesterov"] = arguments["nesterov"] == "true"
    return fields


def run(name: str, settings: dict) -> None:
    path = folder("training", name)
    write_initial_adapter(path / "initial-adapter", settings)
    trainer, model = train(settings, path)
    rows = encoded_rows(trainer)
    assert len({json.dumps(row) for row in rows}) == len(rows), "rows must be told apart by their ids"
    records = step_records(trainer, micro_batch_rows(trainer, rows))
    norms = [step["grad_norm"] for step in records["steps"]]
    assert len(norms) == settings["max_steps"]
    print(f"{name}: {len(rows)} rows, loss {records['steps'][0]['loss']:.4f} -> {records['steps'][-1]['loss']:.4f}, "
          f"grad norm {min(norms):.3f}..{max(norms):.3f}, clipped {sum(n > settings['max_grad_norm'] for n in norms)}")
    write_json(path / "settings.json", settings)
    write_json(path / "recipe.json", recipe(settings))
    write_jsonl(path / "encoded.jsonl", rows)
    write_json(path / "steps.json", records)
    if settings["dtype"] == "float32":
        save_adapter(model, path / "final-adapter", settings)
        if settings.get("tuned", True):
            write_tuned(model, path)


NOTE = """
One folder a case of `scripts/golden/training_cases.py`; each is a run of TRL's SFTTrainer with a PEFT adapter on a model of
`../models`, data from `../datasets`, shuffled by the default sampler (seed 42), dropout 0, no gradient checkpointing.

| File | Content |
|---|---|
| `settings.json` | every setting, by the names of TRL, PEFT and transformers |
| `recipe.json` | the same as a recipe of our command line, where a recipe can say it (not evaluation); paths are relative to the file |
| `initial-adapter/`, `final-adapter/` | PEFT folders: random A and B before, trained A and B after |
| `encoded.jsonl` | the rows after tokenising, masking, truncating, dropping and packing, in dataset order |
| `steps.json` | for each optimizer step: loss, norm before clipping, rate used, and the rows (indices into `encoded.jsonl`) of each micro-batch; evaluation losses |
| `tuned.safetensors` | (some cases) logits of the tuned model on fixed ids, adapter beside the base (`logits`) and merged (`merged_logits`) |

The cases ending in `-bf16` have the base model in bfloat16 and adapters in float32, and keep only the records of the steps:
they are for comparison within a per cent.

The reference itself, run again with eager attention, plain loss and unfused AdamW (`scripts/golden/reference_noise.py`),
differs from the float32 records by at most 5e-7 in the loss, 1.2e-5 in the norm and 2.5e-6 (L2, worst tensor) in the
adapter, all relative: those are the floors for a tolerance.
"""

if __name__ == "__main__":
    for dataset_name, make in DATASETS.items():
        write_jsonl(folder("datasets") / f"{dataset_name}.jsonl", make())
    for case_name, case_settings in CASES.items():
        if chosen(case_name):
            run(case_name, case_settings)
    origin(folder("training"), NOTE)
    origin(folder("datasets"), "Rows made up by `scripts/golden/sentences.py`; `training_cases.py` says which case uses which file.")
