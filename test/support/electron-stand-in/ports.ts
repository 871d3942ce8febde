/** @file Message ports as the main process has them, over Node's real ones, and what arrives at `ipcMain`. */
import type { MessagePort } from 'node:worker_threads';
import { EventEmitter } from 'node:events';
import { strict, StrictEmitter } from './strict.ts';

class StandInPort extends StrictEmitter {
  readonly #port: MessagePort;
  #started = false;
  #closed = false;

  constructor(port: MessagePort) {
    super('MessagePortMain');
    this.#port = port;
    port.on('close', () => {
      this.#closed = true;
      this.tell('close');
    });
  }

  /** Until then what arrives waits. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#port.on('message', (data: unknown) => this.tell('message', { data, ports: [] }));
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new Error('The stand-in passes no ports on.');
    // What cannot be cloned throws here as it does in Electron.
    if (!this.#closed) this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }
}

const channels = new EventEmitter();

export interface SenderFrame {
  readonly url: string;
  readonly parent: SenderFrame | null;
}

/** A message with ports from a frame of a page; false where nobody listens to the channel. */
export function arriveAtMain(channel: string, message: unknown, ports: readonly MessagePort[], senderFrame: SenderFrame): boolean {
  return channels.emit(
    channel,
    strict('IpcMainEvent', {
      ports: ports.map((port) => strict('MessagePortMain', new StandInPort(port))),
      senderFrame: strict('WebFrameMain', senderFrame),
    }),
    message,
  );
}

export const ipcMain = strict('IpcMain', {
  on: (channel: string, listener: (...args: readonly unknown[]) => void) => void channels.on(channel, listener),
});
