import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { randperm } from '../../src/main/engine/data/shuffle.ts';
import { createChatTemplate } from '../../src/main/engine/text/chat-template/chat-template.ts';
import { createRowEncoder, type LossMode } from '../../src/main/engine/text/encode.ts';
import { loadTokenizer, type Tokenizer } from '../../src/main/engine/text/tokenizer/tokenizer.ts';
import { canonicalRowSchema, type Message } from '../../src/shared/domain/dataset.ts';

// Expected values: scripts/golden/make-text-golden.py, from TRL's SFTTrainer, transformers and torch.
const FIXTURES = join(import.meta.dirname, 'fixtures/text');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as T;

interface EncodeCase {
  readonly name: string;
  readonly tokenizer: string;
  readonly template: string | null;
  readonly loss: LossMode;
  readonly maxLength: number | null;
  readonly rows: readonly unknown[];
  readonly expected: readonly { readonly ids: readonly number[]; readonly labels: readonly number[] }[];
}

describe('rows encode as SFTTrainer prepares them', () => {
  const tokenizers = new Map<string, Tokenizer>();
  beforeAll(async () => {
    for (const name of ['plain', 'bos']) tokenizers.set(name, await loadTokenizer(join(FIXTURES, `tokenizer-${name}`)));
  });

  test.each(read<{ cases: EncodeCase[] }>('encode.json').cases)('$name', async (c) => {
    const tokenizer = tokenizers.get(c.tokenizer) as Tokenizer;
    const chatTemplate = c.template === null ? undefined : createChatTemplate(c.template, { origin: c.name, specialTokens: tokenizer.namedTokens });
    const encoder = await createRowEncoder(tokenizer, { loss: c.loss, maxLength: c.maxLength, chatTemplate });
    const rows = await encoder.encode(c.rows.map((row) => canonicalRowSchema.parse(row)));
    expect(rows.map((row) => ({ ids: [...row.inputIds], labels: [...row.labels] }))).toEqual(c.expected);
    expect(encoder.finish().droppedRows.count).toBe(c.rows.length - c.expected.length);
  });
});

interface TemplateCase {
  readonly name: string;
  readonly template: string;
  readonly text?: string;
  /** Code points. */
  readonly spans?: readonly (readonly [number, number])[];
  readonly error?: string;
}

describe('templates render as in transformers', () => {
  const golden = read<{
    messages: Message[];
    cases: TemplateCase[];
    continued: { name: string; template: string; messages: Message[]; text: string }[];
  }>('templates.json');
  const now = (): Date => new Date(2026, 2, 5, 7, 8, 9);
  const specialTokens = { bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>' };

  test.each(golden.cases)('$name', ({ template, text, spans, error }) => {
    const made = createChatTemplate(template, { origin: 'golden', specialTokens, now });
    const render = (): ReturnType<typeof made.render> =>
      made.render({ messages: golden.messages, addGenerationPrompt: true, kwargs: { extra: { a: 1 } }, source: 7 });
    if (error !== undefined) {
      expect(render).toThrow(expect.objectContaining({ code: 'E-ROLES', message: `Row 7 does not fit the chat template: ${error}` }));
      return;
    }
    const rendered = render();
    expect(rendered.text).toBe(text);
    const codePoints = (unit: number): number => Array.from(rendered.text.slice(0, unit)).length;
    expect(rendered.generations.map(([start, end]) => [codePoints(start), codePoints(end)])).toEqual(spans);
  });

  test.each(golden.continued)('continuing the final message, $name', ({ template, messages, text }) => {
    const made = createChatTemplate(template, { origin: 'golden', specialTokens });
    expect(made.render({ messages, continueFinalMessage: true }).text).toBe(text);
  });
});

describe('randperm is torch.randperm', () => {
  const golden = read<{ cases: { n: number; seed: number; order?: number[]; sha256?: string }[] }>('randperm.json');
  test.each(golden.cases)('n $n, seed $seed', ({ n, seed, order, sha256 }) => {
    const mine = randperm(n, seed);
    if (order !== undefined) expect([...mine]).toEqual(order);
    if (sha256 !== undefined) expect(createHash('sha256').update(mine).digest('hex')).toBe(sha256);
  });
});
