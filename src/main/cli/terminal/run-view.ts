/**
 * @file A run on the screen: phases with a bar, then step, loss (raw and smoothed), rate, speed, time left and the curve.
 * Where lines cannot be drawn again (a pipe, a log file) it prints a plain line now and then.
 */
import type { Outcome } from '../../../shared/domain/outcome.ts';
import { MAIN_METRIC, METRIC_NAMES, METRICS, metricText, type MetricName, type MetricValues } from '../../../shared/domain/metrics.ts';
import { bytes, duration, grouped, plural } from '../../../shared/lib/plain-words.ts';
import { paceOf, RECENT } from '../../services/runs/run-pace.ts';
import type { RunUpdate } from '../../services/runs/run-update.ts';
import { importedWords } from './imported-words.ts';
import { lossCurve } from './loss-curve.ts';
import { LiveBlock, type Terminal } from './terminal.ts';
import { bar } from './words.ts';

type Step = Extract<RunUpdate, { kind: 'step' }>;

const PHASES = {
  importing: 'Importing',
  reading: 'Reading',
  encoding: 'Encoding',
  loading: 'Loading',
  compiling: 'Compiling',
  evaluating: 'Evaluating',
} as const;
/** Milliseconds between two drawings, and between two plain lines. */
const DRAW_INTERVAL = 80;
const LINE_INTERVAL = 5000;
const SMOOTHING = 0.9;
const CURVE_HEIGHT = 5;

