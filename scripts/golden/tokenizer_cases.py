"""Makes test/parity/fixtures/tokenizers: what transformers makes of tokenizer_class, flags and added tokens, as ids.

Two tiny tokenizer.json of our own (byte level as GPT-2's, pieces as SentencePiece's) are loaded with AutoTokenizer under many
tokenizer_config.json; `cases.json` holds each configuration with the ids and texts that came out, `classes.json` what each class
of the library does with the byte-level file: takes it as it stands, builds its own pipeline, or refuses it.
"""

import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from common import folder, origin, write_json
from sentences import corpus

import transformers
from transformers import AutoTokenizer
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

transformers.logging.set_verbosity_error()

STRINGS = [
    "", " ", "a", " a", "  two  spaces   three", "Hello\u00a0world", "line\nnext\n\nthird\r\n", "\n", "\ttab", "12345 and 6.78, 1 2",
    "天空是蓝色的。", "你好，世界！ 好", "é e\u0301 \ufb01 Å A\u030a", "\U0001f600\U0001f469\u200d\U0001f680", "don't I'LL we're", "<s>a</s> b",
    "<s> a", "a<s>b", "<|endoftext|> x<|endoftext|>", "x <|im_start|> y<|im_end|>\n z", "[PAD] [X]a [X] b", "▁a ▁ b", "\u0001\u007f", "हिन्दी में",
]


