"""What is trained for the parity tests: one row a case, fields named as TRL, PEFT and transformers name them."""

from sentences import chat_prompt_completion_rows, message_rows, prompt_completion_rows, text_rows

LONG_PROMPT = {"prompt": "Where is the lamp? " * 12 + "\n", "completion": "Nowhere to be seen."}
LONG_ANSWER = {"prompt": "Tell me about the mill.\n", "completion": "The amber wagon by the mill rattles all winter. " * 6}


def prompt_completion() -> list[dict]:
    """Row 4 has a prompt beyond max_length (TRL drops it), row 9 an answer that is cut."""
    rows = prompt_completion_rows(30, seed=1)
    return [*rows[:4], LONG_PROMPT, *rows[4:8], LONG_ANSWER, *rows[8:]]


DATASETS = {
    "prompt-completion": prompt_completion,
    "text": lambda: text_rows(29, seed=2),
    "messages": lambda: message_rows(31, seed=3),
    "messages-eval": lambda: message_rows(8, seed=4),
    "chat-prompt-completion": lambda: chat_prompt_completion_rows(26, seed=5),
    "text-packed": lambda: text_rows(40, seed=6),
}

# adapter_std: spread of the random initial A and B. max_grad_norm is set where some steps are clipped and some are not.
COMMON = {
    "max_steps": 20, "max_length": 96, "packing": False, "assistant_only_loss": False, "per_device_train_batch_size": 3,
    "gradient_accumulation_steps": 2, "learning_rate": 5e-3, "lr_scheduler_type": "linear", "warmup_steps": 0,
    "weight_decay": 0.0, "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8, "max_grad_norm": 1.0, "seed": 42,
    "dtype": "float32", "lora_r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "use_rslora": False,
    "target_modules": "all-linear", "adapter_std": 0.05,
}


def case(model: str, dataset: str, **changes) -> dict:
    return {"model": model, "dataset": dataset, **COMMON, **changes}


LLAMA_PROMPT = {"lr_scheduler_type": "linear", "warmup_steps": 3, "max_grad_norm": 1.0}
QWEN_MESSAGES = {
    "lr_scheduler_type": "constant", "eval_dataset": "messages-eval", "eval_steps": 5, "per_device_eval_batch_size": 3, "max_grad_norm": 1.5,
}

