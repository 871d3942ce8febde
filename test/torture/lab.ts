/** @file The run that was left alone, and the way to start, go on with and judge others like it. Everything through the command line. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parityFixture } from '../support/fixture.ts';
import { startCli, type CliResult, type RunningCli } from '../support/run-cli.ts';
import { processesOf } from './processes.ts';
import { equal, type Moment, type Outcome, seconds, wrong } from './trial.ts';

const ADAPTER = ['adapter_model.safetensors', 'adapter_config.json'];
const STEPS = 60;
/** Seconds after which a program that has not ended hangs; a checkpoint and a slow machine need far less. */
const PATIENCE = 180;
/** Seconds in which an engine has ended after its host. */
const ENGINE_GONE = 20;
/** More attempts than a run is ever cut off in a trial. */
const MOST_RESUMES = 12;

export interface Ended extends CliResult {
  /** Null where it ended by itself in time. */
  readonly hung: string | null;
}

export interface Place {
  /** Folder of the run. */
  readonly out: string;
  readonly data: string;
}

export interface Running extends RunningCli {
  /** Resolves when a step was told. */
  reached(step: number): Promise<void>;
}

export class Lab {
  /** Seconds until the run which was left alone told its first step. */
  readonly #beginning: number;
  readonly folder: string;
  readonly #adapter: readonly Buffer[];
  readonly #steps: readonly unknown[];
  #places = 0;

  private constructor(folder: string, beginning: number, adapter: readonly Buffer[], steps: readonly unknown[]) {
    this.folder = folder;
    this.#beginning = beginning;
    this.#adapter = adapter;
    this.#steps = steps;
  }

  static async open(folder: string): Promise<Lab> {
    const place = { out: join(folder, 'whole'), data: join(folder, 'data') };
    const started = performance.now();
    let beginning = 0;
    const whole = await startCli(trainArgs(place), ({ kind }) => {
      if (kind === 'step') beginning ||= (performance.now() - started) / 1000;
    }).ended;
    if (whole.code !== 0) throw new Error(`the run that is to be left alone failed:\n${whole.stderr}`);
    return new Lab(folder, beginning, await adapterOf(place.out), (await stepsOf(place.out))!);
  }

  /** Folders that nobody used yet. */
  newPlace(data = join(this.folder, 'data')): Place {
    this.#places += 1;
    return { out: join(this.folder, `run-${this.#places}`), data };
  }

  train(place: Place, env: NodeJS.ProcessEnv = {}): Running {
    return watched(trainArgs(place), { TORTURE_PLACE: place.out, ...env });
  }

  resume({ out, data }: Place): Running {
    return watched(['resume', '--out', out, '--data', data, '--json'], { TORTURE_PLACE: out });
  }

