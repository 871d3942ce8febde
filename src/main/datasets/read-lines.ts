import { createReadStream } from 'node:fs';
import { byteLines } from '../../shared/lib/byte-lines.ts';

/** Lines of one of our own JSONL files, a chunk of them in memory at a time; leaving the loop closes the file. */
export async function* readLines(file: string): AsyncGenerator<string, void, void> {
  const stream = createReadStream(file);
  try {
    for await (const lines of byteLines(stream)) {
      for (const line of lines) if (line !== '') yield line;
    }
  } finally {
    stream.destroy();
  }
}