CASES = {
    "llama-tied-prompt-completion": case("llama-tied", "prompt-completion", **LLAMA_PROMPT),
    "llama-untied-text": case(
        "llama-untied", "text", lr_scheduler_type="cosine", weight_decay=0.01, per_device_train_batch_size=2,
        lora_r=3, lora_alpha=5, use_rslora=True, target_modules=["q_proj", "v_proj"], adapter_std=0.2, learning_rate=1e-2,
        max_grad_norm=2.0,
    ),
    "qwen2-tied-messages": case("qwen2-tied", "messages", **QWEN_MESSAGES),
    "qwen2-untied-assistant-only": case(
        "qwen2-untied", "messages", assistant_only_loss=True, lr_scheduler_type="cosine", warmup_steps=0.12,
        per_device_train_batch_size=2, lora_r=2, lora_alpha=4, max_length=80, max_grad_norm=1.7,
    ),
    "qwen2-tied-chat-prompt-completion": case(
        "qwen2-tied", "chat-prompt-completion", lr_scheduler_type="constant_with_warmup", warmup_steps=2,
        target_modules=["q_proj", "v_proj"], lora_r=5, lora_alpha=10, weight_decay=0.1, adapter_std=0.2,
        max_grad_norm=5.0,
    ),
    "opt-pre-norm-prompt-completion": case("opt-pre-norm", "prompt-completion", max_length=90, warmup_steps=2, max_grad_norm=5.0),
    "opt-post-norm-text": case(
        "opt-post-norm", "text", per_device_train_batch_size=2, lora_r=3, lora_alpha=6, weight_decay=0.01, lr_scheduler_type="cosine", max_grad_norm=5.0,
    ),
    "gpt-neox-parallel-prompt-completion": case("gpt-neox-parallel", "prompt-completion", warmup_steps=2, max_grad_norm=1.5),
    "llama-tied-packed": case(
        "llama-tied", "text-packed", packing=True, max_length=128, per_device_train_batch_size=2, gradient_accumulation_steps=3,
        max_grad_norm=2.0, lora_r=3, lora_alpha=3,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj"], adapter_std=0.2,
    ),
    # Row 4 has nothing to learn once it is cut, and takes its place in a pack all the same.
    "llama-tied-packed-cut": case(
        "llama-tied", "prompt-completion", packing=True, max_steps=6, per_device_train_batch_size=7, lora_r=2,
        gradient_accumulation_steps=1, tuned=False,
    ),
    # Row 4 is longer than a pack and has nothing to learn in its first part, row 9 is longer than a pack.
    "llama-tied-packed-split": case("llama-tied", "prompt-completion", packing=True, packing_strategy="bfd_split", per_device_train_batch_size=2, tuned=False),
    "qwen2-tied-packed-wrapped": case(
        "qwen2-tied", "prompt-completion", packing=True, packing_strategy="wrapped", max_length=70, per_device_train_batch_size=2, lora_r=2,
        target_modules=["q_proj", "down_proj"], tuned=False,
    ),
    "qwen2-tied-padding-free": case("qwen2-tied", "messages", padding_free=True, max_length=None, max_grad_norm=1.5, lora_r=2, tuned=False),
    "llama-tied-sgd": case(
        "llama-tied", "prompt-completion", **{**LLAMA_PROMPT, "weight_decay": 0.02}, optim="sgd", optim_args="momentum=0.9,nesterov=true",
        learning_rate=5e-2, lora_r=3, tuned=False,
    ),
    "llama-tied-adafactor": case(
        "llama-tied", "prompt-completion", **{**LLAMA_PROMPT, "weight_decay": 0.02}, optim="adafactor", lora_r=3,
        target_modules=["q_proj", "v_proj", "down_proj"], tuned=False,
    ),
    # The base in bfloat16, adapters in float32: what a GPU run is held against, within a per cent.
    "llama-tied-prompt-completion-bf16": case("llama-tied", "prompt-completion", **{**LLAMA_PROMPT, "dtype": "bfloat16"}),
    "qwen2-tied-messages-bf16": case("qwen2-tied", "messages", **{**QWEN_MESSAGES, "dtype": "bfloat16"}),
}

# Every weight. Odd batches, clipping on some steps, weight decay that must spare norms and biases.
FULL = {"max_steps": 10, "learning_rate": 1e-3, "weight_decay": 0.1, "adam_epsilon": 1e-6, "per_device_train_batch_size": 2}

FULL_CASES = {
    "llama-untied-prompt-completion": case("llama-untied", "prompt-completion", **{**FULL, "lr_scheduler_type": "cosine", "warmup_steps": 2, "max_grad_norm": 5.0}),
    "qwen2-tied-messages": case("qwen2-tied", "messages", **{**FULL, "max_grad_norm": 3.0}),
    "opt-pre-norm-prompt-completion": case("opt-pre-norm", "prompt-completion", **{**FULL, "max_length": 90, "max_grad_norm": 8.0}),
    "gpt-neox-parallel-text": case("gpt-neox-parallel", "text", **{**FULL, "max_grad_norm": 2.5}),
    "opt-post-norm-text": case("opt-post-norm", "text", **{**FULL, "max_grad_norm": 8.0}),
    "llama-untied-sgd": case("llama-untied", "prompt-completion", **{**FULL, "learning_rate": 2e-2, "max_grad_norm": 5.0}, optim="sgd", optim_args="momentum=0.9"),
    "llama-untied-adafactor": case("llama-untied", "prompt-completion", **{**FULL, "max_grad_norm": 5.0}, optim="adafactor"),
}

# An adapter with modules trained whole beside it: both of a tied model (which PEFT unties), its embedding alone, the head of an untied one.
SAVED = {"max_steps": 10, "weight_decay": 0.05, "target_modules": ["q_proj", "v_proj"], "adapter_std": 0.2, "per_device_train_batch_size": 2, "adam_epsilon": 1e-6}

SAVED_MODULES_CASES = {
    "llama-tied-embedding": case("llama-tied", "text", **{**SAVED, "modules_to_save": ["embed_tokens"], "max_grad_norm": 2.0}),
    "llama-untied-head": case("llama-untied", "prompt-completion", **{**SAVED, "modules_to_save": ["lm_head"]}),
    "qwen2-tied-both": case("qwen2-tied", "messages", **{**SAVED, "modules_to_save": ["embed_tokens", "lm_head"]}),
}
