/** What programs of this machine, and pages gone wrong, can take away from everybody else: sockets, calls, the loop. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { TestBrowserHost } from '../support/test-browser-host.ts';

async function silent(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

it('silent connections, however many, leave room for a visitor, and for the page that is there', async () => {
  const host = await TestBrowserHost.start();
  const client = await host.client();
  const sockets: Socket[] = [];
  for (let number = 0; number < 300; number += 1) sockets.push(await silent(host.port));
  await sleep(100);
  expect((await host.request('/', { as: 'stranger' })).status).toBe(200);
  expect((await client.settings.get()).language).toBe('en');
  expect(sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length).toBeLessThan(200);
});

it('a page has a bounded number of calls open, is told so, and has more when some have ended', async () => {
  const host = await TestBrowserHost.start();
  const client = await host.client();
  const streams = await Promise.all(Array.from({ length: 100 }, () => client.runs.watchList()));
  await Promise.all(streams.map((stream) => stream.next()));
  await expect(client.runs.watchList().then((stream) => stream.next())).rejects.toMatchObject({
    code: 'APP_ERROR',
    data: { code: 'TOO-MANY-CALLS' },
  });
  await streams[0]!.return?.(undefined);
  await expect
    .poll(() =>
      client.settings.get().then(
        ({ language }) => language,
        () => null,
      ),
    )
    .toBe('en');
});

it.each([
  ['nested without end', '['.repeat(4 * 1024 * 1024)],
  ['nested and closed', `{"i":"0","p":{"u":"/settings/get","b":{"json":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}}}`],
  ['wide', `{"i":"0","p":{"u":"/settings/get","b":{"json":[${'[],'.repeat(1_500_000)}[]]}}}`],
])('a large message that is %s is refused before it is parsed', async (_name, message) => {
  const host = await TestBrowserHost.start();
  const socket = await host.connect();
  const closed = once(socket, 'close');
  socket.send(message);
  expect((await closed)[0]).toBe(1007);
  expect((await (await host.client()).settings.get()).language).toBe('en');
});
