import type { DataFolder } from '../../shared/domain/data-folder.ts';
import type { Registry } from '../registry/registry.ts';

/** What services share; made once at start-up by the host that runs them. */
export interface ServiceContext {
  readonly data: DataFolder;
  readonly registry: Registry;
  /** Folder of the shipped files. */
  readonly resources: string;
  /** Which host this is: runs remember who started them. */
  readonly host: 'electron' | 'browser' | 'cli';
  readonly version: string;
}
