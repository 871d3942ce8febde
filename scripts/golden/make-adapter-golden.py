"""Writes test/parity/fixtures/adapter: a tiny random Llama and LoRA adapters saved by the real PEFT.

Run with the pinned reference stack (torch 2.13, transformers 5.18, peft 0.21):
    PYTHONHASHSEED=0 python scripts/golden/make-adapter-golden.py test/parity/fixtures/adapter
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

IDS = [[1, 7, 3, 30, 12, 5, 2]]


def tiny_model() -> LlamaForCausalLM:
    torch.manual_seed(7)
    # Odd sizes, grouped queries and an explicit head_dim, so that no two dimensions can be swapped unnoticed.
    config = LlamaConfig(
        vocab_size=37, hidden_size=24, intermediate_size=44, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=64, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )
    return LlamaForCausalLM(config).eval()


def randomise(model) -> None:
    generator = torch.Generator().manual_seed(11)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.2


def save(folder: Path, name: str, config: LoraConfig) -> None:
    model = get_peft_model(tiny_model(), config)
    randomise(model)
    model.eval()
    model.peft_config["default"].base_model_name_or_path = "tiny-llama"
    model.save_pretrained(folder / name)
    (folder / name / "README.md").unlink(missing_ok=True)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor(IDS)).logits
    scales = {
        path.removeprefix("base_model.model."): module.scaling["default"]
        for path, module in model.named_modules() if isinstance(module, LoraLayer)
    }
    sums = {
        key: [tensor.double().sum().item(), tensor.flatten()[-1].item()]
        for key, tensor in model.state_dict().items() if "lora_" in key
    }
    golden = {"input_ids": IDS, "logits": logits.tolist(), "scaling": scales, "sum_and_last": sums}
    (folder / name / "golden.json").write_text(json.dumps(golden))


def save_dtypes(folder: Path) -> None:
    """Every dtype torch can save in one file, and float conversions of awkward values."""
    generator = torch.Generator().manual_seed(3)
    bits = torch.randint(-(2**31), 2**31, (3000,), generator=generator, dtype=torch.int64).to(torch.int32)
    # Half ties, subnormals and overflow borders lie at exponents that uniform bits seldom hit.
    near_half = (torch.randint(0, 2, (3000,), generator=generator) << 31) | (
        torch.randint(0x32800000, 0x47900000, (3000,), generator=generator) & ~0xFFF
    )
    near_half = torch.where(near_half >= 2**31, near_half - 2**32, near_half).to(torch.int32)
    x = torch.cat([bits, near_half]).view(torch.float32)
    tensors = {"float": x, "half": x.half(), "brain": x.bfloat16(), "double": torch.randn(5, dtype=torch.float64, generator=generator)}
    for dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool):
        tensors[str(dtype)] = torch.arange(7).to(dtype)
    for dtype in (torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2, torch.complex64):
        tensors[str(dtype)] = torch.arange(3).float().to(dtype)
    tensors["empty"] = torch.zeros(0, 4)
    tensors["scalar \u00e9"] = torch.tensor(2.5)
    save_file(tensors, folder / "dtypes.safetensors", metadata={"format": "pt"})


def main() -> None:
    folder = Path(sys.argv[1])
    origin = (folder / "ORIGIN.md").read_text()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_dtypes(folder)
    (folder / "ORIGIN.md").write_text(origin)
    base = tiny_model()
    base.save_pretrained(folder / "tiny-llama")
    base.save_pretrained(folder / "tiny-llama-sharded", max_shard_size="12KB")
    save(folder, "all-linear", LoraConfig(r=3, lora_alpha=6, target_modules="all-linear", task_type="CAUSAL_LM"))
    save(folder, "patterns", LoraConfig(
        r=4, lora_alpha=8, use_rslora=True, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM",
        rank_pattern={"model.layers.1.self_attn.q_proj": 2, "down_proj": 5},
        alpha_pattern={r".*\.0\.self_attn\.v_proj": 16},
    ))
    save(folder, "dora", LoraConfig(r=2, target_modules=["q_proj"], use_dora=True, task_type="CAUSAL_LM"))


if __name__ == "__main__":
    main()
