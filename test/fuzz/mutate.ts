/** @file Inputs from inputs: where one is JSON (or a header of it, or lines of it) its structure is changed, else its bytes. All from one seed. */

export type Random = () => number;

const NUMBERS = [0, -1, 1, 2, 255, 256, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 64, 1e308, -1e308, 1e-320, 0.5, -0, 1e21];
const TEXTS = [
  '',
  ' ',
  '\0',
  '\u{1f600}',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
  '../outside/home/.bashrc',
  '../../etc/passwd',
  '/',
  '.',
  '~',
  'null',
  '-1',
  '1e999',
  'a'.repeat(300),
  '(a+)+$',
  '(a|a)*$',
  '{{',
  '{%',
  '\u2028',
  '\r\n',
  'Sequence',
  'Replace',
  'Regex',
  'Prepend',
  'Precompiled',
  'NFKC',
  'ByteLevel',
  'Unigram',
  'WordPiece',
  'Split',
  'F32',
  'BF16',
];
const TOKENS = [
  '{{',
  '}}',
  '{%',
  '%}',
  '{#',
  '#}',
  '{%- ',
  ' -%}',
  '(',
  ')',
  '[',
  ']',
  '|',
  '.',
  ':',
  ',',
  '=',
  '==',
  '~',
  '+',
  '*',
  '**',
  '//',
  '%',
  ' in ',
  ' not ',
  ' is ',
  ' if ',
  ' else ',
  'for m in messages',
  'endfor',
  'endif',
  'endset',
  'set ',
  'macro f(x)',
  'endmacro',
  'call f(1)',
  'endcall',
  'generation',
  'endgeneration',
  'messages',
  'm.content',
  'loop.index',
  'loop.cycle',
  'namespace(a=1)',
  'range(100000)',
  'raise_exception(',
  'strftime_now(',
  'tojson',
  'upper',
  'replace("a", "b" * 9)',
  'join',
  'sort',
  'map(attribute=',
  'selectattr(',
  'dictsort',
  'unique',
  'indent',
  'int',
  'float',
  'items',
  '"x" * 100000',
  "'",
  '"',
  '\\',
  '9'.repeat(400),
  '1e400',
  '[::-1]',
  '[1:]',
  '*messages',
  '**m',
  '{"',
  '":',
  '[[',
  ',,',
  '\n',
  '"\\u',
  'null',
  'true',
  '\ufeff',
  '\0',
  '\r',
];

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)] as T;

/**
 * A new input from one of the inputs; `others` lend parts.
 * @param structure the share of changes that keep JSON what it is; bytes that are changed seldom do
 */
export function mutate(input: Buffer, others: readonly Buffer[], random: Random, structure = 0.6): Buffer {
  let result = input;
  const rounds = 1 + Math.floor(random() * 4);
  for (let i = 0; i < rounds; i++) result = random() < structure ? structured(result, others, random) : bytes(result, pick(others, random), random);
  return Buffer.from(result.subarray(0, 900_000));
}

function structured(input: Buffer, others: readonly Buffer[], random: Random): Buffer {
  const header = headerOf(input);
  if (header !== null) return withHeader(changed(header, others, random), input.subarray(8 + Number(input.readBigUInt64LE(0))));
  const text = input.toString('utf8');
  const json = parsed(text);
  if (json !== undefined) return Buffer.from(changed(json, others, random));
  // The first byte may name the format (see the dataset target).
  const lines = text.slice(1).split('\n');
  const at = Math.floor(random() * lines.length);
  const line = parsed(lines[at] ?? '');
  if (line === undefined) return bytes(input, pick(others, random), random);
  lines[at] = changed(line, others, random);
  return Buffer.from(text.slice(0, 1) + lines.join('\n'));
}

function parsed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    // Not JSON: the answer.
    return undefined;
  }
}

/** Of a safetensors file. */
function headerOf(input: Buffer): unknown {
  if (input.length < 10) return null;
  const size = input.readBigUInt64LE(0);
  return size > BigInt(input.length - 8) ? null : (parsed(input.subarray(8, 8 + Number(size)).toString('utf8')) ?? null);
}

function withHeader(text: string, rest: Buffer): Buffer {
  const header = Buffer.from(text);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([size, header, rest]);
}

