import type { Lab } from './lab.ts';
import { type Harm, type Outcome, type Trial, wrong } from './trial.ts';

export interface Report {
  readonly name: string;
  readonly trials: number;
  readonly equal: number;
  readonly said: number;
  readonly wrong: number;
  /** Why the harm was not done; null where it was. */
  readonly unavailable: string | null;
}

export interface TortureOptions {
  readonly random: () => number;
  /** Trials at once. */
  readonly beside: number;
  readonly tell: (line: string) => void;
}

/** Runs trials of one harm, tells each outcome, and counts them. */
export async function torture(lab: Lab, harm: Harm, count: number, { random, beside, tell }: TortureOptions): Promise<Report> {
  const unavailable = harm.unavailable();
  const trials = unavailable === null ? [...harm.trials(count, random)] : [];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let trial = trials.shift(); trial !== undefined; trial = trials.shift()) {
      const outcome = await judged(trial, lab);
      outcomes.push(outcome);
      tell(
        `${outcome.kind.toUpperCase().padEnd(5)} ${harm.name} ${outcomes.length}/${count}: ${trial.name}${outcome.note === '' ? '' : ` (${outcome.note})`}`,
      );
    }
  };
  await Promise.all(Array.from({ length: beside }, work));
  const of = (kind: Outcome['kind']) => outcomes.filter((each) => each.kind === kind).length;
  return { name: harm.name, trials: outcomes.length, equal: of('equal'), said: of('said'), wrong: of('wrong'), unavailable };
}

async function judged(trial: Trial, lab: Lab): Promise<Outcome> {
  try {
    return await trial.run(lab);
  } catch (error) {
    return wrong(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
