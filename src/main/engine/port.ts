/**
 * @file The wire to the host process: Electron's parentPort in a utility process, Node's IPC channel in a forked one.
 * Both deliver structured clones; what arrives is parsed before anybody sees it.
 */
import { commandSchema, type Command, type EngineEvent, type EngineReply } from './protocol.ts';

/** Milliseconds after which a host that should have heard the last word is waited for no longer. */
const LAST_WORD_WAIT = 10_000;

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export interface EnginePort {
  send(event: EngineEvent | EngineReply): void;
  close(): void;
}

/**
 * @param onCommand called with each well-formed command
 * @param onRefused called with the reason where a message is none
 * @param onHostGone called when the host has closed its end
 */
export function openEnginePort(onCommand: (command: Command) => void, onRefused: (reason: string) => void, onHostGone: () => void): EnginePort {
  const receive = (message: unknown) => {
    const parsed = commandSchema.safeParse(message);
    if (parsed.success) onCommand(parsed.data);
    else onRefused(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  };
  const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };
  if (parentPort) {
    parentPort.on('message', ({ data }) => receive(data));
    // Exiting could overtake the last word on its way; the host ends this process when it has heard it, as every host of ours does.
    return { send: (event) => parentPort.postMessage(event), close: () => void setTimeout(() => process.exit(), LAST_WORD_WAIT) };
  }
  if (!process.send) throw new Error('internal: the engine process was started without a channel to a host');
  process.on('message', receive);
  process.on('disconnect', onHostGone);
  let sent: Promise<void> = Promise.resolve();
  return {
    send(event) {
      // A host that has gone is reported by `disconnect`; the event has nobody to go to.
      if (process.connected) sent = new Promise((resolve) => process.send!(event, undefined, undefined, () => resolve()));
    },
    // Closing drops what a slow host has not taken yet, and that would be the last word. Events leave in order.
    close: () => void sent.then(() => process.connected && process.disconnect()),
  };
}
