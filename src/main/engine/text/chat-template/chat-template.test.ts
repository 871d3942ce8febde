import { describe, expect, test } from 'vitest';
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
  expect(() => make(source).render({ messages, source: 3 })).toThrow(
    expect.objectContaining({
      code: 'E-TEMPLATE',
      message: expect.stringMatching(/exceeded the work allowed for one row|makes a value of \d+ characters|recurses without end/) as string,
    }),
  );
});

test('every prefix of a template parses or is refused, and quickly', () => {
  const source =
    "{%- if tools %}{{- 'a\\n' + (tools | tojson(indent=2)) }}{% endif %}{# c #}{% for m in messages[1:] %}{{ {'a': [1, (2)]}['a'][0] }}{% endfor %}";
  for (let end = 0; end < source.length; end++) {
    try {
      make(source.slice(0, end)).render({ messages });
    } catch (error) {
      expect(error).toMatchObject({ name: 'AppError' });
    }
  }
});

// The package's lexer takes quadratic time on these.
test.each([
  ['blanks', ' '.repeat(100_000)],
  ['tags of blanks', `{%${' '.repeat(1990)}`.repeat(131)],
  ['tags of line ends', `{%${'\n'.repeat(1990)}`.repeat(131)],
])('a template of %s is refused before the lexer sees it, with the line', (_name, source) => {
  expect(() => make(source)).toThrow(
    expect.objectContaining({
      code: 'E-TEMPLATE',
      message: expect.stringContaining('more than 200 blanks stand in a row') as string,
      data: { origin: 'test model', line: 1 },
    }),
  );
});

// Each is as long as a template may be, and would take minutes if anything in reading it were quadratic.
test.each([
  '{%',
  '{{',
  '{#',
  '{{a}}\n',
  '{% if a %}',
  '{% for a in b %}',
  '{% endif %}',
  '(',
  '{{ (',
  '{{ not not ',
  '{{ a.b',
  '{{ a|b',
  '{{ "a" ~ ',
  '-%}\n',
  '{% generation %}',
  '{% set a = 1 %}\n',
  '{% elif a %}',
  `{%${' '.repeat(199)}x %}`,
])('reading %j over and over ends', (piece) => {
  const source = piece.repeat(Math.floor(262_144 / piece.length));
  try {
    make(source);
  } catch (error) {
    expect(error).toMatchObject({ name: 'AppError', code: 'E-TEMPLATE' });
    expect((error as Error).message.length).toBeLessThan(1000);
  }
});

test.each(['{{ "a" | upper() ["x"] }}', '{{ "a" | upper()() }}', '{% filter "x" %}{% endfilter %}', '{% filter upper()["x"] %}{% endfilter %}'])(
  '%s is no filter, and said so before a row is read',
  (source) => {
    expect(() => make(source)).toThrow(expect.objectContaining({ name: 'AppError', code: 'E-TEMPLATE' }));
  },
);

test.each([`{{ ${'9'.repeat(400)} * 10.5 }}`, '{{ "1e999" | int }}', '{{ "a" | abs }}', '{{ [1] | map(attribute=[1]) | list }}'])(
  '%s is a value or an error of the row, never another',
  (source) => {
    try {
      expect(typeof make(source).render({ messages }).text).toBe('string');
    } catch (error) {
      expect(error).toMatchObject({ name: 'AppError', code: 'E-ROLES' });
      expect((error as Error).message).not.toMatch(/recurses/);
    }
  },
);

test('what a template says about a row is repeated up to a length that can be read', () => {
  const huge = [{ role: 'u'.repeat(100_000), content: 'hi' }];
  try {
    make("{{ raise_exception('x' * 700000) }}").render({ messages: huge });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'E-ROLES' });
    expect(JSON.stringify(error).length + (error as Error).message.length).toBeLessThan(2000);
  }
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

describe('integers of any size stay bounded', () => {
  const render = (source: string, kwargs = {}) =>
    createChatTemplate(source, { origin: 'a', specialTokens: {} }).render({ messages: [{ role: 'user', content: 'x' }], kwargs }).text;
  const code = (of: string) => expect.objectContaining({ code: of }) as Error;

  test('made by a template', () => {
    expect(() => render('{{ 7 ** 100000 }}')).toThrow(code('E-TEMPLATE'));
    expect(() => render('{% set n = namespace(x=3) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}')).toThrow(code('E-TEMPLATE'));
    expect(() => render('{% set x = 7 ** 20000 %}{% for i in range(100000) %}{% set y = x // 3 %}{% endfor %}')).toThrow(code('E-TEMPLATE'));
    expect(() => render('{{ 2 ** 20000 }}')).toThrow(code('E-ROLES'));
    expect(() => render("{{ 'ab' * 2 ** 70 }}")).toThrow(code('E-TEMPLATE'));
    expect(render("{{ 'ab' * -(2 ** 70) }}{{ (2 ** 14000) | string | length }}")).toBe('4215');
  });

  test('given with a row', () => {
    const marked = (text: string) => ({ n: { '\u0000': text } });
    expect(render('{{ n }}', marked('9'.repeat(4300)))).toBe('9'.repeat(4300));
    expect(() => render('{{ n }}', marked('9'.repeat(4301)))).toThrow(code('E-ROLES'));
    expect(render('{{ n }}', marked(`1e${'9'.repeat(5000)}`))).toBe('inf');
  });

  test('a row nested deeper than Python reads is refused, and not the template', () => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(render('{{ n | tojson | length }}', { n: nested(900) })).toBe('1800');
    expect(() => render('{{ n | tojson }}', { n: nested(1000) })).toThrow(code('E-ROLES'));
    expect(() => render('{{ n | tojson }}', { n: nested(200_000) })).toThrow(code('E-ROLES'));
  });

  test('rows of earlier versions, without marks, are printed as they were', () => {
    expect(render('{{ n | tojson }} {{ n }}', { n: { a: 2512292042121000000, b: 1, c: 0.5, d: -0 } })).toBe(
      '{"a": 2512292042121000000, "b": 1, "c": 0.5, "d": 0} {\'a\': 2512292042121000000, \'b\': 1, \'c\': 0.5, \'d\': 0}',
    );
  });
});
