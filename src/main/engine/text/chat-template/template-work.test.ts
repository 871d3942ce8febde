/**
 * @file Work is charged where it is done. Every method, filter, test, global and operator, found by the tables themselves, is called once
 * on long values of every kind: it must cost by their length. Then whole templates that loop over such calls, each of which took minutes
 * or for ever before: each ends by its allowance, not by a clock.
 */
import { describe, expect, it } from 'vitest';
import { createChatTemplate } from './chat-template.ts';
import { compileTemplate } from './compile.ts';
import { Interpreter, Scope } from './interpreter.ts';
import { STRING_METHODS } from './python-strings.ts';
import { fromJson } from './from-json.ts';
import type { Arguments, Callable, Value } from './python-values.ts';
import { strftime } from './strftime.ts';
import { applyFilter, FILTERS } from './template-filters.ts';
import { templateGlobals } from './template-globals.ts';
import { attributeOf, DICT_METHODS, LIST_METHODS } from './template-lookup.ts';
import { applyTest, KIND_TESTS, TESTS } from './template-tests.ts';
import { costOf, metered, spend, TemplateError, TemplateLimitError } from './work-meter.ts';

const LONG = 4000;
/** As in a rendering. */
const MOST_STEPS = 3_000_000;
/** Characters or elements that one step may stand for: some hundred nanoseconds of the fastest work there is. */
const MOST_A_STEP = 20;

const TEXTS: Readonly<Record<string, string>> = {
  letters: 'ab'.repeat(LONG / 2),
  one: 'a'.repeat(LONG),
  blanks: ' '.repeat(LONG),
  number: `${'1'.repeat(LONG)}x`,
  escaped: "'\n".repeat(LONG / 2),
  words: 'a '.repeat(LONG / 2),
  astral: '\u{1f600}'.repeat(LONG / 2),
  dates: '%A'.repeat(LONG / 2),
};
const LISTS: Readonly<Record<string, readonly Value[]>> = {
  ints: Array.from({ length: LONG }, (_, i) => i % 2),
  texts: Array.from({ length: LONG }, () => 'ab'),
};
const DICTS: Readonly<Record<string, Value>> = { dict: fromJson(Object.fromEntries(Array.from({ length: LONG / 8 }, (_, i) => [`key ${i}`, i]))) };
const ALL: Readonly<Record<string, Value>> = { ...TEXTS, ...LISTS, ...DICTS } as Record<string, Value>;

/** What a method may be given: nothing, something short, what is nearly the receiver itself, a list of texts, names. */
function argumentsFor(receiver: Value): readonly Arguments[] {
  const text = typeof receiver === 'string' ? receiver : 'ab'.repeat(LONG / 2);
  const [end, start] = [`${text.slice(LONG / 2)}b`, `b${text.slice(LONG / 2)}`];
  const positional: readonly (readonly Value[])[] = [
    [],
    ['b'],
    [end],
    [start],
    ['', 'x'],
    [end, start],
    [[end, start]],
    [null, 7],
    ['upper'],
    ['x', 'equalto', end],
  ];
  return [
    ...positional.map((values) => ({ positional: values, keyword: new Map() })),
    { positional: [], keyword: new Map<string, Value>([['attribute', end]]) },
  ];
}

const sizeOf = (value: Value): number => (typeof value === 'string' || Array.isArray(value) ? value.length : value instanceof Map ? value.size : 0);

/** Steps of a call, be it refused or not. */
function steps(call: () => unknown): number {
  return metered(MOST_STEPS, 2 ** 23, () =>
    costOf(() => {
      try {
        call();
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
      }
    }),
  );
}

function tooCheap(receivers: Readonly<Record<string, Value>>, call: (receiver: Value, args: Arguments) => unknown, taken = 9): readonly string[] {
  return Object.entries(receivers).flatMap(([kind, receiver]) =>
    argumentsFor(receiver).flatMap((args, i) => {
      const size = sizeOf(receiver) + args.positional.slice(0, taken).reduce<number>((sum, value) => sum + sizeOf(value), 0);
      const cost = steps(() => call(receiver, args));
      return cost < size / MOST_A_STEP ? [`on ${kind} with arguments ${i}: ${cost} steps for ${size}`] : [];
    }),
  );
}

