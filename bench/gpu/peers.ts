/**
 * @file What a user would take instead, timed on the same card in the same call by scripts that are not ours to commit:
 * FOLDER/hf_lora.py (transformers + PEFT) and FOLDER/unsloth_lora.py, one JSON line a case (bench/README.md).
 */
import { join } from 'node:path';
import { z } from 'zod';
import { runChild } from './child.ts';
import type { RecordOf } from './records.ts';
import type { SpeedCase } from './shapes.ts';

const lineSchema = z.object({ model: z.string(), batch: z.int(), seq: z.int(), step_ms: z.number(), tok_s: z.number(), peak_gib: z.number() });
const errorSchema = z.object({ case: z.string(), error: z.string() });

interface Peer {
  readonly name: string;
  readonly script: string;
  /** Appended to `model:batch:length`. */
  readonly mode: string;
}

const PEERS: readonly Peer[] = [
  { name: 'HF + PEFT eager', script: 'hf_lora.py', mode: 'eager' },
  { name: 'Unsloth', script: 'unsloth_lora.py', mode: 'nockpt' },
];

export interface PeerRun {
  readonly folder: string;
  readonly cases: readonly SpeedCase[];
  readonly seconds: number;
  onRecord(record: RecordOf<'peer'>): void;
  /** Everything else the scripts print. */
  onText(line: string): void;
  onProblem(peer: string, problem: string): void;
}

export async function runPeers(run: PeerRun): Promise<void> {
  for (const peer of PEERS) {
    const args = run.cases.map(({ model, batch, length }) => `${model}:${batch}:${length}:${peer.mode}`);
    const onLine = (line: string) => read(line, peer, run);
    const problem = await runChild({
      command: 'python3',
      args: [join(run.folder, peer.script), ...args],
      env: { PYTHONUNBUFFERED: '1' },
      seconds: run.seconds,
      onLine,
    });
    if (problem !== null) run.onProblem(peer.name, `${peer.script} ${problem}`);
  }
}

function read(line: string, { name }: Peer, run: PeerRun): void {
  const found = parse(line);
  const measured = lineSchema.safeParse(found);
  if (measured.success) {
    const { model, batch, seq, step_ms: stepMs, tok_s: tokensPerSecond, peak_gib: peak } = measured.data;
    return run.onRecord({ kind: 'peer', peer: name, model, batch, length: seq, stepMs, tokensPerSecond, peakBytes: peak * 2 ** 30 });
  }
  const failed = errorSchema.safeParse(found);
  if (failed.success) run.onProblem(name, `${failed.data.case}: ${failed.data.error}`);
  else run.onText(line);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
