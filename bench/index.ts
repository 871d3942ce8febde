/** @file `npm run bench -- <name> [options]`: measurements for a person, described in bench/README.md. Not part of the tests. */

type Bench = (args: readonly string[]) => Promise<void>;

/** Loaded when asked for: one bench must not need another's libraries. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  'cpu-step': async () => (await import('./cpu-step.ts')).cpuStep,
  decode: async () => (await import('./warm/decode.ts')).decode,
  memory: async () => (await import('./memory.ts')).memory,
  warm: async () => (await import('./warm/warm.ts')).warm,
  soak: async () => (await import('./soak/index.ts')).soak,
  ui: async () => (await import('./ui/index.ts')).ui,
  gpu: async () => (await import('./gpu/index.ts')).gpu,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench) {
  await (
    await bench()
  )(args);
} else {
  console.error(`Unknown bench "${name}". There are: ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 1;
}
