import { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../../ir/graph.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { BackendSession, HostTensor, MemoryReport, Program, StateSpec } from '../backend.ts';
import { lowerGraph } from './lower-graph.ts';
import { prepareGraph } from './prepare-graph.ts';
import { queuedProgram, RunQueue } from '../pending.ts';
import { OnnxProgram } from './program.ts';
import type { ProgramCache } from './program-cache.ts';
import { StateStore } from './states.ts';

export class OnnxSession implements BackendSession {
  readonly #states = new StateStore();
  readonly #programs = new Set<OnnxProgram>();
  readonly #queue = new RunQueue();
  readonly #options: InferenceSession.SessionOptions;
  readonly #cache: ProgramCache | null;

  constructor(options: InferenceSession.SessionOptions, cache: ProgramCache | null = null) {
    this.#options = options;
    this.#cache = cache;
  }

  async addStates(specs: readonly StateSpec[], onProgress?: (done: number, total: number) => void): Promise<void> {
    await this.#states.add(specs, onProgress);
  }

  async removeStates(names: readonly string[]): Promise<void> {
    await this.#queue.settled();
    this.#states.remove(names);
  }

  async compile(graph: Graph): Promise<Program> {
    for (const { name, value } of graph.states) this.#states.require(name, graph.values[value]!.type, 'read');
    for (const { name, value } of graph.updates) this.#states.require(name, graph.values[value]!.type, 'update');
    const ready = prepareGraph(graph);
    const program = new OnnxProgram(ready, await this.#create(ready), this.#states);
    this.#programs.add(program);
    return queuedProgram(this.#queue, {
      name: program.name,
      run: (feeds) => program.run(feeds),
      dispose: async () => {
        await this.#queue.settled();
        if (this.#programs.delete(program)) await program.dispose();
      },
    });
  }

  async readState(name: string): Promise<HostTensor> {
    await this.#queue.settled();
    return this.#states.read(name);
  }

  async writeState(name: string, tensor: HostTensor): Promise<void> {
    await this.#queue.settled();
    this.#states.write(name, tensor);
  }

  /** `peak` is the largest resident size of the whole process so far, what a system monitor shows; `workspace` is what of it is not states. */
  memory(): MemoryReport {
    const [weights, state] = [this.#states.bytes('constant'), this.#states.bytes('variable')];
    const peak = Math.max(weights + state, process.resourceUsage().maxRSS * 1024);
    return { weights, state, workspace: peak - weights - state, peak };
  }

  async dispose(): Promise<void> {
    await this.#queue.settled();
    const programs = [...this.#programs];
    this.#programs.clear();
    await Promise.all(programs.map((program) => program.dispose()));
    this.#states.clear();
  }

  /** What was compiled before is only read; the optimisations are in it already. */
  async #cached(model: Uint8Array, cache: ProgramCache): Promise<InferenceSession> {
    const key = cache.key(model, this.#options);
    const known = await cache.get(key);
    if (known !== null) return InferenceSession.create(known, { ...this.#options, graphOptimizationLevel: 'disabled' });
    const draft = await cache.draft();
    const session = await InferenceSession.create(model, { ...this.#options, ...(draft === null ? {} : { optimizedModelFilePath: draft }) });
    if (draft !== null) await cache.put(key, draft);
    return session;
  }

  async #create(graph: Graph): Promise<InferenceSession> {
    try {
      const model = lowerGraph(graph).encode();
      return this.#cache === null ? await InferenceSession.create(model, this.#options) : await this.#cached(model, this.#cache);
    } catch (error) {
      const message = `graph "${graph.name}" does not compile for the CPU: ${error instanceof Error ? error.message : String(error)}`;
      throw new AppError({ code: 'BACKEND-COMPILE', message, data: { graph: graph.name } }, error);
    }
  }
}
