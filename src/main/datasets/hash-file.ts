import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError } from '../../shared/lib/app-error.ts';

/** sha256 of a file's bytes, in hex. @throws AppError E-FILE */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Uint8Array);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder, and a dataset is one file' : message;
    throw new AppError(
      {
        code: 'E-FILE',
        message: `The dataset ${file} cannot be read: ${why}.`,
        data: { file },
        remedy: 'Check the path; one in a recipe counts from the folder of the recipe.',
      },
      error,
    );
  }
  return hash.digest('hex');
}
