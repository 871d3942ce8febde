import type { DataFolder } from '../../shared/domain/data-folder.ts';
import type { Services } from '../services/services.ts';
import { openStudioWhenFree } from '../studio.ts';
import { reportFailure } from './report-failure.ts';

const tell = (message: string) => void process.stderr.write(`${message}\n`);

/**
 * Work with the registry that the studio shows too; it is closed afterwards.
 * @throws AppError REGISTRY-NEWER, REGISTRY-BROKEN, REGISTRY-BUSY, REGISTRY-EMPTY; REGISTRY-BEHIND where all else went well
 */
export async function withStudio<T>(data: DataFolder, work: (services: Services) => Promise<T>): Promise<T> {
  const studio = await openStudioWhenFree(data, 'cli', tell);
  const done = await work(studio.services).catch(async (error: unknown): Promise<never> => {
    // What went wrong first is what the command ends with.
    await studio.close(tell).catch((later: unknown) => reportFailure(later, null));
    throw error;
  });
  await studio.close(tell);
  return done;
}
