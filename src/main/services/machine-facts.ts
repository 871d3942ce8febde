import type { DeviceReport } from '../../shared/domain/device.ts';
import type { FolderListing, SystemInfo } from '../../shared/domain/system.ts';
import type { ServiceContext } from './context.ts';
import { notBuilt } from './not-built.ts';

/** The machine that the studio runs on: what it is, what it can train on, its folders. */
export class MachineFacts {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  info(): Promise<SystemInfo> {
    return notBuilt('info', this.#context);
  }

  devices(_refresh: boolean): Promise<readonly DeviceReport[]> {
    return notBuilt('devices');
  }

  /** @throws AppError FOLDER-LIST */
  listFolder(_path: string | null): Promise<FolderListing> {
    return notBuilt('listFolder');
  }
}
