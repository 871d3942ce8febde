/**
 * @file A run told in sentences for its log: what it prepares and how long that takes, on what it trains, how it gets on, what it saves, how
 * it ends. Steps by the thousand are told about twenty times a run.
 */
import { bytes, duration, grouped, plural } from '../../../shared/lib/plain-words.ts';
import { metricText } from '../../../shared/domain/metrics.ts';
import type { RunPhase } from '../../../shared/domain/run-record.ts';
import type { RunUpdate } from './run-update.ts';

const TOLD_STEPS = 20;

const PHASES: Readonly<Record<RunPhase, readonly [doing: string, done: string]>> = {
  importing: ['Reading the dataset', 'Read the dataset'],
  reading: ['Reading the rows', 'Read the rows'],
  encoding: ['Turning the rows into tokens', 'Turned the rows into tokens'],
  loading: ['Loading the model', 'Loaded the model'],
  compiling: ['Compiling the training step', 'Compiled the training step'],
  evaluating: ['Evaluating', 'Evaluated'],
};

type Of<K extends RunUpdate['kind']> = Extract<RunUpdate, { kind: K }>;

export class RunNarrator {
  readonly #now: () => number;
  #phase: { readonly name: RunPhase; readonly since: number } | null = null;
  #totalSteps = 0;
  #first = 0;
  /** Step of the last line. */
  #told = 0;
  #peak = 0;

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What there is to say of an update; mostly nothing. */
  linesOf(update: RunUpdate): readonly string[] {
    switch (update.kind) {
      // How one that goes on stands is told by a notice.
      case 'run':
        return update.resumedFrom === null ? ['The run begins.'] : [];
      // An evaluation is told by what it came to.
      case 'progress':
        return update.phase === 'evaluating' ? [] : this.#progress(update);
      case 'imported':
        return [`Dataset: ${plural(update.rows, 'row')}${update.badRows === 0 ? '' : `; ${plural(update.badRows, 'row')} set aside`}.`];
      case 'dataset':
        return [...this.#endPhase(), tokensOf(update)];
      case 'started':
        return [...this.#endPhase(), this.#started(update)];
      case 'step':
        return [...this.#step(update), ...evaluationOf(update)];
      case 'checkpoint':
        return [`Saved the checkpoint of step ${grouped(update.step)}.`];
      case 'memory':
        this.#peak = update.memory.peak;
        return [];
      case 'finished':
        return [
          `Finished: ${plural(update.result.steps, 'step')}${update.result.trainLoss === null ? '' : `, mean loss ${update.result.trainLoss.toFixed(4)}`}, in ${duration(update.result.seconds)}.${this.#memory()}`,
        ];
      case 'stopped':
        return [
          update.checkpoint === null ? 'Stopped before anything was there to save.' : `Stopped after step ${grouped(update.step)}, which is saved.`,
        ];
      case 'failed':
      case 'interrupted':
        return this.#phase === null ? [] : [`It ended while this was going on: ${PHASES[this.#phase.name][0].toLowerCase()}.`];
      case 'log':
        return [];
      default:
        return [];
    }
  }

  #progress({ phase, done, total }: Of<'progress'>): readonly string[] {
    const before = this.#phase?.name === phase ? [] : this.#endPhase();
    if (this.#phase === null && done < total) {
      this.#phase = { name: phase, since: this.#now() };
      return [...before, `${PHASES[phase][0]}.`];
    }
    return [...before, ...(done >= total ? this.#endPhase() : [])];
  }

  #endPhase(): readonly string[] {
    if (this.#phase === null) return [];
    const { name, since } = this.#phase;
    this.#phase = null;
    return [`${PHASES[name][1]} in ${duration((this.#now() - since) / 1000)}.`];
  }

  #started(update: Of<'started'>): string {
    this.#totalSteps = update.totalSteps;
    this.#first = update.firstStep + 1;
    this.#told = update.firstStep;
    return `Training ${grouped(update.trainableParameters)} of ${grouped(update.totalParameters)} parameters on ${update.device} in ${update.precision}: steps ${grouped(this.#first)} to ${grouped(update.totalSteps)}, ${Number(update.epochs.toPrecision(3))} ${update.epochs === 1 ? 'epoch' : 'epochs'}.`;
  }

  #step({ step, values: { loss, seconds, learning_rate: rate } }: Of<'step'>): readonly string[] {
    const every = Math.max(1, Math.round(this.#totalSteps / TOLD_STEPS));
    // Where the log is sparse, the first line of each part.
    const due = step === this.#first || step === this.#totalSteps || Math.floor(step / every) > Math.floor(this.#told / every);
    if (loss === undefined || !due) return [];
    this.#told = step;
    const words = [
      `loss ${loss.toFixed(4)}`,
      ...(rate === undefined ? [] : [`learning rate ${rate.toExponential(2)}`]),
      ...(seconds === undefined ? [] : [duration(seconds)]),
    ];
    return [`Step ${grouped(step)} of ${grouped(this.#totalSteps)}: ${words.join(', ')}.`];
  }

  #memory(): string {
    return this.#peak === 0 ? '' : ` Memory at the peak: ${bytes(this.#peak)}.`;
  }
}

function evaluationOf({ step, values: { eval_loss: loss, eval_mean_token_accuracy: accuracy } }: Of<'step'>): readonly string[] {
  if (loss === undefined) return [];
  return [
    `Evaluation after step ${grouped(step)}: loss ${metricText('eval_loss', loss)}${accuracy === undefined ? '' : `, token accuracy ${metricText('eval_mean_token_accuracy', accuracy)}`}.`,
  ];
}

function tokensOf({ rows, dropped, truncated, tokens, targets, longest, evaluated }: Of<'dataset'>): string {
  const left = [...(truncated > 0 ? [`${grouped(truncated)} cut`] : []), ...(dropped > 0 ? [`${grouped(dropped)} left out`] : [])];
  return `Tokens: ${grouped(tokens)} in ${plural(rows, 'row')}, ${grouped(targets)} of them learned from; the longest row has ${grouped(longest)}${evaluated === undefined ? '' : `; ${plural(evaluated.rows, 'row')} ${evaluated.heldOut ? 'of them held out' : 'of another file'} for evaluation`}${left.length === 0 ? '' : `; ${left.join(', ')}`}.`;
}
