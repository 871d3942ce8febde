"""Paths, exact JSON and version notes shared by the golden-value generators."""

import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import save_file
from transformers.core_model_loading import revert_weight_conversion

torch.set_num_threads(1)

OUT = Path(os.environ["GOLDEN_OUT"]) if "GOLDEN_OUT" in os.environ else (
    Path(__file__).resolve().parents[2] / "test" / "parity" / "fixtures"
)


ONLY = os.environ.get("GOLDEN_ONLY")


def chosen(name: str) -> bool:
    """Whether a case is to be made: all are, unless one family was asked for."""
    return ONLY is None or name.startswith(ONLY)


def folder(*parts: str) -> Path:
    path = OUT.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def write_json(path: Path, value) -> None:
    """Indented outside, one line a leaf list; floats keep every digit (Python prints the shortest exact form)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_render(value, 0) + "\n", encoding="utf-8")


def _render(value, depth: int) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, (dict, list)) or not value:
        return flat
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value) and len(flat) < 4000:
        return flat
    if isinstance(value, dict):
        body = [f"{json.dumps(key)}: {_render(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + line for line in body) + f"\n{outer}}}"
    return "[\n" + ",\n".join(inner + _render(item, depth + 1) for item in value) + f"\n{outer}]"


def write_jsonl(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def save_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().clone().contiguous() for k, v in sorted(tensors.items())}, path, metadata={"format": "pt"})


def as_in_files(model, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors by the names that files have: transformers 5 calls some otherwise in memory (the head of GPT-NeoX)."""
    return revert_weight_conversion(model, tensors)


MADE = "Made by `scripts/golden/make-all.sh` on the CPU with one thread"


def origin(path: Path, text: str) -> None:
    """The note of origin every fixture folder carries. What `--only` leaves as it is keeps the stack that it was made with."""
    from importlib.metadata import version

    stack = ", ".join(f"{p} {version(p)}" for p in ("torch", "transformers", "peft", "trl", "accelerate", "tokenizers", "datasets"))
    made = [f"{MADE} ({stack})."]
    if ONLY is not None and (path / "ORIGIN.md").exists():
        rest, mine = made_before(path / "ORIGIN.md"), f"Those whose names begin with `{ONLY}`: {stack}."
        made = rest if made[0] in rest else [*(line for line in rest if not line.startswith(mine.split(":")[0] + ":")), mine]
    (path / "ORIGIN.md").write_text(f"# Origin\n\n{text.strip()}\n\n" + "\n".join(made) + "\n", encoding="utf-8")


def made_before(note: Path) -> list[str]:
    lines = note.read_text(encoding="utf-8").splitlines()
    return lines[next(number for number, line in enumerate(lines) if line.startswith(MADE)) :]
