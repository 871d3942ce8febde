import type { DataFolder } from '../../shared/domain/data-folder.ts';
import type { Services } from '../services/services.ts';
import { openStudio } from '../studio.ts';

/** Work with the registry that the studio shows too; it is closed afterwards. @throws AppError REGISTRY-NEWER, REGISTRY-BROKEN */
export async function withStudio<T>(data: DataFolder, work: (services: Services) => Promise<T>): Promise<T> {
  const studio = openStudio(data, 'cli');
  try {
    return await work(studio.services);
  } finally {
    await studio.close();
  }
}
