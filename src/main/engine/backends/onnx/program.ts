import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { Graph, TensorType, ValueId } from '../../ir/graph.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Feeds, Outputs } from '../backend.ts';
import { checkTensor, fromCarrier, toCarrier, type CarrierArray } from './host-tensors.ts';
import { inputName, outputName, stateName, updateName } from './lower-graph.ts';
import type { StateStore } from './states.ts';

interface Port {
  readonly name: string;
  readonly type: TensorType;
}

interface Update extends Port {
  /** The new value is written where the old one lies. */
  readonly inPlace: boolean;
}

/** One ONNX Runtime session over the shared states. Updates are written into spare buffers that then become the states, or in place. */
export class OnnxProgram {
  readonly name: string;
  readonly #session: InferenceSession;
  readonly #states: StateStore;
  readonly #ports: { readonly [K in 'inputs' | 'states' | 'outputs']: readonly Port[] };
  readonly #updates: readonly Update[];
  #running = false;

  constructor(graph: Graph, session: InferenceSession, states: StateStore) {
    const ports = (list: Graph['inputs']) => list.map(({ name, value }) => ({ name, type: graph.values[value]!.type }));
    this.name = graph.name;
    this.#session = session;
    this.#states = states;
    this.#ports = { inputs: ports(graph.inputs), states: ports(graph.states), outputs: ports(graph.outputs) };
    this.#updates = graph.updates.map(({ name, value }) => ({ name, type: graph.values[value]!.type, inPlace: setsRowsOnly(graph, name, value) }));
  }

  async run(feeds: Feeds): Promise<Outputs> {
    if (this.#running) throw this.#error('a run is in progress already');
    this.#running = true;
    try {
      const results = await this.#session.run(this.#feeds(feeds), this.#fetches());
      for (const { name, inPlace } of this.#updates) if (!inPlace) this.#states.swap(name);
      return Object.fromEntries(
        this.#ports.outputs.map(({ name, type }) => [name, fromCarrier(results[outputName(name)]!.data as CarrierArray, type)]),
      );
    } catch (error) {
      throw error instanceof AppError ? error : this.#error(error instanceof Error ? error.message : String(error), error);
    } finally {
      this.#running = false;
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #feeds(feeds: Feeds): Record<string, Tensor> {
    const result: Record<string, Tensor> = {};
    for (const { name, type } of this.#ports.inputs) {
      const tensor = feeds[name];
      if (!tensor) throw this.#error(`input "${name}" was not fed`);
      checkTensor(`input "${name}" of ${this.name}`, tensor, type);
      result[inputName(name)] = wrap(toCarrier(tensor), type);
    }
    for (const { name, type } of this.#ports.states) result[stateName(name)] = wrap(this.#states.data(name), type);
    return result;
  }

  #fetches(): Record<string, Tensor | null> {
    const result: Record<string, Tensor | null> = {};
    for (const { name } of this.#ports.outputs) result[outputName(name)] = null;
    for (const { name, type, inPlace } of this.#updates)
      result[updateName(name)] = wrap(inPlace ? this.#states.data(name) : this.#states.spare(name), type);
    return result;
  }

  #error(message: string, cause?: unknown): AppError {
    return new AppError({ code: 'BACKEND-RUN', message: `program "${this.name}" (CPU): ${message}`, data: { program: this.name } }, cause);
  }
}

/**
 * Whether an update sets some rows of its own state which nothing else in the program reads (the cache of generation). Then ScatterND is
 * given one buffer as input and output and copies nothing: a step costs what it adds, not the whole cache once more.
 */
function setsRowsOnly(graph: Graph, name: string, value: ValueId): boolean {
  const { origin } = graph.values[value]!;
  const node = origin.kind === 'node' ? graph.nodes[origin.node]! : null;
  if (node?.op !== 'scatter' || node.params.mode !== 'set') return false;
  const state = node.inputs[0]!;
  const from = graph.values[state]!.origin;
  const reads = graph.nodes.reduce((sum, { inputs }) => sum + inputs.filter((id) => id === state).length, 0);
  const written = [...graph.outputs, ...graph.updates].filter((entry) => entry.value === state || entry.value === value).length;
  return from.kind === 'state' && from.name === name && reads === 1 && written === 1;
}

/** No copy: ONNX Runtime reads and writes the array's own memory. */
function wrap(data: CarrierArray, { shape }: TensorType): Tensor {
  if (data instanceof Float32Array) return new Tensor('float32', data, shape);
  return data instanceof Int32Array ? new Tensor('int32', data, shape) : new Tensor('bool', data, shape);
}
