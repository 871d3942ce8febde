/** @file `npm run bench -- <name> [options]`: measurements for a person, one JSON line a result. Not part of the tests. */
import { cpuStep } from './cpu-step.ts';

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { 'cpu-step': cpuStep };

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench) {
  await bench(args);
} else {
  console.error(`Unknown bench "${name}". There are: ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 1;
}