const method =
  (name: string) =>
  (receiver: Value, args: Arguments): unknown =>
    (attributeOf(receiver, name) as Callable).call(args);

describe('a call costs by the length of what it is given', () => {
  it.each(Object.keys(STRING_METHODS))('str.%s', (name) => expect(tooCheap(TEXTS, method(name))).toEqual([]));
  it.each(Object.keys(LIST_METHODS))('list.%s', (name) => expect(tooCheap(LISTS as Record<string, Value>, method(name))).toEqual([]));
  it.each(Object.keys(DICT_METHODS))('dict.%s', (name) => expect(tooCheap(DICTS, method(name))).toEqual([]));
  it.each(Object.keys(FILTERS))('| %s', (name) => expect(tooCheap(ALL, (value, args) => applyFilter(name, value, args))).toEqual([]));
  it.each(Object.keys(TESTS))('is %s', (name) =>
    expect(tooCheap(ALL, (value, { positional }) => applyTest(name, value, positional[0]), 1)).toEqual([]),
  );
  const globals = templateGlobals((format) => strftime(new Date(2026, 0, 2), format));
  it.each([...globals.keys()])('%s()', (name) =>
    expect(
      tooCheap(ALL, (value, { positional }) => (globals.get(name) as Callable).call({ positional: [value, ...positional], keyword: new Map() })),
    ).toEqual([]),
  );
});

it('a method that is held costs at each call, and nothing where it is looked up', () => {
  const text = TEXTS['letters'] as string;
  metered(MOST_STEPS, 2 ** 23, () => {
    let held: Value = null;
    expect(costOf(() => (held = attributeOf(text, 'upper')))).toBeLessThan(10);
    const call = () => (held as Callable).call({ positional: [], keyword: new Map() });
    expect(costOf(call)).toBeGreaterThan(LONG / MOST_A_STEP);
    expect(costOf(call)).toBeGreaterThan(LONG / MOST_A_STEP);
  });
});

it('a cost that is no number ends the rendering too', () => {
  expect(() => metered(MOST_STEPS, LONG, () => spend(NaN))).toThrow(TemplateLimitError);
});

it('tests that cost nothing look at no more than the kind of a value', () => {
  expect(Object.keys(KIND_TESTS)).toEqual([
    'defined',
    'undefined',
    'none',
    'boolean',
    'true',
    'false',
    'string',
    'mapping',
    'number',
    'integer',
    'float',
    'iterable',
    'sequence',
    'callable',
  ]);
});

/** Operators and forms with their operands; `c` is another value equal to `b`. */
const FORMS = [
  'b == c',
  'b != c',
  'b < c',
  'b <= c',
  'b > c',
  'b >= c',
  'b in c',
  'b not in c',
  'b in [c]',
  'b ~ c',
  'b + c',
  'b * 2',
  '2 * b',
  'b[1:]',
  'b[::2]',
  'b[::-1]',
  'b[7]',
  'b[-1]',
  '{b: 1}',
  '{c: 1}[b]',
  'dict(**{b: 1})',
  'f(b)',
  'f(*[b])',
  'b | map("upper") | list',
  '[b, c] | sort',
  '[b, c] | unique',
  '[b, c] | max',
  '[b, c] | join(b)',
  '[b] | map(attribute=b)',
  'b | tojson',
  '[b] | tojson(separators=[b, b])',
  '[[b]] | tojson(indent=b)',
  '"a" | replace("a", b)',
  '"x" | indent(b)',
  '[b] | string',
  'b | list',
  'not (b == c)',
];
it.each(FORMS)('{{ %s }} costs by the length of what it is given', (form) => {
  const { body } = compileTemplate(`{% macro f(x) %}{{ x }}{% endmacro %}{% set y = ${form} %}`, 'test');
  for (const [kind, b] of Object.entries(TEXTS)) {
    const scope = new Scope(new Scope());
    for (const [name, value] of templateGlobals(() => '')) scope.set(name, value);
    scope.set('b', b);
    scope.set('c', `${b.slice(0, -1)}${b.at(-1)}`);
    expect(
      steps(() => new Interpreter().render(body, scope)),
      kind,
    ).toBeGreaterThan(LONG / MOST_A_STEP);
  }
});

