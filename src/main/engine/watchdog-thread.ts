/**
 * @file The thread beside the engine (docs/adr/0015). It looks at two things that the engine itself cannot: whether the host is gone while
 * the main loop is busy, and whether the process takes more memory than its work may need. Either way it ends the process hard, for a
 * loop that does not turn hears nothing softer. Little is imported here: it has to be there before all else.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { watchHost } from './host-gone.ts';
import type { WatchdogReport, WatchdogSettings, Work } from './watchdog.ts';

/** Milliseconds between two looks. */
const LOOK = 200;
/** Milliseconds that an engine with nothing to save outlives its host. */
const GRACE = 3000;
/** Milliseconds that the loop may stand still in an engine that saves, once its host is gone: a step on plain loops takes some seconds. */
const SILENCE = 15_000;
/** Milliseconds within which a step and a checkpoint after it are over, on any machine that can train at all. */
const SAVING = 600_000;
/** Milliseconds for which a full pipe to the host is tried again. */
const SAYING = 1000;

const { hostPid, beats, limits } = workerData as WatchdogSettings;
const isHostGone = watchHost(hostPid);
let work: Work = { doing: 'opening', needs: 'text', saves: false, model: null };
let beat = 0;
let beatAt = performance.now();
let goneAt: number | null = null;

parentPort!.on('message', (next: Work) => (work = next));
setInterval(look, LOOK);

function look(): void {
  const now = performance.now();
  const limit = limits[work.needs];
  if (process.memoryUsage.rss() > limit) endFor({ reason: 'memory', limit, doing: work.doing, model: work.model });
  const seen = Atomics.load(beats, 0);
  if (seen !== beat) [beat, beatAt] = [seen, now];
  if (goneAt === null && isHostGone()) goneAt = now;
  if (goneAt === null) return;
  const silent = now - Math.max(beatAt, goneAt);
  if (work.saves ? silent > SILENCE || now - goneAt > SAVING : now - goneAt > GRACE) process.kill(process.pid, 'SIGKILL');
}

/** Tells the host why, by what is printed: the channel belongs to a loop that may not turn (engine-host/lost-engine.ts reads it). */
function endFor(report: WatchdogReport): never {
  const text = Buffer.from(`\n${JSON.stringify({ watchdog: report })}\n`);
  const until = performance.now() + SAYING;
  for (let done = 0; done < text.length && performance.now() < until;) {
    try {
      done += writeSync(2, text, done);
    } catch (error) {
      // The host has gone too, and there is nobody to tell.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break;
    }
  }
  process.kill(process.pid, 'SIGKILL');
  throw new Error('internal: a killed process goes on');
}
