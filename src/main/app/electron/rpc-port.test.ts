import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { expect, it, onTestFinished } from 'vitest';
import type { StudioClient } from '../../../shared/contract/index.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { openStudio } from '../../studio.ts';
import { dataFolder } from '../paths.ts';
import { type HostPort, serveRpcPort } from './rpc-port.ts';

/** Node's port in the shape of Electron's, whose events carry the message as `data`. */
function hostPort(port: MessagePort): HostPort {
  return {
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) => port.on(event, (data: unknown) => listener({ data })),
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

async function connected(): Promise<MessagePort> {
  const studio = openStudio(dataFolder(join(await testFolder(), 'data')), 'electron');
  const { port1, port2 } = new MessageChannel();
  serveRpcPort(hostPort(port2), { services: studio.services, logInternal: () => undefined });
  onTestFinished(async () => {
    port1.close();
    await studio.close();
  });
  return port1;
}

it('serves the contract over a port, as over a socket', async () => {
  const client: StudioClient = createORPCClient(new RPCLink({ port: (await connected()) as unknown as globalThis.MessagePort }));
  expect((await client.settings.update({ theme: 'dark' })).theme).toBe('dark');
  expect(await client.settings.get()).toMatchObject({ theme: 'dark' });
  await expect(client.runs.get({ id: '' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

it('closes a port that does not speak the protocol', async () => {
  for (const message of ['x', 5, null, { i: '0', p: { u: '/settings/get' } }, new Uint8Array(4), '{"i":"0","t":3,"p":{}}']) {
    const port = await connected();
    port.postMessage(message);
    await once(port, 'close');
  }
});
