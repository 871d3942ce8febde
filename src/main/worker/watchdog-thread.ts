/** @file The thread beside the worker: a task whose loop does not turn for long must not outlive its host (docs/adr/0015). */
import { workerData } from 'node:worker_threads';
import { watchHost } from '../engine/host-gone.ts';

/** Milliseconds between two looks. */
const LOOK = 500;

const isHostGone = watchHost(workerData as number);
setInterval(() => {
  if (isHostGone()) process.kill(process.pid, 'SIGKILL');
}, LOOK);
