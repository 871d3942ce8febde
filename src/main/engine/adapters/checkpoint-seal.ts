/**
 * @file The seal of a checkpoint, for whoever takes weights out of it without resuming: export, Compare, a run that begins with them. Resuming looks
 * at every file of it (train/check-checkpoint.ts).
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { errnoOf } from '../../../shared/lib/write-error.ts';
import { sealOfFile } from '../../files/seal.ts';
import { readJsonFileIfPresent } from '../weights/json-file.ts';

export const STATE_FILE = 'trainer_state.json';
export const OPTIMIZER_FILE = 'optimizer.safetensors';

/** Of ours; transformers writes a file of this name too, without a seal, and so did earlier versions. */
const sealedSchema = z.object({ seal: z.string(), files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })) });

/** sha256 of a state without its seal. */
export function stateSeal(state: object): string {
  const { seal: _, ...rest } = state as { readonly seal?: unknown };
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

/**
 * Refuses files of a sealed checkpoint that are not as they were written; a folder without a seal has nothing to be held against.
 * @param names null for all that a model is made of
 * @throws AppError CHECKPOINT-DAMAGED, and those of reading the state
 */
export async function refuseChanged(folder: string, names: readonly string[] | null): Promise<void> {
  const state = await readJsonFileIfPresent(join(folder, STATE_FILE));
  const sealed = sealedSchema.safeParse(state);
  if (!sealed.success) return;
  if (stateSeal(state as object) !== sealed.data.seal)
    throw damaged(folder, `${STATE_FILE} was changed after it was written (its seal does not fit)`);
  for (const name of names ?? Object.keys(sealed.data.files).filter((each) => each !== OPTIMIZER_FILE)) {
    const written = sealed.data.files[name];
    if (written === undefined) throw damaged(folder, `${name} is not among the files that ${STATE_FILE} names`);
    const found = await sealOfFile(join(folder, name)).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (found === null) throw damaged(folder, `${name} is missing`);
    if (found.bytes !== written.bytes) throw damaged(folder, `${name} has ${found.bytes} bytes, and ${written.bytes} were written`);
    if (found.sha256 !== written.sha256) throw damaged(folder, `${name} was changed after it was written (its bytes do not fit the seal)`);
  }
}

function damaged(folder: string, problem: string): AppError {
  return new AppError({
    code: 'CHECKPOINT-DAMAGED',
    message: `${folder} is damaged and is not used: ${problem}.`,
    data: { folder },
    remedy: 'Choose another checkpoint of the run, or put back a copy of this one.',
  });
}
