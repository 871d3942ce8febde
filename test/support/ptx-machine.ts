/**
 * @file Runs the PTX that the code generator writes, one thread after another between barriers: tests of generated kernels need no GPU.
 * Knows the instructions that the generator uses and refuses all others. Approximate instructions are exact here.
 * Long because it is a table: an instruction, a line or a few.
 */
import { decodeHalfs, halfToBits } from '../../src/main/engine/ir/float-bits.ts';

/** Registers of one thread; f32 and u32 arithmetic wraps and rounds by the arrays themselves. */
interface Thread {
  readonly f: Float32Array;
  readonly r: Int32Array;
  readonly p: Uint8Array;
  readonly d: Float64Array;
  readonly h: Uint16Array;
  readonly e: Float64Array;
  readonly tid: number;
  readonly block: number;
  at: number;
  done: boolean;
}

type Kind = 'f' | 'r' | 'p' | 'd' | 'h' | 'e';
type Read = (t: Thread) => number;
type Write = (t: Thread, value: number) => void;
interface Machine {
  readonly memory: DataView;
  readonly shared: DataView;
  readonly params: readonly number[];
}
type Action = (t: Thread, m: Machine) => void;
/** What stops a thread until others have come as far. */
interface Meeting {
  readonly kind: 'barrier' | 'shuffle';
  readonly meet: (group: readonly Thread[]) => void;
}
interface Instruction {
  readonly guard: ((t: Thread) => boolean) | null;
  readonly action: Action | null;
  readonly meeting: Meeting | null;
  readonly target: number;
  readonly leaves: boolean;
}

export interface PtxKernel {
  readonly threads: number;
  readonly counts: Readonly<Record<Kind, number>>;
  readonly sharedBytes: number;
  readonly code: readonly Instruction[];
}

const bits = new DataView(new ArrayBuffer(8));
const asInt = (x: number) => (bits.setFloat32(0, x), bits.getInt32(0));
const asFloat = (x: number) => (bits.setInt32(0, x), bits.getFloat32(0));
const even = (x: number) => {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
};
const clampInt = (x: number) => (Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))));
const nanMax = (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b));
/** The largest f32 that is not above x. */
const down = (x: number) => {
  const near = Math.fround(x);
  if (!(near > x)) return near;
  return near > 0 ? asFloat(asInt(near) - 1) : near === 0 ? -(2 ** -149) : asFloat(asInt(near) + 1);
};
const nanMin = (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.min(a, b));
const u = (x: number) => x >>> 0;

