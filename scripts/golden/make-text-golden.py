"""Makes test/parity/fixtures/text: what TRL, transformers and torch do with text, for our engine to reproduce.

Run:  OMP_NUM_THREADS=1 python scripts/golden/make-text-golden.py
Reference: trl 1.13, transformers 5.18, torch 2.13 (CPU). Everything in the fixtures is made here: the tokenizer is
trained on the sentences below, the templates are our own.
"""

import hashlib
import json
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from unittest import mock

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from transformers.utils import chat_template_utils

OUT = Path(__file__).parents[2] / "test" / "parity" / "fixtures" / "text"

CORPUS = [
    "What color is the sky? The sky is blue, and the sea is blue too.",
    "Please write a short story about a small boat that sails to the sea.",
    "Below is an instruction that describes a task. Write a response that answers it.",
    "def add(a, b):\n    return a + b\n\nprint(add(1, 2))\n",
    "Ein kleines Boot fährt über das Meer. Où est la bibliothèque ?",
    "天空是什么颜色？天空是蓝色的。你好，世界！",
    "You are a helpful assistant. system user assistant tool",
] * 4

PLAIN = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
MARKED = """{%- if tools %}
    {{- '<|im_start|>system\\n' + tools | tojson + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.role == 'assistant' %}
        {%- generation %}
        {{- message.content + '<|im_end|>' }}
        {%- endgeneration %}
        {{- '\\n' }}
    {%- else %}
        {{- message.content + ('!' if shout is defined and shout else '') + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
# The block ends on the content, so a last character of several tokens shows how transformers looks offsets up.
BARE = "{% for m in messages %}[{{ m.role }}] {% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\n\n{% endfor %}"


def train_tokenizer(add_bos: bool) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=640, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    )
    if add_bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
        )
        return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="<|endoftext|>")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>")


def chat(*turns: str) -> list[dict]:
    roles = ["user", "assistant"]
    return [{"role": roles[i % 2], "content": turn} for i, turn in enumerate(turns)]


TEXTS = [
    {"text": "What color is the sky? Blue."},
    {"text": "already ended<|im_end|>"},
    {"text": "  spaces and\ttabs\n\nand 你好 \U0001f600 é e\u0301"},
    {"text": "The small boat sails. " * 20},
]
PAIRS = [
    {"prompt": "what color is", "completion": " the sky? blue"},
    {"prompt": "what color is ", "completion": "the sky"},
    {"prompt": "天空是什么", "completion": "颜色？蓝色。<|im_end|>"},
    {"prompt": "The small boat sails to the sea. " * 6, "completion": "yes"},
]
CHATS = [
    {"messages": chat("What color is the sky?", "Blue.")},
    {"messages": [{"role": "system", "content": "You are a helpful assistant."}, *chat("hi", "hello 你", "and?", "\U0001f600 ab你")]},
    {"messages": chat("write a story " * 12, "no", "please", "The small boat sails to the sea." * 3)},
]
CHAT_PAIRS = [
    {"prompt": chat("What color is the sky?"), "completion": [{"role": "assistant", "content": "Blue."}]},
    {"prompt": chat("hi", "hello", "and?"), "completion": [{"role": "assistant", "content": "one"}, *chat("two?", "two")]},
]
TOOLS = [
    {"messages": chat("weather?", "sunny"), "tools": json.dumps([{"name": "weather", "args": {"city": "日本 <b>", "n": 0.5}}]), "chat_template_kwargs": {"shout": True}},
    {"messages": chat("weather?", "rain"), "tools": json.dumps([{"name": "a", "x": [1, None, True]}]), "chat_template_kwargs": {"shout": False}},
]

# The tokenizer trims offsets: no token holds a leading space, and transformers then loses the rest of the row's spans.
LEADING_SPACE = [{"messages": chat("hi", "one", "and?", " two", "more?", "three")}]

# TRL counts rows that hold nothing but the end token, and learns the end of an empty completion.
ONLY_END = [{"text": ""}, {"text": "What color is the sky?"}, {"text": "<|im_end|>"}]
EMPTY_COMPLETION = [{"prompt": "what color is", "completion": ""}, {"prompt": "", "completion": ""}, {"prompt": "", "completion": "blue"}]

# Shapes of published templates in our own words: a turn's header, what goes before and after an assistant's content that is
# learned, the end of other turns, what ends the whole. Each is written with the marks that TRL reads, and without.
SHAPES = {
    "chatml": ("<|im_start|>{r}\\n", "", "<|im_end|>\\n", "<|im_end|>\\n", ""),
    "header ids": ("<|start_header_id|>{r}<|end_header_id|>\\n\\n", "", "<|eot_id|>", "<|eot_id|>", ""),
    "colons": ("{r}: ", "", "<|endoftext|>", " ", ""),
    "headings": ("### {r}:\\n", "", "\\n\\n", "\\n\\n", ""),
    "end at the end": ("<|{r}|>\\n", "", "<|end|>\\n", "<|end|>\\n", "<|endoftext|>"),
}


def shaped(name: str, marked: bool) -> str:
    header, lead, end, other_end, last = SHAPES[name]
    role = "' + m.role + '".join(header.split("{r}"))
    assistant = "assistant".join(header.split("{r}"))
    opened, closed = ("{% generation %}", "{% endgeneration %}") if marked else ("", "")
    tail = f"{opened}{{{{ '{last}' }}}}{closed}" if last else ""
    return (
        f"{{% for m in messages %}}{{{{ '{role}' }}}}{{% if m.role == 'assistant' %}}{opened}{{{{ '{lead}' + m.content + '{end}' }}}}{closed}"
        f"{{% else %}}{{{{ '{lead}' + m.content + '{other_end}' }}}}{{% endif %}}{{% endfor %}}"
        f"{{% if add_generation_prompt %}}{{{{ '{assistant}' }}}}{{% elif messages[-1].role == 'assistant' %}}{tail}{{% endif %}}"
    )


SHAPED_CHATS = [
    *CHATS,
    {"messages": [
        {"role": "system", "content": "Be short."}, *chat("Weather?", "Asking."), {"role": "tool", "content": "sunny"},
        {"role": "assistant", "content": "Sun."}, {"role": "system", "content": "Now be long."}, {"role": "user", "content": "And?"},
        {"role": "assistant", "content": "user: is a word, ### assistant:\\n too"},
    ]},
]

# name, tokenizer, template, our loss mode, max_length, rows
CASES = [
    ("text", "plain", None, "auto", 1024, TEXTS),
    ("text cut", "plain", None, "all", 24, TEXTS),
    ("text uncut", "plain", None, "auto", None, TEXTS),
    ("text bos", "bos", None, "auto", 1024, [*TEXTS, {"text": "<s>hello"}, {"text": "end<|endoftext|>"}]),
    ("prompt-completion", "plain", None, "auto", 1024, PAIRS),
    ("prompt-completion completion", "plain", None, "completion", 1024, PAIRS),
    ("prompt-completion all", "plain", None, "all", 1024, PAIRS),
    ("prompt-completion cut drops", "plain", None, "auto", 16, PAIRS),
    ("prompt-completion bos", "bos", None, "auto", 1024, PAIRS),
    ("messages", "plain", PLAIN, "all", 1024, CHATS),
    ("messages cut", "plain", PLAIN, "all", 40, CHATS),
    ("messages assistant", "plain", MARKED, "assistant", 1024, CHATS),
    ("messages assistant cut", "plain", MARKED, "assistant", 60, CHATS),
    ("messages assistant bare", "plain", BARE, "assistant", 1024, CHATS),
    ("messages assistant leading space", "plain", MARKED, "assistant", 1024, LEADING_SPACE),
    ("messages bos tokenizer", "bos", PLAIN, "all", 1024, CHATS),
    ("messages tools and kwargs", "plain", MARKED, "assistant", 1024, TOOLS),
    ("chat-prompt-completion", "plain", PLAIN, "auto", 1024, CHAT_PAIRS),
    ("chat-prompt-completion all", "plain", PLAIN, "all", 1024, CHAT_PAIRS),
    ("chat-prompt-completion assistant", "plain", MARKED, "assistant", 1024, CHAT_PAIRS),
    ("only the end", "plain", None, "auto", 1024, ONLY_END),
    ("empty completion", "plain", None, "auto", 1024, EMPTY_COMPLETION),
    *((f"messages assistant, {name}", "plain", name, "assistant", 1024, SHAPED_CHATS) for name in SHAPES),
]


def prepare(tokenizer, template, loss, max_length, rows) -> list[dict]:
    """Runs SFTTrainer's own dataset preparation."""
    tokenizer.chat_template = template
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
        num_attention_heads=1, num_key_value_heads=1, bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
    )
    with tempfile.TemporaryDirectory() as folder:
        args = trl.SFTConfig(
            output_dir=folder, use_cpu=True, bf16=False, report_to="none", max_length=max_length,
            completion_only_loss={"all": False, "completion": True}.get(loss),
            assistant_only_loss=loss == "assistant",
        )
        trainer = trl.SFTTrainer(Qwen2ForCausalLM(config), args=args, processing_class=tokenizer, train_dataset=Dataset.from_list(rows))
        return [{"ids": row["input_ids"], "labels": row["labels"]} for row in trainer.train_dataset]


