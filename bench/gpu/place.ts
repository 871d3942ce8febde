/** @file Where a part of the benchmark runs: what the command line said, passed on to each part. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deviceChoiceSchema, type DeviceChoice } from '../../src/main/engine/protocol.ts';

export interface Part {
  readonly device: DeviceChoice;
  readonly steps: number;
  /** What is left of the command line: shapes or case names. */
  readonly names: readonly string[];
}

export function parsePart(args: readonly string[]): Part {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { device: { type: 'string', default: 'cuda' }, steps: { type: 'string', default: '12' } },
  });
  return { device: deviceChoiceSchema.parse(values.device), steps: Number(values.steps), names: positionals };
}

/** Runs with a folder that is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tunesmith-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
