/**
 * @file Greedy decoding on the CPU beside llama.cpp over the same weights, in alternation on one machine:
 * `npm run bench -- decode --model FOLDER [--columns 1,2] [--rounds 3] [--prompt 40] [--tokens 64] [--threads N]
 *   [--peer-script FILE --gguf FILE]`
 * The peer is called as `node FILE GGUF PROMPT_TOKENS NEW_TOKENS THREADS` and prints one JSON line with `tok_s`, its best of a warm model.
 * Columns are base models side by side, so that every one computes the same.
 */
import { execFile } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { createOnnxBackend } from '../../src/main/engine/backends/onnx/backend.ts';
import { Generator } from '../../src/main/engine/generate/generator.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';

const GREEDY = { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

interface Settings {
  readonly model: string;
  readonly prompt: number;
  readonly tokens: number;
  readonly threads: number;
}

export async function decode(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { model: text, columns: text, rounds: text, prompt: text, tokens: text, threads: text, 'peer-script': text, gguf: text },
  });
  if (values.model === undefined) throw new Error('--model FOLDER is needed');
  const settings = {
    model: values.model,
    prompt: Number(values.prompt ?? 40),
    tokens: Number(values.tokens ?? 64),
    threads: Number(values.threads ?? availableParallelism()),
  };
  const ours = new Map((values.columns ?? '1,2').split(',').map((columns): [number, number[]] => [Number(columns), []]));
  const peer: number[] = [];
  for (let round = 0; round < Number(values.rounds ?? 3); round++) {
    for (const [columns, rates] of ours) rates.push(report(`ours, ${columns} columns`, await measureOurs(settings, columns)));
    if (values['peer-script'] && values.gguf) peer.push(report('peer', await measurePeer(settings, values['peer-script'], values.gguf)));
  }
  if (peer.length === 0) return;
  const best = Math.max(...peer);
  for (const [columns, rates] of ours) {
    const own = Math.max(...rates);
    console.log(
      JSON.stringify({ columns, ours: own, peer: best, ratio_a_column: round3(own / best), ratio_all_columns: round3((own * columns) / best) }),
    );
  }
}

function report(who: string, tokensPerSecond: number): number {
  console.log(JSON.stringify({ who, tok_s: round3(tokensPerSecond), load: round3(loadavg()[0]!) }));
  return tokensPerSecond;
}

/** Tokens a second of each column after the first, best of two answers of a warm model. */
async function measureOurs({ model, prompt, tokens, threads }: Settings, columns: number): Promise<number> {
  const folder = await openModel(model);
  const session = await createOnnxBackend({ threads }).open();
  try {
    await session.addStates(modelStates(folder, 'f32'));
    const generator = await Generator.open(
      session,
      folder.model,
      'f32',
      Array.from({ length: columns }, () => null),
    );
    const promptIds = Array.from({ length: prompt }, (_, i) => (100 + i * 37) % folder.model.sizes.vocabSize);
    const rates: number[] = [];
    for (let answer = 0; answer < 2; answer++) {
      let first: number | null = null;
      for await (const { column } of generator.generate({
        prompts: Array.from({ length: columns }, () => promptIds),
        maxNewTokens: tokens,
        sampling: GREEDY,
        seed: 0,
        stopIds: new Set<number>(),
      })) {
        if (column === columns - 1) first ??= performance.now();
      }
      rates.push(((tokens - 1) * 1000) / (performance.now() - first!));
    }
    return Math.max(...rates);
  } finally {
    await session.dispose();
  }
}

async function measurePeer({ prompt, tokens, threads }: Settings, script: string, gguf: string): Promise<number> {
  const { stdout } = await promisify(execFile)('node', [script, gguf, String(prompt), String(tokens), String(threads)]);
  return (JSON.parse(stdout.trim().split('\n').at(-1)!) as { tok_s: number }).tok_s;
}

function round3(value: number): number {
  return Number(value.toFixed(3));
}
