import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stallsOf } from '../../../../test/support/studio-host.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { HostLog } from '../../app/host-log.ts';
import { during, LoopWatch, type Stall } from './loop-watch.ts';

function computeFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) Math.sqrt(until);
}

function blockFor(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

it.each([
  ['computing', computeFor],
  ['waiting inside a call', blockFor],
])('a loop that stands still by %s is told, with what was at work', async (_name, act) => {
  const told: Stall[] = [];
  const watch = new LoopWatch((stall) => told.push(stall));
  await sleep(60);
  const done = during('datasets.import');
  act(600);
  await sleep(60);
  done();
  const { own, late } = watch.stop();
  expect(late).toBeGreaterThanOrEqual(550);
  if (act === blockFor) expect(watch.longest.computed).toBeLessThan(200);
  // On a busy machine some of it went to others; a wait takes no processor that anybody could take away.
  if (act === blockFor) expect(own).toBeGreaterThanOrEqual(500);
  expect(own).toBeLessThanOrEqual(late);
  if (own >= 200) expect(told.at(-1)).toMatchObject({ during: expect.arrayContaining(['datasets.import']) });
});

it('a loop that turns is not told of', async () => {
  const told: Stall[] = [];
  const watch = new LoopWatch((stall) => told.push(stall));
  for (let turn = 0; turn < 20; turn += 1) {
    computeFor(5);
    await sleep(1);
  }
  expect(watch.stop().own).toBeLessThan(200);
  expect(told).toEqual([]);
});

it("stalls in a host's log are found by those who test it, but for short waits for a disk", async () => {
  const data = await testFolder();
  const log = new HostLog(join(data, 'logs', 'host.log'));
  log.write('stall', {
    own: 300,
    late: 320,
    computed: 290,
    during: ['datasets.import', 'models.list', 'runs.watchList', 'system.listFolder', 'settings.get'],
  } satisfies Stall);
  log.write('stall', { own: 300, late: 320, computed: 10, during: [] } satisfies Stall);
  log.write('stall', { own: 1300, late: 1320, computed: 10, during: ['x'] } satisfies Stall);
  log.write('bug', new Error('something else'));
  await log.flushed();
  expect((await stallsOf(data)).map((text) => /own: (\d+)/.exec(text)?.[1])).toEqual(['300', '1300']);
});
