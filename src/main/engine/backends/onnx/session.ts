import { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../../ir/graph.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { BackendSession, HostTensor, MemoryReport, Program, StateSpec } from '../backend.ts';
import { lowerGraph } from './lower-graph.ts';
import { prepareGraph } from './prepare-graph.ts';
import { OnnxProgram } from './program.ts';
import { StateStore } from './states.ts';

export class OnnxSession implements BackendSession {
  readonly #states = new StateStore();
  readonly #programs = new Set<OnnxProgram>();
  readonly #options: InferenceSession.SessionOptions;

  constructor(options: InferenceSession.SessionOptions) {
    this.#options = options;
  }

  async addStates(specs: readonly StateSpec[], onProgress?: (done: number, total: number) => void): Promise<void> {
    await this.#states.add(specs, onProgress);
  }

  async removeStates(names: readonly string[]): Promise<void> {
    this.#states.remove(names);
  }

  async compile(graph: Graph): Promise<Program> {
    for (const { name, value } of graph.states) this.#states.require(name, graph.values[value]!.type, 'read');
    for (const { name, value } of graph.updates) this.#states.require(name, graph.values[value]!.type, 'update');
    const ready = prepareGraph(graph);
    const program = new OnnxProgram(ready, await this.#create(ready), this.#states);
    this.#programs.add(program);
    return {
      name: program.name,
      run: (feeds) => program.run(feeds),
      dispose: async () => {
        if (this.#programs.delete(program)) await program.dispose();
      },
    };
  }

  async readState(name: string): Promise<HostTensor> {
    return this.#states.read(name);
  }

  async writeState(name: string, tensor: HostTensor): Promise<void> {
    this.#states.write(name, tensor);
  }

  /** `peak` is the largest resident size of the whole process so far, what a system monitor shows; `workspace` is what of it is not states. */
  memory(): MemoryReport {
    const [weights, state] = [this.#states.bytes('constant'), this.#states.bytes('variable')];
    const peak = Math.max(weights + state, process.resourceUsage().maxRSS * 1024);
    return { weights, state, workspace: peak - weights - state, peak };
  }

  async dispose(): Promise<void> {
    const programs = [...this.#programs];
    this.#programs.clear();
    await Promise.all(programs.map((program) => program.dispose()));
    this.#states.clear();
  }

  async #create(graph: Graph): Promise<InferenceSession> {
    try {
      return await InferenceSession.create(lowerGraph(graph).encode(), this.#options);
    } catch (error) {
      const message = `graph "${graph.name}" does not compile for the CPU: ${error instanceof Error ? error.message : String(error)}`;
      throw new AppError({ code: 'BACKEND-COMPILE', message, data: { graph: graph.name } }, error);
    }
  }
}
