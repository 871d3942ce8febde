import { AppError } from '../../../../shared/lib/app-error.ts';
import { removeDeadCode } from '../../ir/passes/dead-code.ts';
import { formatType, type Graph, type TensorType, type Value } from '../../ir/graph.ts';
import { sameShape } from '../../ir/shape.ts';
import type { Tensor } from '../../ops/core/tensor.ts';
import { expandFused } from '../../ops/expand.ts';
import type { BackendSession, Feeds, HostTensor, MemoryReport, Program, StateSpec } from '../backend.ts';
import { queuedProgram, RunQueue } from '../pending.ts';
import { fromHost, toHost } from './host-tensors.ts';
import { runGraph } from './run-graph.ts';
import { loadState } from './state-sources.ts';

interface State {
  readonly role: StateSpec['role'];
  readonly type: TensorType;
  readonly value: Tensor;
}

function refuse(message: string): never {
  throw new AppError({ code: 'BACKEND-STATE', message });
}

export class ReferenceSession implements BackendSession {
  readonly #states = new Map<string, State>();
  readonly #compiled = new Set<Graph>();
  readonly #queue = new RunQueue();
  #workspace = 0;
  #open = true;

  async addStates(specs: readonly StateSpec[], onProgress?: (done: number, total: number) => void): Promise<void> {
    this.#requireOpen();
    for (const [index, spec] of specs.entries()) {
      if (this.#states.has(spec.name)) refuse(`state ${spec.name} already exists`);
      this.#states.set(spec.name, { role: spec.role, type: spec.type, value: await loadState(spec) });
      onProgress?.(index + 1, specs.length);
    }
  }

  async removeStates(names: readonly string[]): Promise<void> {
    await this.#queue.settled();
    for (const name of names) {
      this.#state(name);
      const user = [...this.#compiled].find((graph) => graph.states.some((state) => state.name === name));
      if (user) refuse(`state ${name} is still used by program ${user.name}`);
      this.#states.delete(name);
    }
  }

  async compile(graph: Graph): Promise<Program> {
    this.#requireOpen();
    for (const { name, value } of graph.states) this.#checkState(graph, name, graph.values[value]!.type);
    for (const { name } of graph.updates) {
      if (this.#state(name).role === 'constant') refuse(`${graph.name} updates state ${name}, which is constant`);
    }
    const expanded = removeDeadCode(expandFused(graph));
    this.#compiled.add(graph);
    return queuedProgram(this.#queue, {
      name: graph.name,
      run: async (feeds) => {
        this.#requireOpen();
        if (!this.#compiled.has(graph)) refuse(`program ${graph.name} was disposed`);
        return this.#run(expanded, feeds);
      },
      dispose: async () => {
        this.#compiled.delete(graph);
      },
    });
  }

  async readState(name: string): Promise<HostTensor> {
    await this.#queue.settled();
    return toHost(this.#state(name).value);
  }

  async writeState(name: string, tensor: HostTensor): Promise<void> {
    await this.#queue.settled();
    const state = this.#state(name);
    if (state.role === 'constant') refuse(`state ${name} is constant`);
    this.#states.set(name, { ...state, value: fromHost(`state ${name}`, tensor, state.type) });
  }

  memory(): MemoryReport {
    const bytes = (role: StateSpec['role']) =>
      [...this.#states.values()].reduce((total, state) => total + (state.role === role ? state.value.data.byteLength : 0), 0);
    const [weights, state] = [bytes('constant'), bytes('variable')];
    return { weights, state, workspace: this.#workspace, peak: weights + state + this.#workspace };
  }

  async dispose(): Promise<void> {
    this.#open = false;
    this.#states.clear();
  }

  #run(graph: Graph, feeds: Feeds): Record<string, HostTensor> {
    const unknown = Object.keys(feeds).find((name) => !graph.inputs.some((input) => input.name === name));
    if (unknown) throw new AppError({ code: 'BACKEND-FEED', message: `program ${graph.name} has no input ${unknown}` });
    const { outputs, updates, peakBytes } = runGraph(graph, (value) => this.#read(graph, value, feeds));
    for (const [name, value] of updates) this.#states.set(name, { ...this.#state(name), value });
    this.#workspace = Math.max(this.#workspace, peakBytes);
    return Object.fromEntries([...outputs].map(([name, tensor]) => [name, toHost(tensor)]));
  }

  #read(graph: Graph, { origin, type }: Value, feeds: Feeds): Tensor {
    if (origin.kind === 'node') throw new Error('internal: a node is not read from outside');
    if (origin.kind === 'state') return this.#state(origin.name).value;
    const feed = feeds[origin.name];
    if (!feed) throw new AppError({ code: 'BACKEND-FEED', message: `program ${graph.name} was run without its input ${origin.name}` });
    return fromHost(`input ${origin.name} of program ${graph.name}`, feed, type);
  }

  #checkState(graph: Graph, name: string, type: TensorType): void {
    const known = this.#state(name).type;
    if (known.dtype !== type.dtype || !sameShape(known.shape, type.shape)) {
      refuse(`program ${graph.name} declares state ${name} as ${formatType(type)}, but it is ${formatType(known)}`);
    }
  }

  #state(name: string): State {
    this.#requireOpen();
    return this.#states.get(name) ?? refuse(`there is no state ${name}`);
  }

  #requireOpen(): void {
    if (!this.#open) refuse('the session was disposed');
  }
}
