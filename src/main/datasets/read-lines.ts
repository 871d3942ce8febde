import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Lines of one of our own JSONL files, one in memory at a time; leaving the loop closes the file. */
export async function* readLines(file: string): AsyncGenerator<string, void, void> {
  const stream = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) if (line !== '') yield line;
  } finally {
    stream.destroy();
  }
}
