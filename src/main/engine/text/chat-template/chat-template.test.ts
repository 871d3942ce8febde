import { expect, test } from 'vitest';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';

const make = (source: string): ChatTemplate => createChatTemplate(source, { origin: 'test model', specialTokens: {} });
const messages = [{ role: 'user', content: 'hi' }];

// Each would take for ever, or all memory, without the allowance.
const NESTED = '{% for i in range(100000) %}{% for j in range(100000) %}{% for k in range(100000) %}{% endfor %}{% endfor %}{% endfor %}';
const doubling = (step: string, end: string): string =>
  `{% set ns = namespace(x=['aaaaaaaa'], s='aaaaaaaa') %}{% for i in range(60) %}{% ${step} %}{% endfor %}${end}`;
test.each([
  ['nested loops', NESTED],
  ['a doubling string', doubling('set ns.s = ns.s ~ ns.s', '')],
  ['a doubling list', doubling('set ns.x = ns.x + ns.x', '')],
  ['printing a list that holds itself twice, 60 deep', doubling('set ns.x = [ns.x, ns.x]', '{{ ns.x }}')],
  ['tojson of the same', doubling('set ns.x = [ns.x, ns.x]', '{{ ns.x | tojson }}')],
  ['comparing the same', doubling('set ns.x = [ns.x, ns.x]', '{{ ns.x == [ns.x, ns.x][0] or ns.x == ns.x + [] }}{{ ns.x | tojson }}')],
  ['replace', '{{ "x" | replace("", "y" * 1000000) | replace("y", "z" * 1000000) }}'],
  ['recursion', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
  ['output', `{% for i in range(100000) %}${'x'.repeat(200)}{% endfor %}`],
])('%s ends in E-TEMPLATE', (_name, source) => {
  const start = performance.now();
  expect(() => make(source).render({ messages, source: 3 })).toThrow(expect.objectContaining({ code: 'E-TEMPLATE' }));
  expect(performance.now() - start).toBeLessThan(10_000);
});

test('every prefix of a template parses or is refused, and quickly', () => {
  const source = "{%- if tools %}{{- 'a\\n' + (tools | tojson(indent=2)) }}{% endif %}{# c #}{% for m in messages[1:] %}{{ {'a': [1, (2)]}['a'][0] }}{% endfor %}";
  for (let end = 0; end < source.length; end++) {
    try {
      make(source.slice(0, end)).render({ messages });
    } catch (error) {
      expect(error).toMatchObject({ name: 'AppError' });
    }
  }
});

test('a template of blanks is refused before the lexer sees it', () => {
  expect(() => make(' '.repeat(100_000))).toThrow(expect.objectContaining({ code: 'E-TEMPLATE' }));
});

test('prototype names are neither filters, tests nor attributes', () => {
  expect(() => make('{{ "a" | constructor }}').render({ messages })).toThrow(/No filter named 'constructor'/);
  expect(make('{{ messages.constructor }}{{ messages[0].__proto__ }}{{ "a".constructor }}').render({ messages }).text).toBe('');
});

test('a refusal names the row and repeats the template', () => {
  expect(() => make("{{ raise_exception('System role not supported') }}").render({ messages, source: 12 })).toThrow(
    expect.objectContaining({ code: 'E-ROLES', message: 'Row 12 does not fit the chat template: System role not supported' }),
  );
});

test('variables of a row may not replace those of the conversation', () => {
  expect(() => make('{{ messages }}').render({ messages, kwargs: { messages: [] } })).toThrow(expect.objectContaining({ code: 'E-ROLES' }));
});

test('an empty conversation is refused', () => {
  expect(() => make('x').render({ messages: [] })).toThrow(expect.objectContaining({ code: 'E-ROLES' }));
});
