/**
 * @file Runs one job in an engine process of its own and tells what comes of it. A crash of the engine (a driver, out of
 * memory, kill -9) is an event here and nothing else: the host lives on.
 */
import { extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { engineEventSchema, PROTOCOL_VERSION, type EngineEvent, type Job } from '../engine/protocol.ts';
import type { EngineChild, LaunchEngine } from './engine-child.ts';
import { forkEngine } from './fork-engine.ts';
import { lostEngine } from './lost-engine.ts';
import { lostRemedy, modelOf } from './lost-job.ts';
import { makeRoom } from './room.ts';

/** What callers of this host name of the protocol; they never import it themselves. */
export type { CheckpointSurvey, CountJob, DeviceChoice, EngineEvent, GenerateJob, Job, PreviewJob, PreviewRow } from '../engine/protocol.ts';

export interface RunningJob {
  /** Known at the first event at the latest. */
  readonly pid: number | undefined;
  /** Asks to stop; training saves first. A second call kills. */
  stop(): void;
  /** Resolves when the engine ended by a final event, rejects with ENGINE-LOST when it ended without one. */
  readonly ended: Promise<FinalEvent>;
}

export type FinalEvent = Extract<EngineEvent, { kind: 'finished' | 'done' | 'stopped' | 'failed' }>;
const FINAL: ReadonlySet<EngineEvent['kind']> = new Set<FinalEvent['kind']>(['finished', 'done', 'stopped', 'failed']);

export function isFinal(event: EngineEvent): event is FinalEvent {
  return FINAL.has(event.kind);
}

/** Beside this file both as a source and as built. */
const ENTRY = fileURLToPath(new URL(`../engine/process${extname(import.meta.url)}`, import.meta.url));
/** Characters of what an engine printed that are kept: often the only trace of a crash. */
const TAIL = 8192;

let launch: LaunchEngine = forkEngine;

/** Decides how engines are started from now on. Electron's entry calls it once: there, a fork is not to be had. */
export function launchEnginesBy(launcher: LaunchEngine): void {
  launch = launcher;
}

/** Those that have not gone. */
const engines = new Set<EngineChild>();
/** Milliseconds between two looks whether they have. */
const LOOK = 20;

/** An engine process without a job yet. */
export function launchEngine(): EngineChild {
  const child = launch(ENTRY);
  engines.add(child);
  const gone = () => void engines.delete(child);
  return {
    get pid() {
      return child.pid;
    },
    send: (command) => child.send(command),
    kill: () => child.kill(),
    release: () => child.release(),
    listen(listeners) {
      child.listen({
        ...listeners,
        failed(error) {
          gone();
          listeners.failed(error);
        },
        closed(how) {
          gone();
          listeners.closed(how);
        },
      });
    },
  };
}

/** Asks every engine of this process to stop, and kills those that have not gone after `grace` milliseconds. */
export async function endEngines(grace: number): Promise<void> {
  for (const child of engines) child.send({ kind: 'stop' });
  const until = performance.now() + grace;
  while (engines.size > 0 && performance.now() < until) await delay(LOOK);
  for (const child of engines) child.kill();
}

/**
 * Starts an engine and gives it the job. `onEvent` sees every event, the final one included. A training job is given the memory that
 * resident engines hold, and is told so as a `log`.
 */
export function startJob(job: Job, onEvent: (event: EngineEvent) => void): RunningJob {
  const child = launchEngine();
  let stopping = false;
  const ended = follow(child, job, onEvent, () => child.send({ kind: 'start', version: PROTOCOL_VERSION, job }));
  if (job.kind === 'train') {
    const went = makeRoom(ended);
    // Not before who started it has it in hand.
    if (went.length > 0) queueMicrotask(() => went.forEach((message) => onEvent({ kind: 'log', level: 'info', message })));
  }
  return {
    get pid() {
      return child.pid;
    },
    stop() {
      if (stopping) child.kill();
      stopping = true;
      child.send({ kind: 'stop' });
    },
    ended,
  };
}

function follow(child: EngineChild, job: Job, onEvent: (event: EngineEvent) => void, onReady: () => void): Promise<FinalEvent> {
  return new Promise((resolve, reject) => {
    let last: FinalEvent | null = null;
    let output = '';
    const lost = (how: string) => lostEngine(how, output, lostRemedy(job), modelOf(job));
    child.listen({
      message(message) {
        const parsed = engineEventSchema.safeParse(message);
        if (!parsed.success) {
          onEvent({ kind: 'log', level: 'warning', message: `The engine sent something unreadable: ${parsed.error.issues[0]?.message ?? ''}` });
          return;
        }
        const event = parsed.data as EngineEvent;
        if (event.kind === 'ready') onReady();
        if (isFinal(event)) {
          last = event;
          child.release();
        }
        onEvent(event);
      },
      output(text) {
        output = (output + text).slice(-TAIL);
      },
      failed: (error) => reject(lost(`could not be started: ${error.message}`)),
      closed(how) {
        if (last) resolve(last);
        else reject(lost(how));
      },
    });
  });
}
