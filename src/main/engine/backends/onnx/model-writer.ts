/** @file ONNX protobuf, written node by node. The only file that knows the schema; opset 21, `com.microsoft` 1. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { ModelProtoSchema, type AttributeProtoSchema, type NodeProtoSchema, type TensorProtoSchema, type ValueInfoProtoSchema } from 'onnx-buf';
import { elementCount, type Shape } from '../../ir/shape.ts';

/** Element types that our models use, by TensorProto.DataType number. */
export const ONNX_TYPE = { f32: 1, i32: 6, i64: 7, bool: 9, f16: 10, u32: 12, bf16: 16 } as const;
export type OnnxType = keyof typeof ONNX_TYPE;

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };
export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

/** Numbers of the AttributeProto.AttributeType enumeration. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

export class OnnxModelWriter {
  readonly #name: string;
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly #inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #interned = new Map<string, string>();
  readonly #results = new Set<string>();
  /** Results of nodes that are written straight into an output of the model, by the name they had. */
  readonly #renamed = new Map<string, string>();
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, type: OnnxType, shape: Shape): void {
    this.#inputs.push(valueInfo(name, type, shape));
  }

  output(name: string, type: OnnxType, shape: Shape): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds a node and returns the names of its outputs; `''` as an input is an omitted optional one. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: OnnxAttributes = {},
    options: { outputs?: number; domain?: string } = {},
  ): readonly string[] {
    const id = this.#count++;
    const output = Array.from({ length: options.outputs ?? 1 }, (_, i) => `${opType}_${id}_${i}`);
    for (const name of output) this.#results.add(name);
    this.#nodes.push({
      opType,
      name: `${opType}_${id}`,
      domain: options.domain ?? '',
      input: [...inputs],
      output,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  /** Makes a value an output of the model. A node writes it there itself: a copy of every state that changes would cost time and memory. */
  alias(input: string, output: string): void {
    if (this.#results.has(input) && !this.#renamed.has(input)) this.#renamed.set(input, output);
    else this.#nodes.push({ opType: 'Identity', name: `output ${output}`, input: [input], output: [output] });
  }

  /** A small constant; equal ones are written once. Returns its name. */
  constant(type: 'f32' | 'i32' | 'i64' | 'u32' | 'bool', values: readonly number[], shape: Shape = [values.length]): string {
    const key = `${type} ${shape.join(',')}: ${values.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join(',')}`;
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    if (values.length !== elementCount(shape)) throw new Error(`[onnx] ${values.length} values for a constant of shape [${shape.join(', ')}]`);
    const name = `const_${this.#count++}`;
    this.#initializers.push({ name, dataType: ONNX_TYPE[type], dims: shape.map(BigInt), rawData: bytesOf(type, values) });
    this.#interned.set(key, name);
    return name;
  }

  /** Node types in order, for tests of structure. */
  get opTypes(): readonly string[] {
    return this.#nodes.map((node) => node.opType ?? '');
  }

  encode(): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: 10n,
      producerName: 'tunesmith',
      opsetImport: [
        { domain: '', version: 21n },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: { name: this.#name, node: this.#renamedNodes(), initializer: this.#initializers, input: this.#inputs, output: this.#outputs },
    });
    return toBinary(ModelProtoSchema, model);
  }

  #renamedNodes(): MessageInitShape<typeof NodeProtoSchema>[] {
    const rename = (names: readonly string[] | undefined) => names?.map((name) => this.#renamed.get(name) ?? name) ?? [];
    return this.#nodes.map((node) => ({ ...node, input: rename(node.input), output: rename(node.output) }));
  }
}

function valueInfo(name: string, type: OnnxType, shape: Shape): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  return { name, type: { value: { case: 'tensorType', value: { elemType: ONNX_TYPE[type], shape: { dim } } } } };
}

function attribute(name: string, value: OnnxAttribute): MessageInitShape<typeof AttributeProtoSchema> {
  if ('int' in value) return { name, type: ATTRIBUTE_TYPE.int, i: BigInt(value.int) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ('string' in value) return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value.string) };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value.ints.map(BigInt) };
}

function bytesOf(type: 'f32' | 'i32' | 'i64' | 'u32' | 'bool', values: readonly number[]): Uint8Array<ArrayBuffer> {
  switch (type) {
    case 'f32':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'i32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'u32':
      return new Uint8Array(Uint32Array.from(values).buffer);
    case 'i64':
      return new Uint8Array(BigInt64Array.from(values.map((value) => BigInt(value))).buffer);
    case 'bool':
      return Uint8Array.from(values);
  }
}
