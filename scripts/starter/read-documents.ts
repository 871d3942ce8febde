import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The documents of a file that holds one JSON string a line. */
export async function* readDocuments(file: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    yield JSON.parse(line) as string;
  }
}