const PURE: Readonly<Record<string, (...x: number[]) => number>> = {
  'add.rn.f32': (a, b) => a! + b!,
  'sub.rn.f32': (a, b) => a! - b!,
  'mul.rn.f32': (a, b) => a! * b!,
  'div.rn.f32': (a, b) => a! / b!,
  'fma.rn.f32': (a, b, c) => a! * b! + c!,
  'fma.rm.f32': (a, b, c) => down(a! * b! + c!),
  'fma.rn.sat.f32': (a, b, c) => (Number.isNaN(a! * b! + c!) ? 0 : Math.max(0, Math.min(1, a! * b! + c!))),
  'neg.f32': (a) => -a!,
  'abs.f32': (a) => Math.abs(a!),
  'sqrt.rn.f32': (a) => Math.sqrt(a!),
  'rcp.rn.f32': (a) => 1 / a!,
  'ex2.approx.f32': (a) => 2 ** a!,
  'lg2.approx.f32': (a) => Math.log2(a!),
  'max.NaN.f32': (a, b) => nanMax(a!, b!),
  'min.NaN.f32': (a, b) => nanMin(a!, b!),
  'cvt.rni.f32.f32': (a) => (Number.isFinite(a!) ? even(a!) : a!),
  'copysign.f32': (a, b) => (a! < 0 || Object.is(a, -0) ? -Math.abs(b!) : Math.abs(b!)),
  'mul.rn.f64': (a, b) => a! * b!,
  'fma.rn.f64': (a, b, c) => exactFma(a!, b!, c!),
  'neg.f64': (a) => -a!,
  'cvt.f64.f32': (a) => a!,
  'cvt.rni.f64.f64': (a) => (Number.isFinite(a!) ? even(a!) : a!),
  'cvt.rmi.f64.f64': (a) => Math.floor(a!),
  'cvt.rn.f32.f64': (a) => a!,
  'cvt.rzi.s32.f64': (a) => clampInt(a!),
  'cvt.rzi.s32.f32': (a) => clampInt(a!),
  'cvt.rn.f32.s32': (a) => a!,
  'cvt.rn.f32.u32': (a) => u(a!),
  'cvt.rn.bf16.f32': (a) => halfToBits('bf16', a!),
  'cvt.rn.f16.f32': (a) => halfToBits('f16', a!),
  'cvt.f32.f16': (a) => decodeHalfs('f16', Uint16Array.of(a!))[0]!,
  'add.s32': (a, b) => a! + b!,
  'sub.s32': (a, b) => a! - b!,
  'mul.lo.s32': (a, b) => Math.imul(a!, b!),
  'mad.lo.s32': (a, b, c) => Math.imul(a!, b!) + c!,
  'div.u32': (a, b) => Math.floor(u(a!) / u(b!)),
  'rem.u32': (a, b) => u(a!) % u(b!),
  'max.s32': (a, b) => Math.max(a!, b!),
  'min.s32': (a, b) => Math.min(a!, b!),
  'min.u32': (a, b) => Math.min(u(a!), u(b!)),
  'and.b32': (a, b) => a! & b!,
  'or.b32': (a, b) => a! | b!,
  'xor.b32': (a, b) => a! ^ b!,
  'shl.b32': (a, b) => a! << b!,
  'shr.u32': (a, b) => a! >>> b!,
  'shr.s32': (a, b) => a! >> b!,
  'mad.wide.u32': (a, b, c) => u(a!) * u(b!) + c!,
  'cvta.to.global.u64': (a) => a!,
  'setp.lt.f32': (a, b) => +(a! < b!),
  'setp.le.f32': (a, b) => +(a! <= b!),
  'setp.gt.f32': (a, b) => +(a! > b!),
  'setp.eq.f32': (a, b) => +(a === b),
  'setp.neu.f32': (a, b) => +(a !== b),
  'setp.lt.s32': (a, b) => +(a! < b!),
  'setp.le.s32': (a, b) => +(a! <= b!),
  'setp.eq.s32': (a, b) => +(a === b),
  'setp.ne.s32': (a, b) => +(a !== b),
  'setp.lt.u32': (a, b) => +(u(a!) < u(b!)),
  'setp.ge.u32': (a, b) => +(u(a!) >= u(b!)),
  'and.pred': (a, b) => a! & b!,
  'or.pred': (a, b) => a! | b!,
  'xor.pred': (a, b) => a! ^ b!,
  'not.pred': (a) => 1 - a!,
  'selp.f32': (a, b, p) => (p ? a! : b!),
  'selp.b32': (a, b, p) => (p ? a! : b!),
  'selp.s32': (a, b, p) => (p ? a! : b!),
  'mov.u32': (a) => a!,
  'mov.f32': (a) => a!,
  'mov.b16': (a) => a!,
};

/** a * b + c for a whole number a, with the product's rounding error put back: what fma gives to within the last place. */
function exactFma(a: number, b: number, c: number): number {
  const product = a * b;
  if (!Number.isFinite(product) || Math.abs(a) > 2 ** 200) return product + c;
  const split = (x: number): readonly [number, number] => {
    const t = 134_217_729 * x;
    const high = t - (t - x);
    return [high, x - high];
  };
  const [ah, al] = split(a);
  const [bh, bl] = split(b);
  const error = ah * bh - product + ah * bl + al * bh + al * bl;
  return product + c + error;
}

function operand(text: string): { readonly read: Read; readonly write: Write; readonly kind: Kind | null } {
  const register = /^%([frpdhe])(\d+)$/.exec(text);
  if (register) {
    const kind = register[1] as Kind;
    const index = Number(register[2]);
    return {
      kind,
      read: (t) => t[kind][index]!,
      write: (t, value) => {
        t[kind][index] = kind === 'r' ? value | 0 : value;
      },
    };
  }
  const write = () => {
    throw new Error(`cannot write ${text}`);
  };
  if (text === '%tid.x') return { kind: 'r', read: (t) => t.tid, write };
  if (text === '%ctaid.x') return { kind: 'r', read: (t) => t.block, write };
  if (text === 'smem') return { kind: 'r', read: () => 0, write };
  const literal = number(text);
  return { kind: null, read: () => literal, write };
}

function number(text: string): number {
  if (text.startsWith('0f')) return asFloat(Number.parseInt(text.slice(2), 16) | 0);
  if (text.startsWith('0d')) {
    bits.setBigUint64(0, BigInt(`0x${text.slice(2)}`));
    return bits.getFloat64(0);
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`not an operand: ${text}`);
  return value;
}

