"""Greedy continuations of the tiny models, and the logits processors one by one."""

from common import ONLY, chosen, folder, origin, write_json

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessorList
from transformers.generation import logits_process as lp

from tiny_models import NAMES

PROMPTS = ["The green lamp by the", "What waits at dusk?\n", "你好, ", "It cost 12"]
# Below this distance between the best two scores a choice could turn on rounding: such prompts are refused.
SMALLEST_GAP = 2e-4


def greedy(model, ids: list[int], **options) -> dict:
    prompt = torch.tensor([ids])
    output = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), do_sample=False, return_dict_in_generate=True, output_scores=True, **options
    )
    best = torch.stack(output.scores)[:, 0].topk(2, dim=-1).values
    gap = (best[:, 0] - best[:, 1]).min().item()
    assert gap > SMALLEST_GAP, f"a tie within {gap}: choose another prompt"
    return {"prompt_ids": ids, **options, "smallest_gap": gap, "output_ids": output.sequences[0, len(ids) :].tolist()}


def continuations(name: str) -> list[dict]:
    path = folder("models", name)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(path)
    records = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt)
        plain = greedy(model, ids, max_new_tokens=24, eos_token_id=2)
        records.append(plain)
        for penalty in (1.3, 0.8):
            records.append(greedy(model, ids, max_new_tokens=24, eos_token_id=2, repetition_penalty=penalty))
        # A token that really comes up serves as the end, so that stopping is seen; it stays in the output.
        end = greedy(model, ids, max_new_tokens=24, eos_token_id=2, repetition_penalty=1.3)["output_ids"][6]
        stopped = greedy(model, ids, max_new_tokens=24, eos_token_id=[2, end], repetition_penalty=1.3)
        assert stopped["output_ids"][-1] == end and len(stopped["output_ids"]) <= 7
        records.append(stopped)
    records.append(greedy(model, tokenizer.encode(PROMPTS[0]), max_new_tokens=1, eos_token_id=2))
    for record in records:
        record["prompt"] = tokenizer.decode(record["prompt_ids"])
        record["text"] = tokenizer.decode(record["output_ids"], skip_special_tokens=True)
    return records


def chain(options: dict) -> LogitsProcessorList:
    """In the order of transformers' generate: penalty, temperature, top-k, top-p, min-p."""
    made = {
        "repetition_penalty": lp.RepetitionPenaltyLogitsProcessor, "temperature": lp.TemperatureLogitsWarper,
        "top_k": lp.TopKLogitsWarper, "top_p": lp.TopPLogitsWarper, "min_p": lp.MinPLogitsWarper,
    }
    return LogitsProcessorList([make(options[key]) for key, make in made.items() if key in options])


OPTIONS = [
    {"repetition_penalty": 1.5}, {"repetition_penalty": 0.7}, {"temperature": 0.7}, {"temperature": 2.5}, {"top_k": 1}, {"top_k": 3},
    {"top_k": 50}, {"top_p": 0.9}, {"top_p": 0.3}, {"top_p": 0.01}, {"min_p": 0.1}, {"min_p": 0.6},
    {"temperature": 0.7, "top_k": 4, "top_p": 0.8}, {"repetition_penalty": 1.1, "temperature": 0.7, "top_k": 5, "top_p": 0.8},
    {"repetition_penalty": 1.2, "temperature": 1.4, "top_k": 8, "top_p": 0.95, "min_p": 0.08},
]


def processors() -> list[dict]:
    """Scores after processing; null stands for minus infinity."""
    generator = torch.Generator().manual_seed(9)
    inputs = [
        ("random", torch.randn(11, generator=generator) * 2, [3, 3, 7, 0]),
        ("ties", torch.tensor([1.0, 1.0, 1.0, 0.0, -1.0, -1.0, 0.5, 0.5, 2.0, 2.0, -3.0]), [8, 4]),
        ("peaked", torch.tensor([12.0, 1.0, 0.0, -4.0, 0.0, 3.0, 2.5, -9.0, 1e-3, 0.0, -0.0]), [0, 9]),
    ]
    records = []
    for name, scores, context in inputs:
        for options in OPTIONS:
            after = chain(options)(torch.tensor([context]), scores[None].clone())[0]
            probabilities = after.softmax(-1).tolist()
            after = [None if value == float("-inf") else value for value in after.tolist()]
            records.append({"input": name, "scores": scores.tolist(), "context_ids": context, **options,
                            "after": after, "probabilities": probabilities})
    return records


if __name__ == "__main__":
    path = folder("generation")
    for model_name in filter(chosen, NAMES):
        write_json(path / f"{model_name}.json", continuations(model_name))
    if ONLY is None:
        write_json(path / "processors.json", processors())
    origin(
        path,
        """
- `<model>.json`: greedy `generate` in float32, one prompt at a time. `eos_token_id` is a number or a list; the token that
  ended the text is the last of `output_ids`. `smallest_gap` is the least distance between the two best scores of any step
  (after the penalty), so an engine whose logits differ by less must choose the same tokens. The prompt's ids include what
  the tokenizer adds by default.
- `processors.json`: scores before and after the processors named in a record, in the order repetition penalty,
  temperature, top-k, top-p, min-p; `null` stands for minus infinity; `probabilities` is the softmax of what is left.
""",
    )
