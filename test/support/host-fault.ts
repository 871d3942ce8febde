/** @file Loaded into the command line (`--import`), it makes a mistake of ours there, in nobody's hands, once the file HOST_FAULT_AT is there. */
import { existsSync } from 'node:fs';

const { HOST_FAULT: kind, HOST_FAULT_AT: at } = process.env;

// Engines inherit the options of their host.
if (kind !== undefined && at !== undefined && /cli[/\\]index\.ts$/.test(process.argv[1] ?? '')) {
  const look = setInterval(() => {
    if (!existsSync(at)) return;
    clearInterval(look);
    if (kind === 'throw') throw new Error('nobody expected this');
    void Promise.reject(new Error('nobody expected this'));
  }, 20);
  look.unref();
}