def byte_level() -> dict:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    )
    tokenizer.train_from_iterator([*corpus(), "1 12 123 2024 don't I'll we're é Å"] * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B:1", special_tokens=[("<s>", 3)])
    return json.loads(tokenizer.to_str())


def pieces() -> dict:
    """As convert_slow_tokenizer of transformers 4 wrote a Llama 2 tokenizer: prepend and replace, byte fallback."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(content=" ", left=1)]
    )
    special = ["<unk>", "<s>", "</s>", *[f"<0x{byte:02X}>" for byte in range(256)]]
    trainer = trainers.BpeTrainer(vocab_size=380, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([line.replace(" ", " ") for line in corpus()], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = data["added_tokens"][:3]
    return data


def without_post_processor(data: dict) -> dict:
    return {**data, "post_processor": None}


def added(content: str, special: bool = True, **flags) -> dict:
    return {"content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": special, **flags}


FLAGS = [{"add_bos_token": bos, "add_eos_token": eos} for bos, eos in [(False, False), (True, True), (True, False)]]
IM = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "bos_token": None}
DECODER = {"0": added("<|endoftext|>"), "1": added("<|im_start|>"), "2": added("<|im_end|>", rstrip=True), "3": added("<s>"), "900": added("[X]", lstrip=True), "901": added("tool", False, normalized=True)}

# name, file, tokenizer_config, other files, model_type
CASES = [
    *[(f"{cls} {flags['add_bos_token']} {flags['add_eos_token']}", "bytes", {**IM, **flags, "tokenizer_class": cls}, {}, "llama")
      for cls in ("PreTrainedTokenizerFast", "GPT2Tokenizer", "Qwen2Tokenizer") for flags in FLAGS],
    *[(f"LlamaTokenizer {flags['add_bos_token']} {flags['add_eos_token']}", "pieces", {**flags, "tokenizer_class": "LlamaTokenizer"}, {}, "llama") for flags in FLAGS],
    ("flags without a post-processor", "bytes-plain", {**IM, **FLAGS[1], "tokenizer_class": "PreTrainedTokenizerFast"}, {}, "llama"),
    *[(f"{cls} {json.dumps(extra)}", "pieces", {"tokenizer_class": cls, **extra}, {}, "llama")
      for cls in ("LlamaTokenizer", "LlamaTokenizerFast")
      for extra in ({}, {"legacy": False}, {"legacy": True}, {"legacy": None}, {"add_prefix_space": False}, {"add_prefix_space": None, "legacy": True})],
    ("pieces as they stand", "pieces", {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>"}, {}, "llama"),
    ("pieces without a class", "pieces", {}, {}, "llama"),
    ("pieces, class of config.json", "pieces", {}, {"config.json": {"model_type": "llama", "tokenizer_class": "LlamaTokenizer"}}, "llama"),
    ("CodeLlamaTokenizer", "pieces", {"tokenizer_class": "CodeLlamaTokenizer"}, {}, "llama"),
    *[(f"{cls} bare", "bytes", {"tokenizer_class": cls}, {}, "llama") for cls in ("GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "GPTNeoXTokenizer", "Qwen2TokenizerFast", "Qwen3_5Tokenizer", "PreTrainedTokenizerFast", "Nobody")],
    ("GPT2Tokenizer prefix space", "bytes", {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True}, {}, "llama"),
    *[(f"qwen2 model, {cls}", "bytes", {**IM, **({"tokenizer_class": cls} if cls else {})}, {}, "qwen2") for cls in ("PreTrainedTokenizerFast", "LlamaTokenizerFast", "Qwen2Tokenizer", None)],
    *[(f"added_tokens_decoder, {cls}", "bytes", {**IM, "tokenizer_class": cls, "added_tokens_decoder": DECODER}, {"special_tokens_map.json": {"eos_token": "<s>", "pad_token": "[PAD]"}, "added_tokens.json": {"[never]": 950}}, "llama")
      for cls in ("PreTrainedTokenizerFast", "GPT2Tokenizer", "Qwen2Tokenizer")],
    *[(f"special_tokens_map and added_tokens.json, {cls}", "bytes", {**IM, "tokenizer_class": cls},
       {"special_tokens_map.json": {"eos_token": {"content": "<s>", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}, "additional_special_tokens": ["[X]"]}, "added_tokens.json": {"[X]": 331, "tool": 330}}, "llama")
      for cls in ("PreTrainedTokenizerFast", "GPT2Tokenizer")],
    ("pad outside the vocabulary", "bytes", {**IM, "pad_token": "[PAD]", "tokenizer_class": "PreTrainedTokenizerFast"}, {}, "llama"),
    ("extra tokens as a list", "bytes", {**IM, "tokenizer_class": "PreTrainedTokenizerFast", "additional_special_tokens": ["[X]", "<|im_start|>"]}, {}, "llama"),
    ("extra tokens by name", "bytes", {**IM, "tokenizer_class": "PreTrainedTokenizerFast", "extra_special_tokens": {"tool_token": "[X]"}, "image_token": "[PAD]"}, {}, "llama"),
    ("AddedToken objects", "bytes", {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": {"__type": "AddedToken", **added("<|im_end|>")}, "pad_token": {"__type": "AddedToken", **added("[X]", lstrip=True)}}, {}, "llama"),
    *[(f"vocab.json and merges.txt, {cls} {flags}", "vocab", {**IM, **flags, "tokenizer_class": cls, "added_tokens_decoder": DECODER}, {}, "llama")
      for cls in ("GPT2Tokenizer", "Qwen2Tokenizer") for flags in ({}, FLAGS[1])],
]


def write_folder(path: Path, file: dict | None, config: dict, others: dict, model_type: str) -> None:
    if file is not None:
        (path / "tokenizer.json").write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    for name, value in {"config.json": {"model_type": model_type}, "tokenizer_config.json": config, **others}.items():
        (path / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def run(files: dict, name: str, file: str, config: dict, others: dict, model_type: str) -> dict:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch)
        write_folder(path, None if file == "vocab" else files[file], config, others, model_type)
        if file == "vocab":
            model = files["bytes"]["model"]
            (path / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False), encoding="utf-8")
            merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
            (path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
        tokenizer = AutoTokenizer.from_pretrained(path)
        ids = [tokenizer(text)["input_ids"] for text in STRINGS]
        plain = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in STRINGS]
        return {
            "name": name, "file": file, "config": config, "others": others, "model_type": model_type,
            "class": type(tokenizer).__name__, "named": tokenizer.special_tokens_map, "size": len(tokenizer),
            "ids": ids, "plain": plain,
            "texts": [tokenizer.decode(row) for row in ids], "without_special": [tokenizer.decode(row, skip_special_tokens=True) for row in ids],
            "offsets": [[end for pair in tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"] for end in pair] for text in STRINGS],
        }


def class_effect(file: dict, name: str) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch)
        write_folder(path, file, {"tokenizer_class": name}, {}, "llama")
        try:
            loaded = json.loads(AutoTokenizer.from_pretrained(path).backend_tokenizer.to_str())
        except Exception:
            return "refused"
    parts = ("normalizer", "pre_tokenizer", "decoder", "post_processor")
    return "as it stands" if all(loaded[part] == file[part] for part in parts) else "rebuilt"


def main() -> None:
    path = folder("tokenizers")
    files = {"bytes": byte_level(), "pieces": pieces()}
    files["bytes-plain"] = without_post_processor(files["bytes"])
    for name, data in files.items():
        (path / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    write_json(path / "cases.json", {"strings": STRINGS, "cases": [run(files, *case) for case in CASES]})
    known = sorted({name for name in TOKENIZER_MAPPING_NAMES.values() if name} | {"CodeGenTokenizer", "PreTrainedTokenizer", "PreTrainedTokenizerFast", "Nobody", "InternLM2Tokenizer"})
    effects = {name: class_effect(files["bytes"], name) for name in known if name != "RagTokenizer"}
    write_json(path / "classes.json", effects)
    origin(path, __doc__.split("\n\n", 1)[1])


if __name__ == "__main__":
    main()