/** Splits at commas outside braces. */
function operands(text: string): readonly string[] {
  return [...text.matchAll(/\{[^}]*\}|\[[^\]]*\]|[^,\s]+/g)].map(([part]) => part);
}

function listed(text: string): readonly string[] {
  return text.startsWith('{')
    ? text
        .slice(1, -1)
        .split(',')
        .map((part) => part.trim())
    : [text];
}

/** mov.b32 also joins and splits halves and looks at bits as another type. */
function move(to: string, from: string): Action {
  const sources = listed(from).map(operand);
  const targets = listed(to).map(operand);
  if (sources.length === 2) return (t) => targets[0]!.write(t, sources[0]!.read(t) | (sources[1]!.read(t) << 16));
  const [source, target] = [sources[0]!, targets[0]!];
  if (targets.length === 2) {
    return (t) => {
      const word = source.read(t);
      target.write(t, word & 0xffff);
      targets[1]!.write(t, word >>> 16);
    };
  }
  if (target.kind === 'f' && source.kind === 'r') return (t) => target.write(t, asFloat(source.read(t)));
  if (target.kind === 'r' && source.kind === 'f') return (t) => target.write(t, asInt(source.read(t)));
  return (t) => target.write(t, source.read(t));
}

function place(text: string): Read {
  const [, base, offset] = /^\[([^+\]]+)(?:\+(\d+))?\]$/.exec(text)!;
  const { read } = operand(base!);
  const add = Number(offset ?? 0);
  return (t) => read(t) + add;
}

function access(op: string, args: readonly string[]): Action {
  const isLoad = op.startsWith('ld');
  const shared = op.includes('.shared');
  const at = place(args[isLoad ? 1 : 0]!);
  const registers = listed(args[isLoad ? 0 : 1]!).map(operand);
  const width = op.endsWith('b16') ? 2 : op.endsWith('u8') ? 1 : 4;
  return (t, m) => {
    const view = shared ? m.shared : m.memory;
    const start = at(t);
    if (start % (width * registers.length) !== 0) throw new Error(`misaligned ${op} at ${start}`);
    registers.forEach(({ read, write, kind }, i) => {
      const address = start + i * width;
      if (isLoad)
        write(
          t,
          width === 2
            ? view.getUint16(address, true)
            : width === 1
              ? view.getUint8(address)
              : kind === 'f'
                ? view.getFloat32(address, true)
                : view.getInt32(address, true),
        );
      else if (width === 2) view.setUint16(address, read(t), true);
      else if (width === 1) view.setUint8(address, read(t));
      else if (kind === 'f') view.setFloat32(address, read(t), true);
      else view.setInt32(address, read(t), true);
    });
  };
}

function decode(line: string, labels: ReadonlyMap<string, number>): Instruction {
  const [, guardText, op, rest] = /^(?:@(!?%p\d+)\s+)?(\S+)\s*(.*);$/.exec(line) ?? [];
  if (!op) throw new Error(`cannot read: ${line}`);
  const args = operands(rest ?? '');
  const predicate = guardText ? operand(guardText.replace('!', '')).read : null;
  const guard = predicate ? (guardText!.startsWith('!') ? (t: Thread) => predicate(t) === 0 : (t: Thread) => predicate(t) !== 0) : null;
  const made = (fields: Partial<Instruction>): Instruction => ({ guard, action: null, meeting: null, target: -1, leaves: false, ...fields });
  if (op === 'ret') return made({ leaves: true });
  if (op === 'bra') return made({ target: labels.get(args[0]!)! });
  if (op === 'bar.sync') return made({ meeting: { kind: 'barrier', meet: () => undefined } });
  if (op === 'bar.red.or.pred') {
    const [target, source] = [operand(args[0]!), operand(args[2]!)];
    const meet = (group: readonly Thread[]) => {
      const any = group.some((t) => source.read(t) !== 0);
      for (const t of group) target.write(t, +any);
    };
    return made({ meeting: { kind: 'barrier', meet } });
  }
  if (op === 'shfl.sync.bfly.b32') {
    const [target, source, lane] = [operand(args[0]!), operand(args[1]!), Number(args[2])];
    const meet = (group: readonly Thread[]) => {
      const values = new Map(group.map((t) => [t.tid, source.read(t)]));
      for (const t of group) target.write(t, values.get(t.tid ^ lane)!);
    };
    return made({ meeting: { kind: 'shuffle', meet } });
  }
  if (op.startsWith('ld.param')) {
    const target = operand(args[0]!);
    const slot = Number(/\[p(\d+)\]/.exec(args[1]!)![1]);
    return made({ action: (t, m) => target.write(t, m.params[slot]!) });
  }
  if (op.startsWith('ld.') || op.startsWith('st.')) return made({ action: access(op, args) });
  if (op === 'mov.b32') return made({ action: move(args[0]!, args[1]!) });
  const apply = PURE[op];
  if (!apply) throw new Error(`unknown instruction: ${line}`);
  const target = operand(args[0]!);
  const [a, b, c] = args.slice(1).map((text) => operand(text).read);
  const action: Action = c
    ? (t) => target.write(t, apply(a!(t), b!(t), c(t)))
    : b
      ? (t) => target.write(t, apply(a!(t), b(t)))
      : (t) => target.write(t, apply(a!(t)));
  return made({ action });
}

