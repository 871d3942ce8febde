/**
 * @file `npm run bench -- gpu [SECTION...] [options]` (options: bench/README.md) on a computer with an NVIDIA GPU: correctness of every op and of training, then
 * speed and memory, beside the peers where `--peers FOLDER` has their scripts. Each part is a process of its own. A table comes last;
 * the same as JSON lines on standard output, and in a file with `--out`. Exit code 1 when anything that must hold does not.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startJob } from '../../src/main/engine-host/engine-host.ts';
import { openBackend } from '../../src/main/engine/open-backend.ts';
import { deviceChoiceSchema, type DeviceChoice } from '../../src/main/engine/protocol.ts';
import { runChild } from './child.ts';
import { withFolder } from './place.ts';
import { runPeers } from './peers.ts';
import { readRecord, type BenchRecord } from './records.ts';
import { of, peersOf, report } from './report.ts';
import { parseSpeedCase } from './shapes.ts';

const SECTIONS = ['ops', 'gemm', 'parity', 'speed', 'decode', 'peers', 'gemm-times'] as const;
type Section = (typeof SECTIONS)[number];
/** `gemm-times` takes minutes and is asked for by name; `peers` needs their folder. */
const DEFAULT: readonly Section[] = ['ops', 'gemm', 'parity', 'speed', 'decode'];

interface Options {
  readonly sections: readonly Section[];
  readonly device: DeviceChoice;
  readonly out: string | null;
  readonly peers: string | null;
  readonly shapes: readonly string[];
  readonly decode: readonly string[];
  /** Cases of test/parity; all when empty. */
  readonly cases: readonly string[];
  readonly steps: string;
  /** Seconds that one part may take. */
  readonly limit: number;
}

function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      device: { type: 'string', default: 'cuda' },
      out: { type: 'string' },
      peers: { type: 'string' },
      shapes: { type: 'string', default: 'qwen2.5-0.5b:4:512,qwen2.5-0.5b:8:1024,qwen2.5-0.5b:8:1024:recompute,smollm2-135m:8:1024' },
      decode: { type: 'string', default: 'qwen2.5-0.5b' },
      cases: { type: 'string', default: '' },
      steps: { type: 'string', default: '12' },
      limit: { type: 'string', default: '300' },
    },
  });
  const unknown = positionals.find((name) => !(SECTIONS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`no section "${unknown}"; there are ${SECTIONS.join(', ')}`);
  const list = (text: string) => text.split(',').filter((name) => name !== '');
  const shapes = list(values.shapes);
  shapes.forEach(parseSpeedCase);
  const asked = positionals.length > 0 ? (positionals as Section[]) : [...DEFAULT, ...(values.peers === undefined ? [] : ['peers' as const])];
  if (asked.includes('peers') && values.peers === undefined)
    throw new Error('the section "peers" needs --peers FOLDER, where hf_lora.py and unsloth_lora.py are');
  return {
    sections: asked,
    device: deviceChoiceSchema.parse(values.device),
    out: values.out ?? null,
    peers: values.peers ?? null,
    shapes,
    decode: list(values.decode),
    cases: list(values.cases),
    steps: values.steps,
    limit: Number(values.limit),
  };
}

