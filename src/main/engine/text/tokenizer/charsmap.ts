/**
 * @file The table of a SentencePiece normaliser (`precompiled_charsmap`): a size, a trie as a double array and the texts that its leaves
 * name. The library walks it without looking where it goes and stops the process on one that leads outside, so it is walked here first.
 */

export interface Charsmap {
  /** Why it cannot be used, or null. */
  readonly fault: string | null;
  /** By how much a text can grow: bytes of a replacement over bytes of what it replaces. */
  readonly growth: number;
}

const MAX_BYTES = 8_388_608;

export function checkCharsmap(base64: string): Charsmap {
  const bytes = Buffer.from(base64, 'base64');
  const refused = (fault: string): Charsmap => ({ fault, growth: 1 });
  if (bytes.length > MAX_BYTES) return refused(`it has ${bytes.length} bytes, more than ${MAX_BYTES}`);
  const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || size + 4 > bytes.length) return refused('its size does not fit what it holds');
  const texts = bytes.subarray(4 + size);
  if (!isUtf8(texts)) return refused('its texts are no UTF-8');
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  return walk(units, texts);
}

function isUtf8(bytes: Buffer): boolean {
  return bytes.equals(Buffer.from(bytes.toString('utf8'), 'utf8'));
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

/** Goes wherever a key could lead: from each state by each byte. */
function walk(units: Uint32Array, texts: Buffer): Charsmap {
  const outside: Charsmap = { fault: 'its trie leads outside of itself', growth: 1 };
  const root = offsetOf(units[0]!);
  const seen = new Set<number>([root]);
  const waiting: { readonly state: number; readonly depth: number }[] = [{ state: root, depth: 0 }];
  let growth = 1;
  for (let i = 0; i < waiting.length; i++) {
    const { state, depth } = waiting[i]!;
    for (let byte = 1; byte < 256; byte++) {
      const at = (state ^ byte) >>> 0;
      if (at >= units.length) return outside;
      const unit = units[at]!;
      // A label with its highest bit set is a value, not a byte.
      if ((unit & 0x800000ff) >>> 0 !== byte) continue;
      const next = (at ^ offsetOf(unit)) >>> 0;
      if ((unit & 0x100) !== 0) {
        const size = next < units.length ? replacementSize(units[next]! & 0x7fffffff, texts) : -1;
        if (size < 0) return outside;
        growth = Math.max(growth, size / (depth + 1));
      }
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push({ state: next, depth: depth + 1 });
    }
  }
  return { fault: null, growth };
}

/** Bytes of the text that begins there, or -1 where none does. */
function replacementSize(start: number, texts: Buffer): number {
  if (start > texts.length || (start < texts.length && (texts[start]! & 0xc0) === 0x80)) return -1;
  const end = texts.indexOf(0, start);
  return (end < 0 ? texts.length : end) - start;
}
