import { expect, test } from 'vitest';
import { byteLines } from './byte-lines.ts';

async function lines(text: string, size: number): Promise<readonly string[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: string[] = [];
  for await (const some of byteLines(chunks())) found.push(...some);
  return found;
}

test('a line ends at a line feed, whatever else stands in it and wherever chunks are cut', async () => {
  const odd = 'a\u2028b\u2029c\u0085d\u000be\u000cf\u001cg';
  for (const size of [1, 2, 3, 7, 1000]) {
    expect(await lines(`${odd}\n🙂\r\n\nlast`, size)).toEqual([odd, '🙂', '', 'last']);
    expect(await lines('x\r\n', size)).toEqual(['x']);
    expect(await lines('', size)).toEqual([]);
  }
});
