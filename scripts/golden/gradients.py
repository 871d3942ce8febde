"""Logits, loss and the gradient of every weight for one padded batch, float32, eager attention."""

from common import as_in_files, chosen, folder, origin, save_tensors

import torch
from transformers import AutoModelForCausalLM

from tiny_models import CONFIGS, NAMES

LENGTHS = (13, 9)


def batch(vocabulary: int, seed: int) -> dict[str, torch.Tensor]:
    """Two rows of 13 and 9 real tokens; labels skip a prompt, one token in the middle and the padding."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, vocabulary, (2, 13), generator=generator)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(LENGTHS):
        mask[row, :length] = 1
    ids[mask == 0] = 0
    labels = ids.masked_fill(mask == 0, -100)
    labels[0, :4] = -100
    labels[0, 7] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def run(name: str, vocabulary: int, with_gradients: bool) -> None:
    path = folder("models", name)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").train()
    inputs = batch(vocabulary, seed=7)
    output = model(**inputs)
    tensors = {**inputs, "logits": output.logits, "loss": output.loss.reshape(1)}
    if with_gradients:
        output.loss.backward()
        gradients = as_in_files(model, {key: parameter.grad for key, parameter in model.named_parameters()})
        for key, gradient in gradients.items():
            # A bias of the keys moves all scores of a query alike where nothing is rotated: softmax does not see it.
            vanishes = key.endswith("k_proj.bias") and model.config.model_type == "opt"
            assert gradient is not None and (gradient.abs().max() > 1e-5) != vanishes, key
            tensors[f"grad.{key}"] = gradient
    print(f"{name}: loss {output.loss.item():.6f}")
    save_tensors(folder("gradients", name) / "golden.safetensors", tensors)


if __name__ == "__main__":
    for model_name in filter(chosen, NAMES):
        run(model_name, CONFIGS[model_name].vocab_size, with_gradients=True)
    for copy in filter(chosen, ("llama-tied-bf16", "llama-tied-f16")):
        run(copy, CONFIGS["llama-tied"].vocab_size, with_gradients=False)
    origin(
        folder("gradients"),
        """
`<model>/golden.safetensors`, from `transformers` in float32 with eager attention:

- `input_ids`, `attention_mask`, `labels`: int64 [2, 13], right-padded rows of 13 and 9 tokens, `-100` = no target;
  labels are aligned with the inputs (the loss shifts them).
- `logits`: f32 [2, 13, vocab]. Rows at padded positions depend on how padding is done and are not for comparison.
- `loss`: f32 [1], mean over the labelled positions of both rows together.
- `grad.<name>`: f32, gradient of that loss for every weight, by its name in the file; a tied head is counted in `grad.model.embed_tokens.weight`.

`llama-tied-bf16` and `-f16` hold logits and loss only: the rounded weights, computed in float32.
""",
    )
