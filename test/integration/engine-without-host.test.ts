/** An engine or a worker whose loop never turns again, and a host that is gone: whatever the host did and however it went, it ends by itself. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { trainJob } from '../support/engine-job.ts';
import { parityFixture } from '../support/fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'src', 'main', 'cli', 'index.ts');
const HOST = join(import.meta.dirname, '../support/resident-host.ts');
const MODEL = parityFixture('models', 'llama-tied');
const ROWS = parityFixture('datasets', 'prompt-completion.jsonl');
/** Milliseconds: three seconds of grace and a busy machine. */
const SOON = 15_000;

type Kill = (host: number) => void;
const GONE: Readonly<Record<string, Kill>> = {
  'kill -9': (host) => process.kill(host, 'SIGKILL'),
  SIGTERM: (host) => process.kill(host, 'SIGTERM'),
  'Ctrl-C in its terminal': (host) => process.kill(-host, 'SIGINT'),
  'its terminal is closed': (host) => process.kill(-host, 'SIGHUP'),
  'its service is stopped': (host) => process.kill(-host, 'SIGTERM'),
};

/** Starts a host whose engine hangs before its first event of `kind`, and waits until it does. @returns the numbers of both */
async function hanging(
  root: string,
  kind: string,
  args: readonly string[],
): Promise<{ readonly host: number; readonly engine: number; readonly ended: Promise<number | null> }> {
  const file = join(root, 'engine.pid');
  const env = {
    ...process.env,
    NODE_OPTIONS: `--import=${new URL('../support/engine-fault.ts', import.meta.url).href}`,
    ENGINE_FAULT: `spin ${kind} ${file}`,
  };
  const child = spawn(process.execPath, args, { detached: true, stdio: 'ignore', env });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await vi.waitFor(() => expect(existsSync(file) && readFileSync(file, 'utf8')).toMatch(/^\d+$/), { timeout: 60_000 });
  return { host: child.pid!, engine: Number(readFileSync(file, 'utf8')), ended };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Killed, and nobody has asked for its exit code: containers often have no parent that would.
    return !/^\d+ \(.*\) [ZX]/.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '');
  } catch {
    return false;
  }
}

async function endsSoon({ engine, ended }: Awaited<ReturnType<typeof hanging>>): Promise<void> {
  try {
    await ended;
    await vi.waitFor(() => expect(isThere(engine)).toBe(false), { timeout: SOON, interval: 100 });
  } finally {
    if (isThere(engine)) process.kill(engine, 'SIGKILL');
  }
}

describe.each([
  ['preview', 'preview', (root: string) => [CLI, 'preview', '--model', MODEL, '--dataset', ROWS, '--data', join(root, 'data')]],
  [
    'train',
    'dataset',
    (root: string) => [
      CLI,
      'train',
      '--model',
      MODEL,
      '--dataset',
      ROWS,
      '--out',
      join(root, 'run'),
      '--device',
      'cpu',
      '--data',
      join(root, 'data'),
    ],
  ],
  // The worker that imports has loops of its own, and is told of by the same kind of message.
  [
    'train, with a worker',
    'progress',
    (root: string) => [
      CLI,
      'train',
      '--model',
      MODEL,
      '--dataset',
      ROWS,
      '--out',
      join(root, 'run'),
      '--device',
      'cpu',
      '--data',
      join(root, 'data'),
    ],
  ],
] as const)('%s that hangs', (name, kind, args) => {
  // `train` saves at the first signal that asks it to end; its second one ends it.
  it.concurrent.each(Object.keys(GONE).filter((how) => !name.startsWith('train') || how === 'kill -9'))(
    'leaves none behind: %s',
    async (how) => {
      const root = tempFolder();
      const pids = await hanging(root, kind, args(root));
      GONE[how]!(pids.host);
      await endsSoon(pids);
    },
    120_000,
  );
});

it('an engine that stays and hangs ends with its host', async () => {
  const root = tempFolder();
  const { recipe, rows, cacheDir } = await trainJob(root, 'unused');
  const file = join(root, 'ask.json');
  await writeFile(file, JSON.stringify({ kind: 'preview', device: 'reference', threads: null, cacheDir, recipe, rows, first: 0, count: 1 }));
  const pids = await hanging(root, 'preview', [HOST, file]);
  process.kill(pids.host, 'SIGKILL');
  await endsSoon(pids);
}, 120_000);
