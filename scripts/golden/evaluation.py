"""Evaluation as TRL and transformers have it: what is logged, which checkpoint is the best, when a run ends early, what is held out."""

import tempfile

from common import folder, origin, write_json
from training import DATASETS, load_base, recipe, sft_config, write_initial_adapter
from training_cases import CASES

import torch
from datasets import Dataset
from peft import PeftModel
from transformers import AutoTokenizer, EarlyStoppingCallback, PrinterCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import IntervalStrategy
from trl import SFTTrainer

LOGGED = ("loss", "grad_norm", "learning_rate", "mean_token_accuracy", "entropy", "num_tokens", "epoch")
EVALUATED = ("eval_loss", "eval_mean_token_accuracy", "eval_entropy")


def lines(history: list[dict]) -> list[dict]:
    names = LOGGED + EVALUATED
    return [{"step": entry["step"], **{name: entry[name] for name in names if name in entry}} for entry in history if "loss" in entry or "eval_loss" in entry]


def logged(name: str, changes: dict) -> None:
    """A whole run whose log is not of every step, evaluated on a file of its own."""
    settings = {**CASES["qwen2-tied-messages"], **changes}
    path = folder("evaluation", name)
    write_initial_adapter(path / "initial-adapter", settings)
    model = PeftModel.from_pretrained(load_base(settings), path / "initial-adapter", is_trainable=True)
    with tempfile.TemporaryDirectory() as output:
        args = sft_config(settings, output)
        args.logging_steps = settings["logging_steps"]
        args.eval_strategy = IntervalStrategy(settings["eval_strategy"])
        trainer = SFTTrainer(
            model=model, args=args, processing_class=AutoTokenizer.from_pretrained(folder("models", settings["model"])),
            train_dataset=Dataset.from_list(DATASETS[settings["dataset"]]()), eval_dataset=Dataset.from_list(DATASETS[settings["eval_dataset"]]()),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    names = ("eval_strategy", "per_device_eval_batch_size", "logging_steps") + (("eval_steps",) if settings["eval_strategy"] == "steps" else ())
    ours = {**recipe(settings), **{key: settings[key] for key in names}, "eval_dataset": f"../../datasets/{settings['eval_dataset']}.jsonl"}
    write_json(path / "recipe.json", ours)
    write_json(path / "log.json", lines(trainer.state.log_history))
    print(f"{name}: {len(trainer.state.log_history)} lines")


# Values of the metric, evaluation by evaluation.
SCRIPTS = {
    "falls": [3, 2, 1, 0.5], "rises": [1, 2, 3, 4, 5], "ties": [1, 1, 1, 1], "comes back": [3, 2, 2.5, 2.4, 1.9, 2.2, 2.1, 2.05],
    "creeps": [1, 0.995, 0.99, 0.985, 0.98, 0.975], "waves": [2, 1.5, 1.6, 1.2, 1.25, 1.3, 1.1, 1.4, 1.5, 1.6, 1.7],
}
RULES = [
    {"metric_for_best_model": metric, "early_stopping_patience": patience, "early_stopping_threshold": threshold}
    for metric in ("loss", "mean_token_accuracy") for patience in (1, 2, 3) for threshold in (0.0, 0.01, 0.3)
]


def decisions(values: list[float], rule: dict) -> list[list]:
    """[value, is best, best metric, its step, patience counter, stops]: what EarlyStoppingCallback and Trainer._determine_best_metric make of each evaluation, in the order in which a Trainer calls them."""
    metric = rule["metric_for_best_model"]
    with tempfile.TemporaryDirectory() as output:
        args = TrainingArguments(
            output_dir=output, eval_strategy="steps", save_strategy="steps", eval_steps=1, save_steps=1, load_best_model_at_end=True, metric_for_best_model=metric,
            use_cpu=True, report_to="none",
        )
    callback = EarlyStoppingCallback(rule["early_stopping_patience"], rule["early_stopping_threshold"])
    trainer = SFTTrainer.__new__(SFTTrainer)
    trainer.args, trainer.state = args, TrainerState()
    control, found = TrainerControl(), []
    for step, value in enumerate(values, start=1):
        trainer.state.global_step = step
        metrics = {f"eval_{metric}": value}
        callback.on_evaluate(args, trainer.state, control, metrics)
        is_best = trainer._determine_best_metric(metrics, trial=None)
        found.append([value, bool(is_best), trainer.state.best_metric, trainer.state.best_global_step, callback.early_stopping_patience_counter, control.should_training_stop])
        if control.should_training_stop:
            break
    return found


def split(rows: int, held: int, seed: int) -> dict:
    train, test = torch.utils.data.random_split(range(rows), [rows - held, held], generator=torch.Generator().manual_seed(seed))
    return {"rows": rows, "held": held, "seed": seed, "train": sorted(train.indices), "test": sorted(test.indices)}


NOTE = """
| File | Content |
|---|---|
| `every-5/`, `epochs/` | TRL runs on `../models/qwen2-tied`, evaluated on `../datasets/messages-eval.jsonl`: every 5 steps with a log of every 3 steps, and after each epoch. `recipe.json` says the same as a recipe of ours, `log.json` is the log |
| `decisions.json` | what transformers' `EarlyStoppingCallback` and `Trainer._determine_best_metric` decide over scripted values, by many rules; each is `[value, is best, best metric, its step, patience counter, stops]` |
| `splits.json` | sets of torch's `random_split` with a seeded generator, sorted |
"""

if __name__ == "__main__":
    logged("every-5", {"logging_steps": 3, "eval_strategy": "steps", "max_steps": 12})
    logged("epochs", {"logging_steps": 4, "eval_strategy": "epoch", "max_steps": 14, "per_device_eval_batch_size": 5})
    write_json(folder("evaluation") / "decisions.json", [{"name": name, "rule": rule, "decisions": decisions(values, rule)} for name, values in SCRIPTS.items() for rule in RULES])
    write_json(folder("evaluation") / "splits.json", [split(*each) for each in ((10, 1, 42), (31, 7, 0), (100, 33, 4294967295), (5, 4, 7))])
    origin(folder("evaluation"), NOTE)