type Container = unknown[] | Record<string, unknown>;

function changed(json: unknown, others: readonly Buffer[], random: Random): string {
  const all: Container[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 100 || all.length > 5000) return;
    all.push(value as Container);
    for (const each of Object.values(value)) walk(each, depth + 1);
  };
  walk(json, 0);
  const parent = pick(all, random) as Record<string, unknown>;
  const keys = Object.keys(parent);
  const key = keys.length === 0 ? '0' : pick(keys, random);
  const choice = Math.floor(random() * 8);
  if (choice === 0) delete parent[key];
  else if (choice === 1) parent[pick(TEXTS, random)] = parent[key];
  else if (choice === 2 && Array.isArray(parent) && parent.length > 0)
    for (let i = Math.floor(random() * 80); i > 0; i--) (parent as unknown[]).push(parent[0]);
  else if (choice === 3) parent[key] = nested(parent[key], Math.floor(random() * (random() < 0.1 ? 3000 : 10)));
  else if (choice === 4) parent[key] = borrowed(pick(others, random), random);
  else parent[key] = plain(parent[key], random);
  try {
    return JSON.stringify(json);
  } catch {
    // A part that was borrowed from itself, or is nested too deeply: the seed again.
    return '{}';
  }
}

function nested(value: unknown, depth: number): unknown {
  let result = value;
  for (let i = 0; i < depth; i++) result = i % 2 === 0 ? [result] : { a: result };
  return result;
}

function borrowed(other: Buffer, random: Random): unknown {
  const json = parsed(other.toString('utf8')) ?? {};
  const values = Object.values(json as object) as unknown[];
  return values.length === 0 ? json : pick(values, random);
}

function plain(value: unknown, random: Random): unknown {
  const choice = random();
  if (typeof value === 'number' && choice < 0.7) return choice < 0.4 ? pick(NUMBERS, random) : value + pick([-1, 1, 0.5, 1000], random);
  // A text within JSON may be a file or a message of its own.
  if (typeof value === 'string' && value.length > 20 && choice < 0.35) return structuredOrBytes(value, random);
  if (typeof value === 'string' && choice < 0.7)
    return choice < 0.3 ? pick(TEXTS, random) : choice < 0.5 ? value + pick(TEXTS, random) : value.repeat(Math.floor(random() * 40));
  return pick<unknown>(
    [null, true, false, [], {}, '', pick(NUMBERS, random), pick(TEXTS, random), [value, value], { [pick(TEXTS, random)]: value }],
    random,
  );
}

function structuredOrBytes(text: string, random: Random): string {
  const input = Buffer.from(text);
  return (random() < 0.5 ? structured(input, [input], random) : bytes(input, input, random)).toString('utf8');
}

function bytes(input: Buffer, other: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * (input.length + 1));
  const size = Math.floor(random() ** 3 * 200);
  const [before, after] = [input.subarray(0, at), input.subarray(at)];
  switch (Math.floor(random() * 8)) {
    case 0:
      return Buffer.concat([before, Buffer.from(pick(TOKENS, random)), after]);
    case 1:
      return Buffer.concat([before, Buffer.from(pick(TOKENS, random)), after.subarray(size)]);
    case 2:
      return Buffer.concat([before, after.subarray(size)]);
    case 3:
      return Buffer.concat([before, after.subarray(0, size), after]);
    case 4: {
      const from = Math.floor(random() * (other.length + 1));
      return Buffer.concat([before, other.subarray(from, from + size), after]);
    }
    case 5: {
      const copy = Buffer.from(input);
      if (copy.length > 0) copy[Math.min(at, copy.length - 1)]! ^= 1 << Math.floor(random() * 8);
      return copy;
    }
    case 6:
      return random() < 0.02 ? Buffer.concat([before, ...Array.from({ length: 2000 }, () => after.subarray(0, size)), after]) : before;
    default: {
      const copy = Buffer.from(input);
      if (copy.length >= 8) copy.writeBigInt64LE(BigInt(pick([0, -1, 1, 2 ** 31, 2 ** 40, copy.length], random)), Math.min(at, copy.length - 8));
      return copy;
    }
  }
}
