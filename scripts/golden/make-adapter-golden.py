"""Writes test/parity/fixtures/adapter: a tiny random Llama and LoRA adapters saved by the real PEFT.

Run with the pinned reference stack (torch 2.13, transformers 5.18, peft 0.21):
    python scripts/golden/make-adapter-golden.py test/parity/fixtures/adapter
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
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


def main() -> None:
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
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
