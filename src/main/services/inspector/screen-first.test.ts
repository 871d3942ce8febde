import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ScreenFirst } from './screen-first.ts';

it('what goes through everything waits for what is shown, also for what is asked for a moment later', async () => {
  const turns = new ScreenFirst();
  const order: string[] = [];
  const counted = turns.afterwards().then(() => order.push('counted'));
  const [one, two] = [turns.show(), turns.show()];
  await sleep(60);
  order.push('one');
  one();
  await sleep(5);
  order.push('two');
  two();
  await counted;
  expect(order).toEqual(['one', 'two', 'counted']);
  // With nothing to wait for it goes on.
  await turns.afterwards();
});
