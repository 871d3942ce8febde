/** @file Loads and stores of vectors: up to 16 bytes each, as far as alignment is known; single elements otherwise. */
import { byteSize, type DType } from '../../../ir/dtype.ts';
import type { KernelText } from './kernel-text.ts';
import { halfBits, lane, widen, type Lanes } from './lanes.ts';

/** Where lane 0 lies, and how the lanes follow. */
export interface Address {
  /** 64-bit register, global space */
  readonly register: string;
  /** Elements from lane to lane. */
  readonly step: number;
  /** Bytes that divide lane 0's address. */
  readonly alignment: number;
}

/** @param guard nothing is read where it is false, and zeros come back */
export function load(k: KernelText, dtype: DType, address: Address, lanes: number, guard: string | null): Lanes {
  const size = byteSize(dtype);
  if (address.step === 0 || lanes === 1) return { dtype, registers: element(k, dtype, address.register, 0, guard) };
  if (address.step !== 1) {
    return { dtype, registers: Array.from({ length: lanes }, (_, l) => element(k, dtype, address.register, l * address.step * size, guard)[0]!) };
  }
  const bytes = chunkBytes(lanes * size, address.alignment);
  if (bytes < 4 || bytes < size) {
    return { dtype, registers: Array.from({ length: lanes }, (_, l) => element(k, dtype, address.register, l * size, guard)[0]!) };
  }
  const words: string[] = [];
  for (let offset = 0; offset < lanes * size; offset += bytes) words.push(...loadWords(k, address.register, offset, bytes / 4, guard));
  return { dtype, registers: words.flatMap((word) => unpack(k, dtype, word)) };
}

/** The widest access that the alignment allows, at most 16 bytes. */
function chunkBytes(total: number, alignment: number): number {
  let bytes = 16;
  while (bytes > 1 && (total % bytes !== 0 || alignment % bytes !== 0)) bytes /= 2;
  return bytes;
}

function at(register: string, offset: number): string {
  return offset === 0 ? `[${register}]` : `[${register}+${offset}]`;
}

function loadWords(k: KernelText, register: string, offset: number, count: number, guard: string | null): readonly string[] {
  const key = `load${count} ${at(register, offset)} ${guard ?? ''}`;
  const made = k.remember(key, () => {
    const words = Array.from({ length: count }, () => k.register('r'));
    if (guard) for (const word of words) k.emit(`mov.b32 ${word}, 0;`);
    const vector = count === 1 ? words[0]! : `{${words.join(', ')}}`;
    const width = count === 1 ? '' : `.v${count}`;
    k.emit(`${guard ? `@${guard} ` : ''}ld.global${width}.b32 ${vector}, ${at(register, offset)};`);
    return words.join(' ');
  });
  return made.split(' ');
}

/** One element as the register its dtype lives in. */
function element(k: KernelText, dtype: DType, register: string, offset: number, guard: string | null): readonly string[] {
  const bytes = byteSize(dtype);
  if (bytes === 4) return unpack(k, dtype, loadWords(k, register, offset, 1, guard)[0]!);
  const raw = k.remember(`load16 ${bytes} ${at(register, offset)} ${guard ?? ''}`, () => {
    const target = k.register(bytes === 2 ? 'h' : 'r');
    if (guard) k.emit(`mov.b${bytes === 2 ? 16 : 32} ${target}, 0;`);
    k.emit(`${guard ? `@${guard} ` : ''}ld.global.${bytes === 2 ? 'b16' : 'u8'} ${target}, ${at(register, offset)};`);
    return target;
  });
  if (dtype === 'f16' || dtype === 'bf16') return [widen(k, dtype, raw)];
  return [k.pure('setp.ne.s32', 'p', raw, '0')];
}

function unpack(k: KernelText, dtype: DType, word: string): readonly string[] {
  switch (dtype) {
    case 'f32':
      return [k.pure('mov.b32', 'f', word)];
    case 'i32':
      return [word];
    case 'bf16': {
      const low = k.pure('mov.b32', 'f', k.pure('shl.b32', 'r', word, '16'));
      const high = k.pure('mov.b32', 'f', k.pure('and.b32', 'r', word, String(0xffff0000 | 0)));
      return [low, high];
    }
    case 'f16': {
      const halves = k.remember(`halves ${word}`, () => {
        const pair = [k.register('h'), k.register('h')];
        k.emit(`mov.b32 {${pair.join(', ')}}, ${word};`);
        return pair.join(' ');
      });
      return halves.split(' ').map((half) => widen(k, 'f16', half));
    }
    case 'bool':
      return [0, 8, 16, 24].map((shift) => k.pure('setp.ne.s32', 'p', k.pure('and.b32', 'r', word, String(0xff << shift)), '0'));
    default:
      return dtype satisfies never;
  }
}

/** Writes all lanes; `guard` as in `load`. Lanes lie one after another. */
export function store(k: KernelText, value: Lanes, address: Address, lanes: number, guard: string | null): void {
  const size = byteSize(value.dtype);
  const bytes = chunkBytes(lanes * size, address.alignment);
  const prefix = guard ? `@${guard} ` : '';
  if (bytes < 4 || size > bytes) {
    for (let l = 0; l < lanes; l++) storeElement(k, value.dtype, lane(value, l), at(address.register, l * size), prefix);
    return;
  }
  const words = packed(k, value, lanes);
  const count = bytes / 4;
  for (let first = 0; first < words.length; first += count) {
    const part = words.slice(first, first + count);
    const vector = count === 1 ? part[0]! : `{${part.join(', ')}}`;
    k.emit(`${prefix}st.global${count === 1 ? '' : `.v${count}`}.b32 ${at(address.register, first * 4)}, ${vector};`);
  }
}

function storeElement(k: KernelText, dtype: DType, register: string, place: string, prefix: string): void {
  if (dtype === 'f16' || dtype === 'bf16') k.emit(`${prefix}st.global.b16 ${place}, ${halfBits(k, dtype, register)};`);
  else if (dtype === 'bool') k.emit(`${prefix}st.global.u8 ${place}, ${k.pure('selp.s32', 'r', '1', '0', register)};`);
  else k.emit(`${prefix}st.global.${dtype === 'f32' ? 'f32' : 'b32'} ${place}, ${register};`);
}

function packed(k: KernelText, value: Lanes, lanes: number): readonly string[] {
  const { dtype } = value;
  const get = (l: number) => lane(value, l);
  if (dtype === 'i32') return Array.from({ length: lanes }, (_, l) => get(l));
  if (dtype === 'f32') return Array.from({ length: lanes }, (_, l) => k.pure('mov.b32', 'r', get(l)));
  if (dtype === 'bool') {
    return Array.from({ length: lanes / 4 }, (_, word) =>
      [0, 1, 2, 3]
        .map((byte) => k.pure('selp.s32', 'r', String(1 << (8 * byte)), '0', get(word * 4 + byte)))
        .reduce((a, b) => k.pure('or.b32', 'r', a, b)),
    );
  }
  return Array.from({ length: lanes / 2 }, (_, word) =>
    k.pure('mov.b32', 'r', `{${halfBits(k, dtype, get(word * 2))}, ${halfBits(k, dtype, get(word * 2 + 1))}}`),
  );
}
