import type { DataFolder } from '../../shared/domain/data-folder.ts';
import { openPrivateRoot } from '../files/private-root.ts';
import { dataFolder } from './paths.ts';

/**
 * The data folder, there and closed to others.
 * @param tell hears what was open to others until now
 * @throws AppError NOT-OURS, FILE-DENIED, FILE-WRITE
 */
export function openDataFolder(chosen: string | null, tell: (notice: string) => void): DataFolder {
  const data = dataFolder(chosen);
  const closed = openPrivateRoot(data.root);
  if (closed.length > 0) tell(`Other users of this machine could read ${closed.join(', ')}. Now only you can.`);
  return data;
}
