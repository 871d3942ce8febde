/** What a page's socket may say. Whatever comes, the worst is that this one socket closes: the host answers the next call. */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { TestBrowserHost } from '../support/test-browser-host.ts';

const call = (path: string, input: unknown = {}) => JSON.stringify({ i: '0', p: { u: path, b: { json: input } } });

/** What a message leads to: the code that the socket is closed with, or the status of the answer. */
async function outcome(
  socket: WebSocket,
  message: string | Buffer,
): Promise<{ readonly closed: number } | { readonly status: number; readonly body: unknown }> {
  const closed = once(socket, 'close').then(([code]) => ({ closed: code as number }));
  const answered = once(socket, 'message').then(([data]) => {
    const { p } = JSON.parse(String(data)) as { readonly p: { readonly s?: number; readonly b: unknown } };
    return { status: p.s ?? 200, body: p.b };
  });
  socket.send(message);
  return Promise.race([closed, answered]);
}

async function expectAlive(host: TestBrowserHost): Promise<void> {
  expect((await (await host.client()).settings.get()).language).toBe('en');
}

it('answers its page', async () => {
  const host = await TestBrowserHost.start();
  await expectAlive(host);
  const client = await host.client();
  await client.settings.update({ theme: 'dark' });
  expect((await client.settings.get()).theme).toBe('dark');
});

it('closes a socket that does not speak the protocol, and nothing else', async () => {
  const host = await TestBrowserHost.start();
  const good = await host.client();
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const garbage: readonly (string | Buffer)[] = [
    Buffer.from([0, 255, 254, 1, 2, 3]),
    Buffer.from(call('/settings/get')),
    '',
    'x',
    '{',
    '{"i":"0"',
    'null',
    '[]',
    '1',
    '"text"',
    '{}',
    deep,
    '{"i":0,"p":{"u":"/settings/get"}}',
    '{"i":"0","p":null}',
    '{"i":"0","p":{"u":5}}',
    '{"i":"0","p":{"u":"http://evil.example/"}}',
    '{"i":"0","p":{"u":"settings/get"}}',
    '{"i":"0","t":2,"p":{}}',
    '{"i":"0","t":3,"p":{"e":"message","d":1}}',
    '{"i":"0","t":"1","p":{"u":"/settings/get"}}',
    `{"i":"${'0'.repeat(1000)}","p":{"u":"/settings/get"}}`,
    `{"i":"0","p":{"u":"/${'a'.repeat(1000)}"}}`,
    '{"i":"0","p":{"u":"/settings/get","h":{"a":5}}}',
    '{"i":"0","p":{"u":"/settings/get","m":"GET"}}',
  ];
  for (const message of garbage) expect(await outcome(await host.connect(), message), String(message).slice(0, 80)).toEqual({ closed: 1007 });
  expect((await good.settings.get()).theme).toBe('auto');
  await expectAlive(host);
});

it('closes a socket whose message is larger than any of ours', async () => {
  const host = await TestBrowserHost.start();
  expect(await outcome(await host.connect(), call('/settings/update', { modelFolders: ['x'.repeat(9 * 1024 * 1024)] }))).toEqual({ closed: 1009 });
  expect(await outcome(await host.connect(), Buffer.alloc(9 * 1024 * 1024))).toEqual({ closed: 1009 });
  await expectAlive(host);
});

it('knows the procedures of the contract and no other name, whatever objects inherit', async () => {
  const host = await TestBrowserHost.start();
  const names = [
    '/',
    '/nothing',
    '/settings',
    '/settings/',
    '/settings/nothing',
    '/__proto__',
    '/constructor',
    '/settings/__proto__',
    '/settings/constructor',
    '/settings/constructor/constructor',
    '/settings/get/~orpc/handler',
    '/toString',
    '/settings/hasOwnProperty',
    '/../settings/get',
    '/settings//get',
    '/%73ettings%2fget',
    '/settings/get%00',
    '/%',
  ];
  for (const name of names) {
    const result = await outcome(await host.connect(), call(name));
    // A path is resolved as any URL is; what it leads to is in the contract, or nothing.
    if (name === '/../settings/get') expect(result).toMatchObject({ status: 200 });
    else expect(result, name).toMatchObject({ status: expect.toSatisfy((status: number) => status === 404 || status === 400) });
  }
  await expectAlive(host);
});

it('refuses input that the contract does not describe, with a reason and without a trace of it', async () => {
  const host = await TestBrowserHost.start();
  const inputs: readonly (readonly [string, unknown])[] = [
    ['/settings/update', null],
    ['/settings/update', 'text'],
    ['/settings/update', []],
    ['/settings/update', { theme: 'plaid' }],
    ['/settings/update', { threads: 0 }],
    ['/settings/update', { threads: 1.5 }],
    ['/settings/update', { modelFolders: 'x' }],
    ['/settings/update', { modelFolders: Array.from({ length: 101 }, () => 'x') }],
    ['/settings/update', { modelFolders: ['x'.repeat(4097)] }],
    ['/runs/get', {}],
    ['/runs/get', { id: '' }],
    ['/runs/get', { id: 5 }],
    ['/runs/get', { id: ['a'] }],
    ['/runs/get', { id: 'x'.repeat(65) }],
    ['/datasets/rows', { id: 'a', offset: -1, limit: 5 }],
    ['/datasets/rows', { id: 'a', offset: 0, limit: 1e9 }],
    ['/system/listFolder', { path: 'x'.repeat(5000) }],
    ['/runs/start', { modelId: 'a', datasetId: 'b', settings: { epochs: 'many' }, name: null }],
  ];
  for (const [path, input] of inputs) {
    expect(await outcome(await host.connect(), call(path, input)), `${path} ${JSON.stringify(input).slice(0, 60)}`).toMatchObject({
      status: 400,
      body: { json: { code: 'BAD_REQUEST' } },
    });
  }
  expect(host.logged).toEqual([]);
  await expectAlive(host);
});

it('lets no key of a message reach the prototype of objects', async () => {
  const host = await TestBrowserHost.start();
  for (const json of ['{"__proto__":{"polluted":1},"theme":"dark"}', '{"constructor":{"prototype":{"polluted":1}},"theme":"dark"}']) {
    await outcome(await host.connect(), `{"i":"0","p":{"u":"/settings/update","b":{"json":${json}}}}`);
  }
  for (const meta of ['[[0,"__proto__","polluted"]]', '[[9,"__proto__"]]', '[[5,"constructor","prototype"]]', '"x"', '[[99,"a"]]', '{"a":1}']) {
    await outcome(await host.connect(), `{"i":"0","p":{"u":"/settings/update","b":{"json":{"theme":"light"},"meta":${meta}}}}`);
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  await expectAlive(host);
});

it('takes a bounded number of sockets, and more when some have gone', async () => {
  const host = await TestBrowserHost.start();
  const sockets: WebSocket[] = [];
  for (let number = 0; number < 32; number += 1) sockets.push(await host.connect());
  await expect(host.connect()).rejects.toThrow('refused with 503');
  sockets[0]!.close();
  await once(sockets[0]!, 'close');
  await host.connect();
});

it('tells a page of a bug of ours only where the log has it', async () => {
  const host = await TestBrowserHost.start();
  host.studio.services.settings.get = () => {
    throw new TypeError('secret detail');
  };
  const answer = await outcome(await host.connect(), call('/settings/get', null));
  expect(answer).toMatchObject({ status: 500 });
  expect(JSON.stringify(answer)).not.toMatch(/secret|stack|\.ts/);
  expect(host.logged).toEqual([expect.objectContaining({ message: 'secret detail' })]);
});
