import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import { byteLines } from '../../shared/lib/byte-lines.ts';
import { errnoOf } from '../../shared/lib/write-error.ts';

/** Lines of one of our own JSONL files, a chunk of them in memory at a time; leaving the loop closes the file. @throws AppError DATASET-FILE */
export async function* readLines(file: string): AsyncGenerator<string, void, void> {
  const stream = createReadStream(file);
  try {
    for await (const lines of byteLines(stream)) {
      for (const line of lines) if (line !== '') yield line;
    }
  } catch (error) {
    throw error instanceof AppError || errnoOf(error) === undefined ? error : datasetFileError(file, (error as Error).message, error);
  } finally {
    stream.destroy();
  }
}

/** The same as what they hold; a data folder may come from elsewhere, so each is looked at. @throws AppError DATASET-FILE naming the line */
export async function* readParsed<T>(file: string, schema: z.ZodType<T>): AsyncGenerator<T, void, void> {
  let number = 0;
  for await (const line of readLines(file)) {
    number += 1;
    yield parseLine(line, schema, file, number);
  }
}

/** @throws AppError DATASET-FILE */
export function parseLine<T>(line: string, schema: z.ZodType<T>, file: string, number: number): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw datasetFileError(file, `row ${number} is not as it was written`, error);
  }
}

export function datasetFileError(path: string, why: string, cause: unknown): AppError {
  return new AppError(
    { code: 'DATASET-FILE', message: `The dataset's file ${path} cannot be read: ${why}.`, data: { path }, remedy: 'Import the dataset again.' },
    cause,
  );
}
