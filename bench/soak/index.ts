/**
 * @file `npm run bench -- soak [--minutes 10] [--rows 50000]`: one host that trains while two pages watch, files are imported (one of
 * them made to be slow), rows edited and saved, and questions compared, over and over. Prints the longest stall of its loop, its heap
 * over time and the slowest answer of each call; the exit code is 1 where a stall had 200 ms or the heap grew.
 */
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import { readingSchema } from '../../src/shared/domain/dataset-record.ts';
import { MOST_STALL, type Stall } from '../../src/main/services/machine/loop-watch.ts';
import { writeLargeDataset } from '../ui/large-studio.ts';
import type { HostNews } from './host.ts';
import { Answers, enter } from './page.ts';

const MB = 2 ** 20;
/** Heap that the end may have beyond the beginning: what is kept of datasets and runs grows by kilobytes. */
const GROWTH = 15 * MB;

export async function soak(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '10' }, rows: { type: 'string', default: '50000' } },
  });
  const root = await mkdtemp(join(tmpdir(), 'bench-soak-'));
  const host = new SoakHost(join(root, 'data'));
  try {
    const files = { large: join(root, 'large.jsonl'), commas: join(root, 'commas.json') };
    await writeLargeDataset(files.large, Number(values.rows));
    await writeFile(files.commas, `[{"text":"a"}${','.repeat(5_000_000)}{"text":"b"}]`);
    const open = await enter(await host.address);
    const answers = new Answers();
    const until = performance.now() + Number(values.minutes) * 60_000;
    const pages = (await Promise.all(Array.from({ length: 6 }, open))) as unknown as Pages;
    await work(pages, files, answers, until, host);
    process.exitCode = report(host, answers) ? 0 : 1;
  } finally {
    await host.end();
    await rm(root, { recursive: true, force: true });
  }
}

type Pages = readonly [StudioClient, StudioClient, StudioClient, StudioClient, StudioClient, StudioClient];

async function work(
  [one, two, importing, editing, comparing, looking]: Pages,
  files: { readonly large: string; readonly commas: string },
  answers: Answers,
  until: number,
  host: SoakHost,
): Promise<void> {
  const { model, dataset, settings, prompts } = await one.starter.open();
  const stop = new AbortController();
  let runId: string | null = null;
  const train = async () => {
    while (performance.now() < until) {
      const run = await answers.time('runs.start', () =>
        one.runs.start({ modelId: model.id, datasetId: dataset.id, settings: { ...settings, num_train_epochs: 20 }, name: null }),
      );
      runId = run.id;
      while (performance.now() < until && !['completed', 'failed', 'interrupted'].includes((await one.runs.get({ id: run.id })).status.kind))
        await sleep(1000);
    }
    if (runId !== null) await one.runs.stop({ id: runId });
  };
  const over = train().finally(() => stop.abort());
  await Promise.all([
    over,
    follow(() => two.runs.watchList(undefined, { signal: stop.signal }), stop.signal),
    follow(async () => (runId === null ? [] : one.runs.watch({ id: runId }, { signal: stop.signal })), stop.signal),
    repeat(until, host, () => importOnce(importing, files, answers)),
    repeat(until, host, () => editOnce(editing, answers)),
    repeat(until, host, async () => {
      const update = comparing.compare.generate(
        { modelId: model.id, columns: [{ kind: 'base' }], prompt: prompts[0]!, maxNewTokens: 64 },
        { signal: stop.signal },
      );
      for await (const _ of await update) if (performance.now() > until) break;
      await sleep(2000);
    }),
    repeat(until, host, () => lookOnce(looking, answers)),
  ]);
}

/** What fails is told and goes on: a soak that ends early says nothing. */
async function repeat(until: number, host: SoakHost, act: () => Promise<void>): Promise<void> {
  while (performance.now() < until) {
    await act().catch(async (error: unknown) => {
      if (performance.now() < until) host.bugs.push(error instanceof Error ? error.message : String(error));
      await sleep(1000);
    });
  }
}

async function follow(open: () => Promise<AsyncIterable<unknown> | Iterable<unknown>>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _ of await open()) if (signal.aborted) return;
    } catch {
      // Broken off at the end, or the run was not there yet.
    }
    await sleep(500);
  }
}

