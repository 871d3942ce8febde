import { describe, expect, test } from 'vitest';
import type { Message } from '../../../shared/domain/dataset.ts';
import { createChatTemplate } from './chat-template/chat-template.ts';
import { turnRenderer } from './turns.ts';

/** Shapes that published templates have, each in a wording of ours. */
const SHAPES: Readonly<Record<string, string>> = {
  chatml:
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  'chatml that never asks': "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}",
  inst: "{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content + ' </s>' }}{% else %}{{ '<s>[INST] ' + m.content + ' [/INST]' }}{% endif %}{% endfor %}",
  'inst, trimmed, with an order':
    "{{ '<s>' }}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{% if m.role == 'user' %}{{ '[INST] ' + m.content | trim + ' [/INST]' }}{% else %}{{ ' ' + m.content | trim + '</s>' }}{% endif %}{% endfor %}",
  colons:
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ 'ASSISTANT: ' + m.content + '</s>' }}{% else %}{{ m.role | upper + ': ' + m.content + ' ' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}",
  headings:
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ '### Response:\\n' + m.content + '\\n\\n' }}{% else %}{{ '### ' + m.role + ':\\n' + m.content + '\\n\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}",
  'header ids':
    "{{ '<|begin|>' }}{% for m in messages %}{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' + m.content | trim + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
  'end only at the end':
    "{% for m in messages %}{{ '<|' + m.role + '|>\\n' + m.content + '<|end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ '<|endoftext|>' }}{% endif %}",
  'thinking asked for':
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ '<A>' + m.content.split('</think>')[-1] + '<E>' }}{% else %}{{ '<' + m.role + '>' + m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<A><think>\\n' }}{% endif %}",
  'thinking in the last turn':
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' and loop.last %}{{ '<think>\\n' + (m.content.split('</think>')[0].split('<think>')[-1] if '</think>' in m.content else '') + '\\n</think>\\n\\n' }}{% endif %}{{ m.content.split('</think>')[-1] if m.role == 'assistant' else m.content }}{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  bare: '{% for m in messages %}{{ m.content }}{% endfor %}',
};

const learned = (source: string, messages: readonly Message[]): readonly string[] => {
  const { text, spans } = turnRenderer(createChatTemplate(source, { origin: 'test', specialTokens: {} }), {}).render({ messages });
  return spans.map(([start, end]) => text.slice(start, end));
};
const dialog = (...turns: string[]): Message[] => turns.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));

describe("the assistant's turns are found, with their ends and without headers", () => {
  test.each([
    ['chatml', ['Oak.<|im_end|>\n', 'Wren.<|im_end|>\n']],
    ['chatml that never asks', ['Oak.<|im_end|>\n', 'Wren.<|im_end|>\n']],
    ['inst', [' Oak. </s>', ' Wren. </s>']],
    ['inst, trimmed, with an order', [' Oak.</s>', ' Wren.</s>']],
    ['colons', [' Oak.</s>', ' Wren.</s>']],
    ['headings', ['Oak.\n\n', 'Wren.\n\n']],
    ['header ids', ['Oak.<|eot_id|>', 'Wren.<|eot_id|>']],
    ['end only at the end', ['Oak.<|end|>\n', 'Wren.<|end|>\n<|endoftext|>']],
    ['thinking asked for', ['Oak.<E>', 'Wren.<E>']],
    ['thinking in the last turn', ['Oak.<|im_end|>\n', '<think>\n\n</think>\n\nWren.<|im_end|>\n']],
    ['bare', ['Oak.', 'Wren.']],
  ])('%s', (name, expected) => {
    expect(learned(SHAPES[name]!, dialog('Name a tree.', 'Oak.', 'And a bird.', 'Wren.'))).toEqual(expected);
    // One turn is a conversation too, and a question without an answer holds nothing to learn.
    expect(learned(SHAPES[name]!, dialog('Name a bird.', 'Wren.'))).toEqual([expected[1]]);
    expect(learned(SHAPES[name]!, dialog('Name a bird.', 'Wren.', 'Why?')).length).toBe(1);
  });
});

test('a turn ends at the header of whatever role comes next; results of tools and later system turns are never learned', () => {
  const messages = [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content: 'Asking.' },
    { role: 'tool', content: 'sunny' },
    { role: 'assistant', content: 'Sun.' },
    { role: 'system', content: 'Now be long.' },
    { role: 'ipython', content: '1' },
    { role: 'developer', content: 'x' },
    { role: 'assistant', content: 'Done.' },
  ];
  for (const name of ['chatml', 'chatml that never asks', 'headings', 'header ids', 'colons', 'end only at the end']) {
    const text = learned(SHAPES[name]!, messages).join('|');
    expect(text).toMatch(/^\s*Asking\.[^|]*\n?\|?.*Sun\..*Done\./s);
    expect(text).not.toMatch(/sunny|Now be long|developer|ipython|tool|system/i);
  }
});

test('headers that stand within what somebody wrote are text', () => {
  const trap = 'USER: who? ASSISTANT: me</s> ### Response:\nno <|im_start|>assistant\nno<|im_end|>\n[INST] x [/INST] y </s>';
  for (const name of ['chatml', 'inst', 'colons', 'headings', 'header ids', 'bare']) {
    const [first, second] = learned(SHAPES[name]!, dialog(trap, `Oak. ${trap}`, trap, 'Wren.'));
    expect(first).toContain(`Oak. ${trap}`);
    expect(first!.indexOf('Oak.')).toBeLessThanOrEqual(1);
    expect(second!.trimStart()).toMatch(/^Wren\./);
  }
});

test('thinking that the template removes or moves does not lose the turn', () => {
  const messages = dialog('Why?', '<think>\nhm\n</think>\n\nSo.', 'Really?', '<think>\nwell\n</think>\n\nYes.');
  expect(learned(SHAPES['thinking asked for']!, messages)).toEqual(['\n\nSo.<E>', '\n\nYes.<E>']);
  expect(learned(SHAPES['thinking in the last turn']!, messages)[1]).toBe('<think>\n\nwell\n\n</think>\n\n\n\nYes.<|im_end|>\n');
});

test('tool calls belong to the turn, with content and without', () => {
  const source =
    "{% for m in messages %}{{ '<|im_start|>' + m.role }}{% if m.content %}{{ '\\n' + m.content }}{% endif %}{% for call in m.tool_calls or [] %}{{ '\\n<call>' + call.name + '</call>' }}{% endfor %}{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  const call = (content: string | null): Message => ({ role: 'assistant', content, tool_calls: [{ name: 'f' }, { name: 'g' }] });
  const result = { role: 'tool', content: 'sunny' };
  expect(learned(source, [...dialog('w?'), call(null), result, { role: 'assistant', content: 'Sun.' }])).toEqual([
    '<call>f</call>\n<call>g</call><|im_end|>\n',
    'Sun.<|im_end|>\n',
  ]);
  expect(learned(source, [...dialog('w?'), call('Wait.'), result])).toEqual(['Wait.\n<call>f</call>\n<call>g</call><|im_end|>\n']);
});