  /** Waits for a moment of a run. @returns false where the run ended before it */
  async at(running: Running, moment: Moment): Promise<boolean> {
    const come =
      'beginning' in moment
        ? seconds(moment.beginning * this.#beginning)
        : running.reached(Math.ceil(moment.steps * STEPS)).then(() => seconds(moment.later));
    return Promise.race([come.then(() => true), running.ended.then(() => false)]);
  }

  /** Goes on with a run, as often as `disturb` cuts it off (and says that it did), until it has ended; then compares. */
  async finish(place: Place, disturb: (running: Running) => Promise<boolean> = () => Promise.resolve(false)): Promise<Outcome> {
    const reasons: string[] = [];
    for (let attempt = 0; attempt < MOST_RESUMES; attempt += 1) {
      const left = await this.enginesGone(place);
      if (left !== null) return wrong(left);
      const running = hasBegun(place) ? this.resume(place) : this.train(place);
      const struck = await disturb(running);
      const ended = await end(running);
      if (ended.hung !== null) return wrong(ended.hung);
      if (ended.code === 0) return this.compare(place, reasons);
      // Who was killed has no last words.
      const reason = struck && ended.signal !== null ? `killed by ${ended.signal}` : lastWordsOf(ended);
      if (reason === '') return wrong(`ended with ${ended.code} without a word`);
      reasons.push(reason);
      await seconds(0.5);
    }
    return { kind: 'said', note: reasons.at(-1)! };
  }

  /** Whether the run ended bit for bit as the one that was left alone. */
  async compare({ out }: Place, reasons: readonly string[] = []): Promise<Outcome> {
    if (!isDeepStrictEqual(await adapterOf(out), this.#adapter)) return wrong(`another adapter: ${reasons.join(' | ')}`);
    const steps = await stepsOf(out);
    if (steps !== null && !isDeepStrictEqual(steps, this.#steps)) return wrong('other metrics in events.jsonl');
    return equal(reasons.length === 0 ? '' : `after: ${reasons.at(-1)}`);
  }

  /** Waits until no process works on a place. @returns what is wrong; null where they have gone */
  async enginesGone({ out }: Place): Promise<string | null> {
    for (let waited = 0; waited < ENGINE_GONE; waited += 0.25) {
      if (processesOf(out).length === 0) return null;
      await seconds(0.25);
    }
    const left = processesOf(out);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    return `processes ${left.join(', ')} outlived their host by ${ENGINE_GONE} s`;
  }
}

/** Whether there is a run to go on with: what ended sooner is started again. */
function hasBegun({ out }: Place): boolean {
  return existsSync(join(out, 'status.json'));
}

function watched(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  let newest = 0;
  let waiting: readonly { readonly step: number; readonly resolve: () => void }[] = [];
  const running = startCli(
    args,
    (event) => {
      if (event.kind !== 'step') return;
      newest = event['step'] as number;
      for (const { resolve } of waiting.filter(({ step }) => step <= newest)) resolve();
      waiting = waiting.filter(({ step }) => step > newest);
    },
    env,
  );
  return {
    ...running,
    reached: (step) =>
      new Promise((resolve) => {
        if (step <= newest) resolve();
        else waiting = [...waiting, { step, resolve }];
      }),
  };
}

/** Waits for a program; one that does not end is killed and reported. */
export async function end(running: RunningCli): Promise<Ended> {
  let hung: string | null = null;
  const timer = setTimeout(() => {
    hung = `did not end in ${PATIENCE} s`;
    process.kill(-running.child.pid!, 'SIGKILL');
  }, PATIENCE * 1000);
  const result = await running.ended;
  clearTimeout(timer);
  return { ...result, hung };
}

/** What a program said of its failure, in one line. */
export function lastWordsOf({ stderr, events }: CliResult): string {
  const failed = events.findLast(({ kind }) => kind === 'failed')?.['error'] as { readonly message?: string } | undefined;
  return (failed?.message ?? stderr.trim()).replaceAll(/\s+/g, ' ').slice(0, 300);
}

/** Dropout on, so that a resumed run has to take up the random numbers where they were. */
function trainArgs({ out, data }: Place): readonly string[] {
  const settings = ['lora.lora_dropout=0.1', `max_steps=${STEPS}`, 'save_steps=7', 'save_total_limit=3'].flatMap((each) => ['--set', each]);
  return [
    'train',
    '--recipe',
    parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json'),
    ...settings,
    '--device',
    'cpu',
    '--out',
    out,
    '--data',
    data,
    '--json',
  ];
}

function adapterOf(out: string): Promise<readonly Buffer[]> {
  return Promise.all(ADAPTER.map((name) => readFile(join(out, 'adapter', name))));
}

/** Every step's values as they were last told, without the clock; null where the log has a hole, as on a full disk. */
async function stepsOf(out: string): Promise<readonly unknown[] | null> {
  const byStep = new Map<number, unknown>();
  for (const line of (await readFile(join(out, 'events.jsonl'), 'utf8')).split('\n')) {
    const event = parsed(line);
    if (event?.['kind'] !== 'step') continue;
    const { seconds: _seconds, elapsed_seconds: _elapsed, time: _time, ...values } = event;
    byStep.set(values['step'] as number, values);
  }
  return byStep.size < STEPS ? null : Array.from({ length: STEPS }, (_, index) => byStep.get(index + 1));
}

/** A line that was being written when the power went has no end. */
function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
