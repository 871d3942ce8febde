"""Compares the assistant's turns that our engine finds with TRL's training templates, for every template that TRL knows.

Run:  python scripts/golden/check-turns.py     (prints one line a template; nothing is written to the tree, as the templates
are not ours). Needs trl 1.13 and a `npm ci`.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import trl
from transformers.utils import chat_template_utils

ROOT = Path(__file__).parents[2]
FOLDER = Path(trl.__file__).parent / "chat_templates"
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
CHATS = [
    [{"role": "user", "content": "What color?"}, {"role": "assistant", "content": "Blue."}],
    [
        {"role": "user", "content": "hi"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\nhello"},
        {"role": "user", "content": "and?"}, {"role": "assistant", "content": "bye"},
    ],
    [
        {"role": "system", "content": "Be short."}, {"role": "user", "content": "hi"}, {"role": "assistant", "content": "one"},
        {"role": "user", "content": "and?"}, {"role": "assistant", "content": "two"},
    ],
]
OURS = """
import { readFileSync } from 'node:fs';
const { createChatTemplate } = await import('%(root)s/src/main/engine/text/chat-template/chat-template.ts');
const { turnRenderer } = await import('%(root)s/src/main/engine/text/turns.ts');
const { cases, special } = JSON.parse(readFileSync('%(file)s', 'utf8'));
console.log(JSON.stringify(cases.map(({ template, messages }) => {
  try {
    const { text, spans } = turnRenderer(createChatTemplate(template, { origin: 'x', specialTokens: special }), special).render({ messages });
    return { text, learned: spans.map(([start, end]) => text.slice(start, end)).join('') };
  } catch (error) {
    return { error: error.message };
  }
})));
"""


def main() -> None:
    cases = []
    for training in sorted(FOLDER.glob("*_training.jinja")):
        own = FOLDER / training.name.replace("_training", "")
        for messages in CHATS:
            try:
                texts, spans = chat_template_utils.render_jinja_template(
                    [messages], chat_template=training.read_text(encoding="utf-8"), return_assistant_tokens_mask=True, **SPECIAL
                )
            except Exception:
                continue  # a template that refuses a system turn
            learned = "".join(texts[0][start:end] for start, end in spans[0])
            cases.append({"name": own.stem, "template": own.read_text(encoding="utf-8"), "messages": messages, "text": texts[0], "learned": learned})
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder) / "cases.json", Path(folder) / "ours.ts"
        file.write_text(json.dumps({"cases": cases, "special": SPECIAL}), encoding="utf-8")
        script.write_text(OURS % {"root": ROOT, "file": file}, encoding="utf-8")
        ours = json.loads(subprocess.run(["npm", "exec", "--silent", "--", "node", str(script)], cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    results: dict[str, list[bool]] = {}
    for case, mine in zip(cases, ours):
        results.setdefault(case["name"], []).append((mine.get("text"), mine.get("learned")) == (case["text"], case["learned"]))
    for name, equal in results.items():
        print(f"{name}: {'equal' if all(equal) else f'{sum(equal)} of {len(equal)} equal'}")


if __name__ == "__main__":
    main()