export function parsePtx(text: string): PtxKernel {
  const counts: Record<Kind, number> = { f: 1, r: 1, p: 1, d: 1, h: 1, e: 1 };
  for (const [, kind, count] of text.matchAll(/\.reg \.\w+ %([frpdhe])<(\d+)>/g)) counts[kind as Kind] = Number(count);
  const labels = new Map<string, number>();
  const lines: string[] = [];
  for (const raw of text.slice(text.indexOf('{')).split('\n')) {
    const line = raw.trim();
    if (line.endsWith(':')) labels.set(line.slice(0, -1), lines.length);
    else if (line.endsWith(';') && !line.startsWith('.')) lines.push(line);
  }
  return {
    threads: Number(/\.maxntid (\d+)/.exec(text)![1]),
    counts,
    sharedBytes: Number(/smem\[(\d+)\]/.exec(text)?.[1] ?? 0),
    code: lines.map((line) => decode(line, labels)),
  };
}

/** Runs until the thread meets others, or ends. */
function advance(kernel: PtxKernel, t: Thread, m: Machine): Meeting | null {
  for (;;) {
    const instruction = kernel.code[t.at]!;
    const passes = instruction.guard === null || instruction.guard(t);
    if (!passes) {
      t.at++;
      continue;
    }
    if (instruction.leaves) {
      t.done = true;
      return null;
    }
    if (instruction.meeting) return instruction.meeting;
    if (instruction.target >= 0) t.at = instruction.target;
    else {
      instruction.action!(t, m);
      t.at++;
    }
  }
}

/** One launch. Pointer parameters are byte offsets into `memory`. */
export function runPtx(kernel: PtxKernel, blocks: number, memory: DataView, params: readonly number[]): void {
  const { counts } = kernel;
  for (let block = 0; block < blocks; block++) {
    const machine: Machine = { memory, params, shared: new DataView(new ArrayBuffer(Math.max(8, kernel.sharedBytes))) };
    const threads = Array.from({ length: kernel.threads }, (_, tid): Thread => ({
      f: new Float32Array(counts.f),
      r: new Int32Array(counts.r),
      p: new Uint8Array(counts.p),
      d: new Float64Array(counts.d),
      h: new Uint16Array(counts.h),
      e: new Float64Array(counts.e),
      tid,
      block,
      at: 0,
      done: false,
    }));
    runBlock(kernel, threads, machine);
  }
}

function runBlock(kernel: PtxKernel, threads: readonly Thread[], machine: Machine): void {
  for (;;) {
    const waiting = new Map<Thread, Meeting>();
    for (let warp = 0; warp < threads.length; warp += 32) runWarp(kernel, threads.slice(warp, warp + 32), machine, waiting);
    const meetings = new Set(waiting.values());
    if (meetings.size === 0) return;
    if (meetings.size > 1) throw new Error('threads wait at different barriers');
    const group = [...waiting.keys()];
    [...meetings][0]!.meet(group);
    for (const t of group) t.at++;
  }
}

/** Runs a warp to its next barrier; all of its threads take part in each shuffle. */
function runWarp(kernel: PtxKernel, warp: readonly Thread[], machine: Machine, waiting: Map<Thread, Meeting>): void {
  for (;;) {
    const met = warp
      .filter((t) => !t.done)
      .map((t) => [t, advance(kernel, t, machine)] as const)
      .filter((pair): pair is readonly [Thread, Meeting] => pair[1] !== null);
    if (met.length === 0) return;
    if (met[0]![1].kind === 'barrier') {
      for (const [t, meeting] of met) waiting.set(t, meeting);
      return;
    }
    if (met.length !== warp.length || met.some(([, meeting]) => meeting !== met[0]![1])) throw new Error('a shuffle without all threads of the warp');
    met[0]![1].meet(warp);
    for (const t of warp) t.at++;
  }
}
