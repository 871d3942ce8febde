"""Loads a model folder of ours in the real transformers and prints logits as one JSON line.

    python scripts/golden/check-model.py MODEL_FOLDER [--ids 1,7,3]

Output: {"input_ids": [[...]], "logits": [[[...]]], "dtype": dtype as transformers chose it, "chat_template": whether the tokenizer has one}.
"""

import argparse
import json

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--ids", default="1,7,3,30,12,5,2")
    arguments = parser.parse_args()
    ids = [[int(token) for token in arguments.ids.split(",")]]
    model, loading = AutoModelForCausalLM.from_pretrained(arguments.model, output_loading_info=True)
    assert not any(loading[name] for name in ("missing_keys", "unexpected_keys", "mismatched_keys")), loading
    with torch.no_grad():
        logits = model.eval()(input_ids=torch.tensor(ids)).logits
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    print(json.dumps({"input_ids": ids, "logits": logits.tolist(), "dtype": str(model.dtype), "chat_template": tokenizer.chat_template is not None}))


if __name__ == "__main__":
    main()
