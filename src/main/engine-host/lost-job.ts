/** @file What the host knows of the job whose engine was lost: whose files it read, and what can be done about the loss. */
import { join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import { assertNever } from '../../shared/lib/assert-never.ts';
import { withCompiledCode } from '../files/compiled-code.ts';
import type { Job, ResidentJob } from '../engine/protocol.ts';

/** The folder of the model that a job works with, where it is one. */
export function modelOf(job: Job | ResidentJob): string | null {
  if ('recipe' in job) return job.recipe.model;
  return 'model' in job ? job.model : null;
}

export function lostRemedy(job: Job): string {
  switch (job.kind) {
    case 'train':
      return job.measure === undefined
        ? 'Resume the run: it goes on from its last checkpoint.'
        : 'Measure again; if it happens again, lower the batch size or the maximum length.';
    case 'preview':
    case 'count':
    case 'generate':
      return 'Ask again: a new engine is started for it.';
    case 'facts':
      return 'Look again; if it happens again, one of the folders holds files that an engine dies of.';
    case 'export':
      return 'Export again.';
    case 'checkpoints':
      return 'Resume again; if it happens again, the newest checkpoint holds what an engine dies of: move its folder away.';
    case 'devices':
      return 'Look again; if it happens again, look whether the graphics driver works.';
    default:
      return assertNever(job);
  }
}

/** The tokenizer library alone, of all that an engine loads, ends a process in this way (it is written in Rust). */
const PANIC = /^thread '.*panicked at /m;

/** Of an engine that its tokenizer library stopped, or null. What the library printed is kept for a report. */
export function tokenizerStop(output: string, model: string | null): AppError | null {
  if (!PANIC.test(output)) return null;
  const file = model === null ? null : join(model, 'tokenizer.json');
  return new AppError({
    code: file === null ? 'ENGINE-LOST' : 'TOKENIZER-FILE',
    message: `${file === null ? 'A tokenizer file' : `The tokenizer file ${file}`} cannot be used: the tokenizer library stopped the engine while it worked with it.`,
    data: { ...(file === null ? {} : { file }), output: withoutBacktrace(output) },
    remedy: 'Download the model again from where it comes from, or choose another one.',
  });
}

/** What a process printed, without the addresses of its native code. */
export function withoutBacktrace(output: string): string {
  return output
    .split('\n')
    .filter((line) => !/^\s*(\d+: |at |stack backtrace:|note: )/.test(line))
    .join('\n')
    .trim();
}

/** Of an engine. A backtrace says nothing to a person, and fills what is kept of the output. */
export function engineEnvironment(): NodeJS.ProcessEnv {
  return withCompiledCode({ ...process.env, RUST_BACKTRACE: '0' });
}