def canonical(row: dict, source: int) -> dict:
    """The row as our importer writes it."""
    if "messages" in row:
        kind = "messages"
    elif "prompt" in row:
        kind = "prompt-completion" if isinstance(row["prompt"], str) else "chat-prompt-completion"
    else:
        kind = "text"
    tools = {"tools": json.loads(row["tools"])} if "tools" in row else {}
    return {"kind": kind, "source": source, **row, **tools}


DIALOG = [
    {"role": "system", "content": "  Be kind.  "},
    {"role": "user", "content": "hi <b>&\"'"},
    {"role": "assistant", "content": "\n<think>\nwell\n</think>\n\nhello\n", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 0.00001, "y": [1, 2.5, None, True], "z": "é\U0001f600"}}}]},
    {"role": "user", "content": [{"type": "text", "text": "part one"}, {"type": "image"}]},
]
TEMPLATES = {
    "whitespace": "a\n  {% for m in messages %}\n  {{ m.role }}\n  {% endfor %}\n  b  {%- if true -%}  c  {%- endif %}  d\n",
    "trim keeps expression newline": "{{ 'x' }}\n{{ 'y' }}\n{# comment #}\nz\n{%- set a = 1 -%}\n\n w {{- ' q ' -}} \n r",
    "lstrip not for expressions": "   {{ 1 }}\n   {# c #}\n   {% if 1 %}\n   t\n   {% endif %}\nend",
    "loop": "{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem.role if loop.previtem is defined }}|{{ loop.nextitem.role if not loop.last }};{% endfor %}",
    "loop filter and else": "{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ m.content is string }}{% endfor %}{% for x in [] %}no{% else %}empty{% endfor %}",
    "break and continue keep output": "{% for i in range(6) %}<{{ i }}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}>{% endfor %}",
    "set does not leak": "{% set x = 0 %}{% for m in messages %}{% if x == 0 %}{% set x = loop.index %}{% endif %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}",
    "namespace": "{% set ns = namespace(n=0, s='') %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% set ns.s = ns.s ~ m.role[0] %}{% endfor %}{{ ns.n }}{{ ns.s }}",
    "printing": "{{ true }}{{ none }}{{ 1.0 }}{{ 0.5 }}{{ [1, 'a', none, true, 2.0] }}{{ {'k': 'v\\'s', 'n': [1]} }}{{ undefined_name }}{{ 7 // 2 }}{{ 7 / 2 }}{{ -7 % 3 }}{{ -7 // 2 }}{{ 2 ** 3 }}",
    "tojson": "{{ messages | tojson }}\n{{ messages[2].tool_calls | tojson(indent=2) }}\n{{ {'b': 1.0, 'a': ('<&>', 1)} | tojson(sort_keys=true) }}{{ 'é' | tojson(ensure_ascii=true) }}{{ [] | tojson(indent=4) }}{{ [1,2] | tojson(separators=(',', ':')) }}",
    "strings": "{{ ' a '.strip() }}{{ '\\n x\\n\\n'.rstrip('\\n') }}|{{ '--a--'.lstrip('-') }}{{ 'a,b,,c'.split(',') }}{{ 'a b  c'.split() }}{{ 'a</think>b</think>c'.split('</think>')[-1] }}{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith(('x', 'c')) }}{{ 'aXbX'.replace('X', '-', 1) }}{{ 'hello wORLD'.title() }}{{ 'hELLO'.capitalize() }}{{ 'a-b'.upper() }}{{ 'x=y=z'.partition('=')[2] }}{{ 'abcabc'.find('c') }}{{ 'abcabc'.rfind('c') }}{{ 'a-b-c'.rsplit('-', 1) }}",
    "python strip": "[{{ '\ufeffa\u0085'.strip() }}][{{ ' \u3000b\x1c' | trim }}]",
    "slices": "{{ messages[1:3] | length }}{{ messages[-1].role }}{{ 'héllo'[::-1] }}{{ 'a\U0001f600b'[1] }}{{ 'a\U0001f600b' | length }}{{ [1,2,3,4][::2] }}{{ messages[::-1][0].role }}{{ [1,2,3][5:] }}{{ [1,2,3][:-1] }}",
    "filters": "{{ [3,1,2] | sort }}{{ ['b','A'] | sort | join(',') }}{{ messages | map(attribute='role') | join('/') }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages | rejectattr('role', 'in', ['user']) | map(attribute='role') | list }}{{ '' | default('d') }}{{ '' | default('d', true) }}{{ nope | default('d') }}{{ '3.7' | int }}{{ 'x' | int }}{{ 3.9 | int }}{{ 'ab' | list }}{{ [1,2,2] | unique | list }}{{ [1,2] | first }}{{ [1,2] | last }}{{ [1,2,3] | sum }}{{ ['a','b'] | map('upper') | list }}{{ {'b': 2, 'a': 1} | dictsort }}{{ 'a\\nb' | indent(2) }}{{ 'a\\n\\nb' | indent(2, true) }}{{ [0, 1, ''] | select | list }}{{ 'aXb' | replace('X', '_') }}{{ [1,5,2] | max }}{{ 'abc' | reverse }}",
    "tests": "{{ messages is iterable }}{{ messages is mapping }}{{ messages[0] is mapping }}{{ 'a' is string }}{{ 1 is number }}{{ true is number }}{{ 1 is integer }}{{ none is none }}{{ x is defined }}{{ x is not defined }}{{ 3 is odd }}{{ 4 is even }}{{ true is boolean }}{{ messages[0].nope is defined }}{{ messages[3].content is string }}{{ messages[3].content is iterable }}{{ 1 is true }}{{ 'A' is upper }}",
    "comparison": "{{ 0 == '' }}{{ 1 == true }}{{ 1 == '1' }}{{ none == undefined_name }}{{ [1] == [1] }}{{ 'a' < 'b' }}{{ 'role' in messages[0] }}{{ none in ['a'] }}{{ 'us' in 'user' }}{{ 'x' not in ['x'] }}{{ 'a' or 'b' }}{{ '' or 'b' }}{{ not [] }}",
    "dict": "{% for k, v in messages[2].tool_calls[0].function.arguments.items() %}{{ k }}={{ v }};{% endfor %}{{ messages[0].get('nope') }}{{ messages[0].get('nope', 'dflt') }}{{ messages[0].keys() | list }}{% for k in messages[0] %}{{ k }}{% endfor %}{{ messages[2].tool_calls[0].function.arguments | items | list | length }}",
    "macro": "{% macro show(m, end='.', n=2) %}{{ m.role * n }}{{ end }}{{ caller() if caller is defined }}{% endmacro %}{{ show(messages[0]) }}{{ show(messages[1], end='!') }}{% call show(messages[0], n=1) %}[body]{% endcall %}",
    "blocks": "{% set body %}  in {{ 1 + 1 }}{% endset %}[{{ body }}]{% filter upper %}shout{% endfilter %}{% set a, b = 1, 2 %}{{ a ~ b }}",
    "special tokens": "{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ messages[0].content | trim }}{{ add_generation_prompt }}{{ tools }}{{ extra }}",
    "date": "{{ strftime_now('%d %b %Y %H:%M %A %B %j %%') }}",
    "generation spans": "{% for m in messages %}{{ m.role }}:\n    {%- if m.content is string %}\n    {% generation %}\n    [{{ m.content }}]\n    {% endgeneration %}\n    after{% endif %}{% endfor %}{% macro f() %}x{% generation %}y{% endgeneration %}{% endmacro %}{{ f() }}",
    "raise": "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}",
    "none concatenation": "{{ 'a' + none }}",
    "undefined attribute": "{{ nothing.here }}",
    "number concatenation": "{{ 'a' + 1 }}",
    "big range": "{% for i in range(100001) %}{% endfor %}",
}


