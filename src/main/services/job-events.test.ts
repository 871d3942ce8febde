import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Places } from './job-events.ts';

it('gives no more places than there are, in turn; who breaks off waits no longer and takes none', async () => {
  const places = new Places(2);
  const never = new AbortController().signal;
  let [at, most] = [0, 0];
  const order: number[] = [];
  const use = async (number: number) => {
    const leave = await places.place(never);
    order.push(number);
    most = Math.max(most, ++at);
    await sleep(5);
    at -= 1;
    leave();
    // Leaving twice gives no second place away.
    leave();
  };
  const impatient = new AbortController();
  const first = [use(1), use(2)];
  const gone = places.place(impatient.signal).then((leave) => leave());
  const others = [3, 4, 5, 6].map(use);
  impatient.abort();
  await Promise.all([...first, gone, ...others]);
  expect([most, order]).toEqual([2, [1, 2, 3, 4, 5, 6]]);
});
