/** @file What a backend is: the only thing training, evaluation and generation know of the machine. */
import type { DType } from '../ir/dtype.ts';
import type { Graph, TensorType } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';

/** A dense row-major tensor in main memory. bf16 and f16 are raw bits in a Uint16Array, bool is 0/1 in a Uint8Array. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array | Uint16Array | Uint8Array;
}

/** Where a state's first value comes from. */
export type StateSource =
  | { readonly kind: 'zeros' }
  /** A tensor of the state's shape; f32 values of a bf16 or f16 state are rounded to nearest even. */
  | { readonly kind: 'values'; readonly tensor: HostTensor }
  /** Raw little-endian elements of `fileDType` in a file (a safetensors tensor); converted to the state's dtype while loading. */
  | { readonly kind: 'file'; readonly file: string; readonly offset: number; readonly length: number; readonly fileDType: 'f32' | 'f16' | 'bf16' };

/** A named tensor that lives in the backend between runs. */
export interface StateSpec {
  readonly name: string;
  readonly type: TensorType;
  readonly source: StateSource;
  /** `constant`: no program updates it (frozen weights), so a backend may fold, prepack or memory-map it. */
  readonly role: 'constant' | 'variable';
}

export type Feeds = Readonly<Record<string, HostTensor>>;

export type Outputs = Readonly<Record<string, HostTensor>>;

/** A run that was asked for. */
export interface Pending {
  /** Resolves when the run is done; rejects where it failed, and may be left unasked. */
  read(): Promise<Outputs>;
}

/** A compiled graph. */
export interface Program {
  readonly name: string;
  /**
   * Feeds every input and applies the updates. Runs of a session, and what reads or writes its states, happen in the order in which
   * they were asked for, so the next run may be asked for before this one is read. Feeds must not change until it is read.
   */
  enqueue(feeds: Feeds): Pending;
  /** `enqueue(feeds).read()` */
  run(feeds: Feeds): Promise<Outputs>;
  dispose(): Promise<void>;
}

/** Bytes, by purpose; `peak` is the most held at once so far. */
export interface MemoryReport {
  readonly weights: number;
  readonly state: number;
  readonly workspace: number;
  readonly peak: number;
}

/** State and programs over one device's memory. */
export interface BackendSession {
  /** Adds states; names already present are refused. */
  addStates(specs: readonly StateSpec[], onProgress?: (done: number, total: number) => void): Promise<void>;
  /** Frees states. Programs compiled over them must be disposed of first. Unknown names are refused. */
  removeStates(names: readonly string[]): Promise<void>;
  /** Fused ops that the backend does not claim are expanded here. Unknown states are refused by name. */
  compile(graph: Graph): Promise<Program>;
  readState(name: string): Promise<HostTensor>;
  writeState(name: string, tensor: HostTensor): Promise<void>;
  memory(): MemoryReport;
  /** Frees everything. Programs of the session are dead afterwards. */
  dispose(): Promise<void>;
}

export interface BackendInfo {
  readonly kind: 'reference' | 'onnx' | 'cuda';
  /** For a person: "NVIDIA H200, 141 GB, driver 580.159" or "CPU, 2 threads (ONNX Runtime 1.30.0)". */
  readonly device: string;
  /** Dtypes in which a whole model may compute here. */
  readonly computeDTypes: readonly ('f32' | 'bf16')[];
}

export interface Backend {
  readonly info: BackendInfo;
  open(): Promise<BackendSession>;
}
