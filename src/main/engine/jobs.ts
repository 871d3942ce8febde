/**
 * @file What each kind of job does. Jobs that compute no tensor have their own table: no backend is opened for them, so a driver that is broken
 * stops none of them. Whoever runs a job says that it is over: training by what it yields, every other by `done`.
 */
import { runDevices } from './devices.ts';
import { runExport } from './export/run-export.ts';
import { runFacts } from './facts.ts';
import { runGenerate } from './generate/run-generate.ts';
import type { JobContext, TextJobContext } from './job-context.ts';
import { openBackend } from './open-backend.ts';
import type { Job } from './protocol.ts';
import { runCheckpoints } from './train/check-checkpoint.ts';
import { runCount } from './train/count.ts';
import { sft } from './train/methods/sft.ts';
import { runPreview } from './train/preview.ts';
import { runTraining } from './train/run.ts';

type Of<K extends Job['kind']> = Extract<Job, { readonly kind: K }>;
type Computing = 'train' | 'generate';
type Reading = Exclude<Job['kind'], Computing>;

const READING: { readonly [K in Reading]: (job: Of<K>, context: TextJobContext) => Promise<void> } = {
  devices: (job, { emit }) => runDevices(job, emit),
  facts: (job, { emit, stop }) => runFacts(job, emit, stop),
  preview: (job, context) => runPreview(job, context),
  count: (job, context) => runCount(job, context),
  checkpoints: (job, { emit }) => runCheckpoints(job, emit),
  export: (job, { emit }) => runExport(job, emit),
};

const COMPUTING: { readonly [K in Computing]: (job: Of<K>, context: JobContext) => Promise<void> } = {
  train: (job, context) => runTraining(job, context, sft),
  generate: (job, context) => runGenerate(job, context),
};

/** Does one job to its end; its last event is told. @throws what the job throws */
export async function runJob(job: Job, context: Omit<JobContext, 'backend'>): Promise<void> {
  const started = performance.now();
  if (isComputing(job)) await COMPUTING[job.kind](job as never, { ...context, backend: await openBackend(job.device, job) });
  else await READING[job.kind](job as never, context);
  if (job.kind !== 'train') context.emit({ kind: 'done', seconds: (performance.now() - started) / 1000 });
}

function isComputing(job: Job): job is Of<Computing> {
  return Object.hasOwn(COMPUTING, job.kind);
}
