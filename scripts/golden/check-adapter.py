"""Loads an adapter folder of ours in the real PEFT and prints logits as one JSON line.

    python scripts/golden/check-adapter.py ADAPTER_FOLDER MODEL_FOLDER [--ids 1,7,3] [--merged]

Output: {"input_ids": [[...]], "logits": [[[...]]], "scaling": {module path: scale}}. Base weights in float32.
"""

import argparse
import json

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import AutoModelForCausalLM


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("adapter")
    parser.add_argument("model")
    parser.add_argument("--ids", default="1,7,3,30,12,5,2")
    parser.add_argument("--merged", action="store_true", help="merge the adapter into the weights first")
    arguments = parser.parse_args()
    ids = [[int(token) for token in arguments.ids.split(",")]]
    base = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    model = PeftModel.from_pretrained(base, arguments.adapter).eval()
    scaling = {
        path.removeprefix("base_model.model."): module.scaling["default"]
        for path, module in model.named_modules() if isinstance(module, LoraLayer)
    }
    runnable = model.merge_and_unload() if arguments.merged else model
    with torch.no_grad():
        logits = runnable(input_ids=torch.tensor(ids)).logits
    print(json.dumps({"input_ids": ids, "logits": logits.tolist(), "scaling": scaling}))


if __name__ == "__main__":
    main()
