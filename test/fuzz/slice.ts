/** @file Runs a slice in a child and watches it from outside: its time, its memory, its end, and what it writes beside its own folder. */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AT_HAND, type Report, type Slice } from './child-protocol.ts';

export interface Finding {
  readonly target: string;
  readonly kind: 'error' | 'abort' | 'hang' | 'memory' | 'outside';
  readonly detail: string;
  readonly input: Buffer;
}

export interface SliceResult {
  readonly inputs: number;
  readonly answered: number;
  readonly findings: readonly Finding[];
  readonly kept: readonly Buffer[];
  /** Milliseconds of the slowest input. */
  readonly slowest: number;
  /** Bytes of the child at its largest. */
  readonly peak: number;
  readonly blocks: number;
}

/** Milliseconds that one input may take, and bytes that the child may hold. */
export const MAX_MILLISECONDS = 10_000;
export const MAX_BYTES = 2 ** 30;
const LOOK = 500;

const CHILD = join(import.meta.dirname, 'child.ts');

export async function runSlice(slice: Slice): Promise<SliceResult> {
  const { target, folder } = slice;
  const outside = join(folder, 'outside');
  await mkdir(join(outside, 'home'), { recursive: true });
  await mkdir(join(folder, 'tmp'), { recursive: true });
  await writeFile(join(outside, 'home', '.bashrc'), 'untouched');
  const before = await printOf(outside);
  const findings: Finding[] = [];
  const kept: Buffer[] = [];
  let done: Extract<Report, { readonly kind: 'done' }> | null = null;
  let output = '';
  let ended: Pick<Finding, 'kind' | 'detail'> | null = null;
  const child = fork(CHILD, [], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--max-old-space-size=900', '--disable-warning=ExperimentalWarning'],
    env: {
      ...process.env,
      HOME: join(outside, 'home'),
      TMPDIR: join(folder, 'tmp'),
      RUST_BACKTRACE: '0',
      // Blocks of functions that were compiled before are not counted.
      ...(slice.explores ? { NODE_DISABLE_COMPILE_CACHE: '1' } : {}),
    },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  child.on('message', (report: Report) => {
    if (report.kind === 'done') done = report;
    else if (report.kind === 'kept') kept.push(Buffer.from(report.input, 'base64'));
    else findings.push({ target, kind: report.what, detail: report.detail, input: Buffer.from(report.input, 'base64') });
  });
  const stop = (kind: Finding['kind'], detail: string): void => {
    ended ??= { kind, detail };
    child.kill('SIGKILL');
  };
  const watch = watchChild(folder, child.pid!, stop);
  child.send(slice);
  const how = await new Promise<string>((resolve) => child.on('close', (code, signal) => resolve(signal ?? `code ${code}`)));
  clearInterval(watch);
  const hand = await atHand(folder);
  const finished = done as Extract<Report, { readonly kind: 'done' }> | null;
  if (finished === null) findings.push({ target, ...(ended ?? { kind: 'abort', detail: `${how}: ${output.trim()}` }), input: hand.input });
  if ((await printOf(outside)) !== before)
    findings.push({ target, kind: 'outside', detail: 'a file beside the folder was made or changed', input: hand.input });
  await rm(folder, { recursive: true, force: true });
  return {
    inputs: finished?.inputs ?? Math.max(0, hand.count - slice.corpus.length),
    answered: finished?.answered ?? 0,
    findings,
    kept,
    slowest: finished?.slowest ?? 0,
    peak: finished?.peak ?? 0,
    blocks: finished?.blocks ?? 0,
  };
}

function watchChild(folder: string, pid: number, stop: (kind: Finding['kind'], detail: string) => void): NodeJS.Timeout {
  let last = -1;
  let since = performance.now();
  return setInterval(() => {
    void Promise.all([atHand(folder), residentBytes(pid)]).then(([{ count }, bytes]) => {
      if (count !== last) [last, since] = [count, performance.now()];
      // The first one waits for the start of the process.
      else if (count > 0 && performance.now() - since > MAX_MILLISECONDS) stop('hang', `input ${count} took more than ${MAX_MILLISECONDS} ms`);
      if (bytes > MAX_BYTES) stop('memory', `input ${count}: the process held ${Math.round(bytes / 2 ** 20)} MiB`);
    });
  }, LOOK);
}

/** Of a Linux process; elsewhere the child's own report at its end is what there is. */
async function residentBytes(pid: number): Promise<number> {
  const pages = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(pages.split(' ')[1] ?? 0) * 4096;
}

async function atHand(folder: string): Promise<{ readonly count: number; readonly input: Buffer }> {
  const bytes = await readFile(join(folder, AT_HAND)).catch(() => Buffer.alloc(0));
  if (bytes.length < 8) return { count: 0, input: Buffer.alloc(0) };
  return { count: bytes.readUInt32LE(0), input: bytes.subarray(8, 8 + bytes.readUInt32LE(4)) };
}

/** Names and contents of a folder. */
async function printOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(join(entry.parentPath, entry.name));
    if (entry.isFile()) hash.update(await readFile(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}
