/**
 * Lines of a file's bytes, those of each chunk together. A line ends at a line feed, alone or after a carriage return, and nowhere
 * else: `readline` also cuts at U+2028 and U+2029, which JSON text may hold.
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[], void, void> {
  const decoder = new TextDecoder();
  let open: string[] = [];
  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    // A line longer than a chunk is joined once, at its end.
    open.push(pieces[0]!);
    if (pieces.length === 1) continue;
    pieces[0] = open.join('');
    open = [pieces.pop()!];
    yield pieces.map(withoutReturn);
  }
  const last = open.join('') + decoder.decode();
  if (last !== '') yield [withoutReturn(last)];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