export class RunView {
  readonly #terminal: Terminal;
  readonly #block: LiveBlock;
  #totalSteps = 0;
  #losses: number[] = [];
  /** Newest first. */
  #recent: readonly Step[] = [];
  #latest: MetricValues = {};
  #resumedFrom = 0;
  #smoothSum = 0;
  #smoothWeight = 0;
  #phase = '';
  #memory: Extract<RunUpdate, { kind: 'memory' }>['memory'] | null = null;
  #shownAt = -Infinity;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#block = new LiveBlock(terminal);
  }

  update(update: RunUpdate): void {
    switch (update.kind) {
      case 'progress':
        return this.#progress(update);
      case 'step':
        return this.#step(update);
      case 'started':
        this.#totalSteps = update.totalSteps;
        this.#resumedFrom = update.firstStep;
        break;
      case 'memory':
        this.#memory = update.memory;
        break;
      default:
        break;
    }
    for (const line of this.#wordsOf(update)) this.#print(line);
  }

  /** The picture of the whole run; call when it has ended. */
  close(): void {
    if (this.#terminal.interactive) this.#block.draw(this.#losses.length > 0 ? this.#picture() : []);
    if (this.#memory)
      this.#terminal.line(
        `Memory: ${bytes(this.#memory.peak)} at the peak, ${bytes(this.#memory.weights + this.#memory.state)} of it weights and what trains them`,
      );
  }

  #progress({ phase, done, total }: Extract<RunUpdate, { kind: 'progress' }>): void {
    const share = total > 0 ? done / total : 0;
    if (this.#terminal.interactive) {
      this.#phase = `${PHASES[phase].padEnd(10)} ${bar(share, 30)} ${Math.round(share * 100)} %`;
      if (this.#isTime(DRAW_INTERVAL) || done >= total) this.#block.draw([this.#phase]);
    } else if (this.#isTime(LINE_INTERVAL)) this.#terminal.line(`${PHASES[phase]} ${Math.round(share * 100)} %`);
  }

  #step(step: Step): void {
    this.#recent = [step, ...this.#recent.slice(0, RECENT - 1)];
    this.#latest = { ...this.#latest, ...step.values };
    const main = step.values[MAIN_METRIC];
    if (main !== undefined) {
      this.#losses.push(main);
      this.#smoothSum = SMOOTHING * this.#smoothSum + (1 - SMOOTHING) * main;
      this.#smoothWeight = SMOOTHING * this.#smoothWeight + (1 - SMOOTHING);
    }
    const ends = step.step === this.#totalSteps;
    if (this.#terminal.interactive) {
      if (ends || this.#isTime(DRAW_INTERVAL)) this.#block.draw(this.#picture());
    } else if (ends || this.#losses.length === 1 || this.#isTime(LINE_INTERVAL)) this.#terminal.line(this.#summary(step));
  }

  #print(line: string): void {
    if (this.#terminal.interactive) this.#block.print(line, this.#losses.length > 0 ? this.#picture() : []);
    else this.#terminal.line(line);
  }

  #picture(): readonly string[] {
    const step = this.#recent[0]!;
    const width = Math.min(this.#terminal.columns - 1, 90);
    const share = this.#totalSteps > 0 ? step.step / this.#totalSteps : 0;
    const curve = lossCurve(this.#losses, width, CURVE_HEIGHT).map((line) => this.#terminal.paint('cyan', line));
    const head = `${bar(share, Math.max(10, width - 30))} ${Math.round(share * 100)} %`;
    return ['', ...curve, head, this.#summary(step).slice(0, this.#terminal.columns - 1)];
  }

  #summary(step: Step): string {
    // As the page reckons it: nothing is said before the pace is known, which the first step (it readies buffers and caches) does not tell.
    const pace = paceOf(this.#recent, this.#resumedFrom);
    return [
      `step ${step.step}/${this.#totalSteps}`,
      ...METRIC_NAMES.flatMap((name) => this.#words(name)),
      `${pace === null ? '-' : grouped(pace.tokensPerSecond)} tokens/s`,
      step.step === this.#totalSteps
        ? `took ${duration(this.#latest.elapsed_seconds ?? 0)}`
        : `ETA ${pace === null ? '-' : duration((this.#totalSteps - step.step) * pace.secondsPerStep)}`,
    ].join('  ');
  }

  /** The latest value of a metric that has a word on this line. */
  #words(name: MetricName): readonly string[] {
    const { short } = METRICS[name];
    const value = this.#latest[name];
    if (short === undefined || value === undefined) return [];
    return [
      `${short} ${metricText(name, value)}${name === MAIN_METRIC ? ` (smoothed ${metricText(name, this.#smoothSum / this.#smoothWeight)})` : ''}`,
    ];
  }

  #isTime(interval: number): boolean {
    const now = performance.now();
    if (now - this.#shownAt < interval) return false;
    this.#shownAt = now;
    return true;
  }

  #wordsOf(update: RunUpdate): readonly string[] {
    const paint: Terminal['paint'] = (style, text) => this.#terminal.paint(style, text);
    switch (update.kind) {
      case 'run':
        return [paint('bold', `${update.resumedFrom === null ? 'Run' : 'Resumed run'} in ${update.out}`)];
      case 'log':
        return [update.level === 'warning' ? `${paint('yellow', 'Note')}: ${update.message}` : update.message];
      case 'imported':
        return importedWords(update);
      case 'dataset':
        return [
          `Data: ${plural(update.rows, 'row')}${update.packs === null ? '' : ` in ${plural(update.packs, 'pack')}`}, ${plural(update.tokens, 'token')} (${grouped(update.targets)} learned from), longest ${update.longest}${update.truncated > 0 ? `; ${update.truncated} cut` : ''}${update.dropped > 0 ? `; ${update.dropped} dropped` : ''}${update.evaluated === undefined ? '' : `; ${plural(update.evaluated.rows, 'row')} ${update.evaluated.heldOut ? 'held out' : 'of another file'} for evaluation`}`,
        ];
      case 'started':
        return [
          `Training ${grouped(update.trainableParameters)} of ${grouped(update.totalParameters)} parameters on ${update.device} (${update.precision}): steps ${update.firstStep + 1} to ${update.totalSteps}, ${update.epochs.toPrecision(3)} epochs`,
        ];
      case 'checkpoint':
        return [paint('dim', `Saved ${update.path}`)];
      case 'finished':
        return [paint('green', `Done in ${duration(update.result.seconds)}. ${outcomeWords(update.result.outcome)}`)];
      case 'stopped':
        return [
          update.checkpoint === null ? 'Stopped before anything was there to save.' : `Stopped at step ${update.step}, saved in ${update.checkpoint}`,
        ];
      case 'failed':
      case 'interrupted':
      case 'progress':
      case 'step':
      case 'memory':
        return [];
    }
  }
}

function outcomeWords({ kind, folder }: Outcome): string {
  return `${kind === 'model' ? 'Model' : 'Adapter'}: ${folder}`;
}
