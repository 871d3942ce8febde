import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import { CODE_PARAMETER, ENTER_PATH, socketProtocols } from '../../src/shared/domain/browser-entry.ts';

/** Goes in by an address as a browser does, once. @returns how to open one socket after another */
export async function enter(address: string): Promise<() => Promise<StudioClient>> {
  const { origin, searchParams } = new URL(address);
  const answer = await fetch(`${origin}${ENTER_PATH}`, { method: 'POST', headers: { origin }, body: searchParams.get(CODE_PARAMETER)! });
  if (!answer.ok) throw new Error(`the host answered ${answer.status}`);
  const key = await answer.text();
  return () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, socketProtocols(key), { headers: { origin } });
      socket.once('error', reject);
      socket.once('open', () => resolve(createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }))));
    });
}

/** The slowest answer of each call, and how many there were. */
export class Answers {
  readonly calls = new Map<string, { count: number; slowest: number }>();

  async time<T>(name: string, ask: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await ask();
    } finally {
      const known = this.calls.get(name) ?? { count: 0, slowest: 0 };
      this.calls.set(name, { count: known.count + 1, slowest: Math.max(known.slowest, performance.now() - began) });
    }
  }
}