def render_templates() -> list[dict]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 3, 5, 7, 8, 9)

    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    results = []
    for name, template in TEMPLATES.items():
        case = {"name": name, "template": template}
        try:
            with mock.patch.object(chat_template_utils, "datetime", Clock):
                texts, spans = chat_template_utils.render_jinja_template(
                    [DIALOG], chat_template=template, return_assistant_tokens_mask=True,
                    add_generation_prompt=True, extra={"a": 1}, **special,
                )
            case |= {"text": texts[0], "spans": spans[0]}
        except Exception as error:
            case["error"] = str(error)
        results.append(case)
    return results


def permutations() -> list[dict]:
    def permute(n, seed):
        return torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()

    small = [{"n": n, "seed": seed, "order": permute(n, seed)} for n, seed in [(0, 1), (1, 42), (5, 42), (10, 43), (1000, 7)]]
    order = permute(100_000, 2**31 + 5)
    digest = hashlib.sha256(torch.tensor(order, dtype=torch.int32).numpy().tobytes()).hexdigest()
    return [*small, {"n": 100_000, "seed": 2**31 + 5, "sha256": digest}]


def continued() -> list[dict]:
    results = []
    for name, template, last in [("spaces kept", PLAIN, "to be "), ("trimmed", "{% for m in messages %}<{{ m.content | trim }}>{% endfor %}", "to be ")]:
        messages = chat("go", last)
        texts, _ = chat_template_utils.render_jinja_template([messages], chat_template=template, continue_final_message=True)
        results.append({"name": name, "template": template, "messages": messages, "text": texts[0]})
    return results


def write(name: str, value) -> None:
    (OUT / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    tokenizers = {"plain": train_tokenizer(False), "bos": train_tokenizer(True)}
    for name, tokenizer in tokenizers.items():
        shutil.rmtree(OUT / f"tokenizer-{name}", ignore_errors=True)
        tokenizer.save_pretrained(OUT / f"tokenizer-{name}")
    encoded = []
    for name, tokenizer, template, loss, max_length, rows in CASES:
        shape = template if template in SHAPES else None
        expected = prepare(tokenizers[tokenizer], shaped(shape, True) if shape else template, loss, max_length, rows)
        template = shaped(shape, False) if shape else template
        inputs = [canonical(row, i + 1) for i, row in enumerate(rows)]
        encoded.append({"name": name, "tokenizer": tokenizer, "template": template, "loss": loss, "maxLength": max_length, "rows": inputs, "expected": expected})
    versions = {package.__name__: package.__version__ for package in (trl, transformers, torch)}
    write("encode.json", {"versions": versions, "cases": encoded})
    write("templates.json", {"versions": versions, "messages": DIALOG, "cases": render_templates(), "continued": continued()})
    write("randperm.json", {"versions": versions, "cases": permutations()})


if __name__ == "__main__":
    main()
