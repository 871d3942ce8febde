import { expect, test } from 'vitest';
import { NAMED_CHAT_TEMPLATES, withoutGenerationMarks } from '../../../../shared/domain/chat-templates.ts';
import { createChatTemplate } from './chat-template.ts';
import { givenTemplate, templateText } from './given-template.ts';

const TOKENS = { bos_token: '<s>', eos_token: '</s>' };
const DIALOG = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'hi' },
  { role: 'assistant', content: 'hello' },
  { role: 'user', content: 'and?' },
  { role: 'assistant', content: 'bye' },
];
const EXPECTED: Readonly<Record<string, string>> = {
  chatml:
    '<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n«hello<|im_end|>»\n<|im_start|>user\nand?<|im_end|>\n<|im_start|>assistant\n«bye<|im_end|>»\n',
  alpaca: '<s>Be kind.\n\n### Instruction:\nhi\n\n### Response:\n«hello</s>»\n\n### Instruction:\nand?\n\n### Response:\n«bye</s>»',
  vicuna: '<s>Be kind. USER: hi ASSISTANT:« hello</s>» USER: and? ASSISTANT:« bye</s>»',
  llama2: '<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nhi [/INST]« hello </s>»<s>[INST] and? [/INST]« bye </s>»',
  zephyr: '<s>Be kind.\n<|user|>\nhi\n<|assistant|>\n«hello</s>»\n<|user|>\nand?\n<|assistant|>\n«bye</s>»',
  plain: '<s>Be kind.\n\nUser: hi\n\nAssistant:« hello</s>»\n\nUser: and?\n\nAssistant:« bye</s>»',
};

test.each(NAMED_CHAT_TEMPLATES)('$name prints turns and marks what the assistant says', ({ name, source }) => {
  const template = givenTemplate(name, TOKENS);
  const { text, generations } = template.render({ messages: DIALOG });
  const marked = generations
    .toReversed()
    .reduce((line, [start, end]) => `${line.slice(0, start)}«${line.slice(start, end)}»${line.slice(end)}`, text);
  expect(marked).toBe(EXPECTED[name]);
  // A model that is asked goes on where training began to learn.
  const asked = template.render({ messages: DIALOG.slice(0, -1), addGenerationPrompt: true }).text;
  expect(asked).toBe(text.slice(0, generations.at(-1)![0]));
  const unmarked = createChatTemplate(withoutGenerationMarks(source), { origin: name, specialTokens: TOKENS });
  expect(unmarked.hasGenerationMarkers).toBe(false);
  expect(unmarked.render({ messages: DIALOG }).text).toBe(text);
});

test('a name in any spelling is the template, a text is itself, an unknown name is refused with the nearest', () => {
  expect(templateText(' ChatML ')).toBe(NAMED_CHAT_TEMPLATES[0]!.source);
  expect(templateText('{{ messages }}')).toBe('{{ messages }}');
  expect(() => templateText('chatmll')).toThrow(
    expect.objectContaining({ code: 'E-TEMPLATE', message: expect.stringContaining('did you mean "chatml"?') }),
  );
});

test.each([
  ['{% for m in messages %}\n{{ m.content }\n{% endfor %}', 'line 2', '{{ is never closed'],
  ['a\n{% if x %}\nb', 'line 2', 'never ended by endif'],
  ['{% for m in messages %}{% endif %}', 'line 1', 'endfor must come'],
  ["{{ 'ok' }}\n\n{{ m. }}", 'line 3', 'no expression'],
  ['{% loop x %}', 'line 1', 'no tag "loop"'],
])('a broken template is named by line: %j', (source, line, reason) => {
  expect(() => templateText(source) && createChatTemplate(source, { origin: 'test', specialTokens: {} })).toThrow(
    expect.objectContaining({ code: 'E-TEMPLATE', message: expect.stringMatching(new RegExp(`${line}.*${reason}`, 's')) }),
  );
});
