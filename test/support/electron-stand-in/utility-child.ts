/** @file Begins a utility process: the port is there before the entry is, and Node's own channel is not to be seen. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

const [, , entry, ...args] = process.argv;
const send = process.send!.bind(process);
const arrived = new EventEmitter();
const waiting: unknown[] = [];
process.on('message', (message) => {
  // As long as nobody listens, messages wait.
  if (arrived.listenerCount('message') === 0) waiting.push(message);
  else arrived.emit('message', { data: message, ports: [] });
});
// The program ends with the one that started it, as under Electron.
process.on('disconnect', () => process.exit());

Object.assign(process, {
  parentPort: {
    postMessage: (message: unknown) => void send(message),
    on(event: string, listener: (event: { readonly data: unknown }) => void) {
      if (event !== 'message') throw new Error(`A parent port has no event "${event}".`);
      arrived.on('message', listener);
      for (const message of waiting.splice(0)) listener({ data: message });
    },
  },
});
Reflect.deleteProperty(process, 'send');
process.argv.splice(1, process.argv.length, entry!, ...args);
await import(pathToFileURL(entry!).href);