const held = (receiver: string, method: string, args = ''): string =>
  `{% set b = ${receiver} %}{% set c = b[1:] ~ 'x' %}{% set f = b.${method} %}{% for i in range(100000) %}{% set x = f(${args}) %}{% endfor %}`;
const turns = (setup: string, step: string): string => `${setup}{% for i in range(100000) %}{% set x = ${step} %}{% endfor %}`;
const BIG = '"ab" * 4000000';
const ATTACKS: Readonly<Record<string, string>> = {
  upper: held(BIG, 'upper'),
  count: held(BIG, 'count', '"z"'),
  find: held(BIG, 'find', '"z"'),
  rfind: held(BIG, 'rfind', '"z"'),
  'startswith of a list': held(BIG, 'startswith', '[b, b]'),
  isalnum: held(BIG, 'isalnum'),
  title: held('"a " * 4000000', 'title'),
  'strip of characters': held(BIG, 'strip', '"abc"'),
  islower: held(BIG, 'islower'),
  isspace: held('" " * 8000000', 'isspace'),
  partition: held(BIG, 'partition', '"z"'),
  'list.count': held('range(100000) | list', 'count', '-1'),
  'list.index': held('range(100000) | list', 'index', '99999'),
  strftime: turns('{% set b = "%A" * 4000000 %}', 'strftime_now(b)'),
  'is lower': turns(`{% set b = ${BIG} %}`, 'b is lower'),
  'a loop of nothing': '{% set r = range(100000) %}{% for i in r %}{% for j in r %}{% endfor %}{% endfor %}',
  'a filtered loop of nothing': '{% set r = range(100000) %}{% for i in r %}{% for j in r if false %}{% endfor %}{% endfor %}',
  'a long needle from the left': `{{ ("a" * 8000000).find("b" ~ "a" * 4000000) }}`,
  'a long needle from the right': turns('{% set b = "a" * 8000000 %}{% set c = "a" * 2000000 ~ "b" %}', 'b.rfind(c)'),
  'a long needle by in': `{{ ("b" ~ "a" * 4000000) in ("a" * 8000000) }}`,
  'a long key': turns(`{% set b = ${BIG} %}{% set d = {b: 1} %}{% set c = "ab" * 3999999 ~ "ab" %}`, 'd[c]'),
  'a path that holds itself twice, 60 deep':
    '{% set ns = namespace(x=["a"]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{% for i in range(100000) %}{{ [1] | map(attribute="a" * 1000000) | list }}{% endfor %}{{ [1] | map(attribute=ns.x) | list }}',
  'digits that are no number': turns('{% set b = "1" * 8000000 ~ "x" %}', 'b | int'),
  'a separator of megabytes': '{{ range(100000) | list | tojson(separators=["x" * 8000000, ""]) }}',
  'an indent of megabytes': '{{ [[[[1]]]] | tojson(indent="x" * 8000000) }}',
  'a text deep in lists': turns(
    '{% set ns = namespace(x="a" * 1000000) %}{% for i in range(500) %}{% set ns.x = [ns.x, 1] %}{% endfor %}',
    'ns.x | tojson',
  ),
  'scopes in scopes': `{% set r = range(1000) %}${'{% for a in r %}'.repeat(300)}{{ nothing }}${'{% endfor %}'.repeat(300)}`,
};
it.each(Object.entries(ATTACKS))('%s in a loop ends by the allowance', (_name, source) => {
  const template = createChatTemplate(source, { origin: 'test model', specialTokens: {} });
  expect(() => template.render({ messages: [{ role: 'user', content: 'hi' }] })).toThrow(
    expect.objectContaining({ name: 'AppError', code: 'E-TEMPLATE' }),
  );
});
