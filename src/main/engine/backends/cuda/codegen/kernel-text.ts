/**
 * @file PTX text of one kernel. `.version 7.0 .target sm_80`: every display driver since 2020 compiles it.
 * Pure instructions go through `pure`, which remembers results (value numbering): asking twice for the same value costs
 * nothing, so the generators above recompute freely and rows stay in registers between passes.
 */

/** f32, 32-bit integer, predicate, 64-bit integer, 16-bit, f64 */
export type RegisterClass = 'f' | 'r' | 'p' | 'd' | 'h' | 'e';

const DECLARED: { readonly [K in RegisterClass]: string } = { f: '.f32', r: '.b32', p: '.pred', d: '.b64', h: '.b16', e: '.f64' };

export class KernelText {
  readonly #lines: string[] = [];
  readonly #counts: Record<RegisterClass, number> = { f: 0, r: 0, p: 0, d: 0, h: 0, e: 0 };
  readonly #scopes: Map<string, string>[] = [new Map()];
  #labels = 0;
  #sharedBytes = 0;

  register(kind: RegisterClass): string {
    return `%${kind}${++this.#counts[kind]}`;
  }

  emit(line: string): void {
    this.#lines.push(`\t${line}`);
  }

  /** An instruction whose result depends on nothing but its operands. */
  pure(op: string, kind: RegisterClass, ...operands: readonly string[]): string {
    return this.remember(`${op} ${operands.join(', ')}`, () => {
      const target = this.register(kind);
      this.emit(`${op} ${target}, ${operands.join(', ')};`);
      return target;
    });
  }

  /** `make`'s result, or what it gave for the same key in this scope or one around it. */
  remember(key: string, make: () => string): string {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const known = this.#scopes[i]!.get(key);
      if (known !== undefined) return known;
    }
    const made = make();
    this.#scopes.at(-1)!.set(key, made);
    return made;
  }

  /** What `body` computes is forgotten after it: for loop bodies and branches, whose registers mean nothing outside. */
  scope(body: () => void): void {
    this.#scopes.push(new Map());
    body();
    this.#scopes.pop();
  }

  label(): string {
    return `$L${++this.#labels}`;
  }

  place(label: string): void {
    this.#lines.push(`${label}:`);
  }

  /** Reserves static shared memory, 16-byte aligned; returns its byte offset in `smem`. */
  shared(bytes: number): number {
    const offset = this.#sharedBytes;
    this.#sharedBytes += Math.ceil(bytes / 16) * 16;
    return offset;
  }

  /** The whole entry; parameters are 64-bit pointers p0.. */
  finish(name: string, pointers: number, threads: number): string {
    const params = Array.from({ length: pointers }, (_, i) => `\t.param .u64 p${i}`).join(',\n');
    const kinds = Object.keys(DECLARED) as RegisterClass[];
    const registers = kinds.filter((kind) => this.#counts[kind] > 0).map((kind) => `\t.reg ${DECLARED[kind]} %${kind}<${this.#counts[kind] + 1}>;`);
    const shared = this.#sharedBytes > 0 ? [`\t.shared .align 16 .b8 smem[${this.#sharedBytes}];`] : [];
    return [
      `.visible .entry ${name}(\n${params}\n)`,
      `.maxntid ${threads}, 1, 1`,
      '{',
      ...registers,
      ...shared,
      ...this.#lines,
      '\tret;',
      '}',
      '',
    ].join('\n');
  }
}

/** f32 immediate. */
export function f32Literal(value: number): string {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  return `0f${bits.getUint32(0).toString(16).toUpperCase().padStart(8, '0')}`;
}

/** f64 immediate. */
export function f64Literal(value: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return `0d${bits.getBigUint64(0).toString(16).toUpperCase().padStart(16, '0')}`;
}

export const PTX_HEADER = '.version 7.0\n.target sm_80\n.address_size 64\n\n';