class Benchmark {
  readonly records: BenchRecord[] = [];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    if (options.out !== null) writeFileSync(options.out, '');
  }

  add(record: BenchRecord): void {
    this.records.push(record);
    const line = `${JSON.stringify(record)}\n`;
    process.stdout.write(line);
    if (this.#options.out !== null) appendFileSync(this.#options.out, line);
  }

  check(section: string, name: string, ok: boolean, detail: string): void {
    this.add({ kind: 'check', section, name, ok, detail });
  }

  async run(section: Section): Promise<void> {
    const { device, steps, shapes, decode, cases } = this.#options;
    const common = ['--device', device, '--steps', steps];
    switch (section) {
      case 'ops':
        await this.#part(section, 'ops.ts', []);
        for (const products of ['mma', 'wgmma']) await this.#part(`${section}, ${products} products alone`, 'ops.ts', ['--products', products]);
        return;
      case 'gemm':
        return this.#part(section, 'gemm.ts', ['--check-only']);
      case 'gemm-times':
        return this.#part(section, 'gemm.ts', []);
      case 'parity':
        return this.#part(section, 'parity.ts', [...common, ...cases]);
      case 'speed':
        // A process each: what one shape leaves behind must not count against the next.
        for (const shape of shapes) await this.#part(`${section} ${shape}`, 'speed.ts', [...common, shape]);
        return this.#recomputed();
      case 'decode':
        return this.#part(section, 'decode.ts', [...common, ...decode]);
      case 'peers':
        return this.#peers();
    }
  }

  /** A part that ends badly is one failed check; the others go on. The last line it says to a person is kept with it. */
  async #part(name: string, script: string, args: readonly string[]): Promise<void> {
    const began = performance.now();
    process.stdout.write(`-- ${name}\n`);
    let said = '';
    const onLine = (line: string) => {
      const record = readRecord(line);
      if (record) return this.add(record);
      said = line;
      process.stdout.write(`${line}\n`);
    };
    const problem = await runChild({
      command: process.execPath,
      args: [join(import.meta.dirname, script), ...args],
      seconds: this.#options.limit,
      onLine,
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    this.check('part', name, problem === null, `${problem ?? 'done'}, ${seconds} s${said === '' ? '' : `: ${said}`}`);
  }

  /** Layers computed again train the same adapter, to the bit. */
  #recomputed(): void {
    const records = of(this.records, 'speed');
    for (const again of records.filter(({ recompute }) => recompute)) {
      const kept = records.find(
        ({ model, batch, length, recompute }) => !recompute && model === again.model && batch === again.batch && length === again.length,
      );
      if (kept)
        this.check(
          'speed',
          `${again.model} ${again.batch}x${again.length}: computed again equals kept`,
          kept.trained === again.trained,
          `after ${kept.loss.length} steps`,
        );
    }
  }

  async #peers(): Promise<void> {
    await runPeers({
      folder: this.#options.peers!,
      cases: this.#options.shapes.map(parseSpeedCase).filter(({ recompute }) => !recompute),
      seconds: this.#options.limit,
      onRecord: (record) => this.add(record),
      onText: (line) => process.stdout.write(`${line}\n`),
      onProblem: (peer, problem) => this.check('peers', peer, false, problem),
    });
    for (const ours of of(this.records, 'speed').filter(({ recompute }) => !recompute)) {
      for (const peer of peersOf(this.records, ours)) {
        const ratio = ours.tokensPerSecond / peer.tokensPerSecond;
        this.check(
          'peers',
          `${ours.model} ${ours.batch}x${ours.length}: at least as fast as ${peer.peer}`,
          ratio >= 1,
          `${ratio.toFixed(2)} times its speed`,
        );
      }
    }
  }
}

/** What the engine says of the device, asked in a process that ends: a context kept here would take memory from the parts. */
async function describeDevice(device: DeviceChoice): Promise<{ readonly available: boolean; readonly description: string }> {
  return withFolder(async (cacheDir) => {
    if (device !== 'cuda') return { available: true, description: (await openBackend(device, { threads: null, cacheDir })).info.device };
    let found = { available: false, description: 'The engine said nothing of it.' };
    let told = false;
    await startJob({ kind: 'devices', device, threads: null, cacheDir }, (event) => {
      if (event.kind === 'device' && event.report.device === device) [found, told] = [event.report, true];
      // Another device's libraries may be missing here, which is no matter.
      if (event.kind === 'failed' && !told) found = { available: false, description: event.error.message };
    }).ended;
    return found;
  });
}

export async function gpu(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  process.exitCode = 1;
  const { available, description } = await describeDevice(options.device);
  if (!available) {
    process.stdout.write(`This benchmark cannot run here on ${options.device}: ${description}\n`);
    return;
  }
  const benchmark = new Benchmark(options);
  benchmark.add({ kind: 'device', description, node: process.version, date: new Date().toISOString().slice(0, 10) });
  for (const section of options.sections) await benchmark.run(section);
  process.stdout.write(`\n${report(benchmark.records)}`);
  if (of(benchmark.records, 'check').every(({ ok }) => ok)) process.exitCode = 0;
}