async function importOnce(
  client: StudioClient,
  { large, commas }: { readonly large: string; readonly commas: string },
  answers: Answers,
): Promise<void> {
  const reading = readingSchema.parse({});
  await answers.time('datasets.sketch', () => client.datasets.sketch({ source: { kind: 'path', path: large }, reading }));
  for (const path of [large, commas]) {
    try {
      for await (const update of await client.datasets.import({ source: { kind: 'path', path }, name: 'soak', reading })) {
        if (update.kind === 'done') await answers.time('datasets.remove', () => client.datasets.remove({ id: update.dataset.id }));
      }
    } catch (error) {
      if (path === large) throw error;
    }
  }
  await sleep(500);
}

async function editOnce(client: StudioClient, answers: Answers): Promise<void> {
  const {
    dataset: { id },
  } = await client.starter.open();
  const [first] = (await answers.time('datasets.rows', () => client.datasets.rows({ id, offset: 0, limit: 100 }))).rows;
  for (let edit = 0; edit < 5; edit += 1)
    await answers.time('datasets.edit', () => client.datasets.edit({ id, edit: { kind: 'replace', key: first!.key, row: first!.row } }));
  await answers.time('datasets.undo', () => client.datasets.undo({ id }));
  await answers.time('datasets.save', () => client.datasets.save({ id }));
  await sleep(1000);
}

async function lookOnce(client: StudioClient, answers: Answers): Promise<void> {
  await answers.time('models.list', () => client.models.list());
  await answers.time('datasets.list', () => client.datasets.list());
  await answers.time('runs.list', () => client.runs.list());
  await answers.time('settings.get', () => client.settings.get());
  await answers.time('system.info', () => client.system.info());
  await answers.time('system.listFolder', () => client.system.listFolder({ path: null }));
  await answers.time('compare.history', () => client.compare.history({ limit: 100 }));
  await sleep(200);
}

/** The host's process, and what it has told. */
class SoakHost {
  readonly address: Promise<string>;
  readonly states: { readonly heap: number; readonly rss: number }[] = [];
  readonly stalls: Stall[] = [];
  readonly bugs: string[] = [];
  longest: Stall = { own: 0, late: 0, computed: 0, during: [] };
  readonly #child;
  readonly #closed: Promise<unknown>;

  constructor(data: string) {
    this.#child = fork(join(import.meta.dirname, 'host.ts'), [data], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#closed = new Promise((resolve) => this.#child.on('exit', resolve));
    this.address = new Promise((resolve, reject) => {
      this.#child.on('exit', (code) => reject(new Error(`the host ended with code ${code}`)));
      this.#child.on('message', (message) => {
        const news = message as HostNews;
        if (news.kind === 'open') resolve(news.address);
        else if (news.kind === 'stall') this.stalls.push(news.stall);
        else if (news.kind === 'bug') this.bugs.push(news.message);
        else {
          this.states.push(news);
          this.longest = news.longest;
        }
      });
    });
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#closed;
  }
}

/** @returns whether everything was as promised */
function report({ states, stalls, bugs, longest }: SoakHost, { calls }: Answers): boolean {
  const mb = (bytes: number) => Math.round(bytes / MB);
  console.log('| Part of the time | least heap MB | most heap MB | memory MB |\n|---|---|---|---|');
  const size = Math.max(1, Math.ceil(states.length / 10));
  const least: number[] = [];
  for (let from = 0; from < states.length; from += size) {
    const part = states.slice(from, from + size);
    const heaps = part.map(({ heap }) => heap);
    least.push(Math.min(...heaps));
    console.log(
      `| ${from} to ${from + part.length} s | ${mb(Math.min(...heaps))} | ${mb(Math.max(...heaps))} | ${mb(Math.max(...part.map(({ rss }) => rss)))} |`,
    );
  }
  console.log('\n| Call | times | slowest ms |\n|---|---|---|');
  for (const [name, { count, slowest }] of [...calls].sort(([, x], [, y]) => y.slowest - x.slowest))
    console.log(`| ${name} | ${count} | ${Math.round(slowest)} |`);
  const growth = least.length < 3 ? 0 : Math.min(...least.slice(-2)) - least[1]!;
  console.log(
    `\nLongest stall of the loop: ${longest.own} ms of its own doing (${longest.late} ms late, ${longest.computed} ms computed), during ${longest.during.join(', ') || 'nothing named'}; ${stalls.length} of ${MOST_STALL} ms or more. Heap from the second part to the end: ${growth >= 0 ? '+' : ''}${mb(growth)} MB.`,
  );
  for (const stall of stalls.slice(0, 20)) console.log(`  stall: ${JSON.stringify(stall)}`);
  for (const bug of new Set(bugs)) console.log(`  told: ${bug.slice(0, 400)}`);
  return longest.own < MOST_STALL && growth < GROWTH;
}
