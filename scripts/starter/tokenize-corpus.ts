/**
 * Turns corpus files into token files for pretraining: little-endian u16 ids, <|endoftext|> after each document, gzipped
 * because the grammar's text shrinks six-fold.
 *
 *   node scripts/starter/tokenize-corpus.ts <model folder> <documents.jsonl> <out.u16.gz>
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Tokenizer } from 'tokenizers';
import { readDocuments } from './read-documents.ts';

const BATCH = 4000;
const END_OF_DOCUMENT = 0;

async function* batches(file: string): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const text of readDocuments(file)) {
    batch.push(text);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

async function* tokenBytes(tokenizer: Tokenizer, file: string): AsyncGenerator<Buffer> {
  let documents = 0;
  let tokens = 0;
  for await (const batch of batches(file)) {
    const encodings = await tokenizer.encodeBatch(batch, { addSpecialTokens: false });
    const ids = Uint16Array.from(encodings.flatMap((encoding) => [...encoding.getIds(), END_OF_DOCUMENT]));
    documents += batch.length;
    tokens += ids.length;
    yield Buffer.from(ids.buffer);
  }
  process.stdout.write(`${file}: ${documents} documents, ${tokens} tokens\n`);
}

const [model, input, output] = process.argv.slice(2);
if (model === undefined || input === undefined || output === undefined) {
  throw new Error('usage: node scripts/starter/tokenize-corpus.ts <model folder> <documents.jsonl> <out.u16.gz>');
}
const tokenizer = Tokenizer.fromFile(join(model, 'tokenizer.json'));
await pipeline(Readable.from(tokenBytes(tokenizer, input)), createGzip({ level: 9 }), createWriteStream(output));
