import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, homedir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DeviceReport } from '../../../shared/domain/device.ts';
import type { FolderListing, SystemInfo } from '../../../shared/domain/system.ts';
import { listFolder } from './folder-listing.ts';
import type { ServiceContext } from '../context.ts';
import { listDevices } from './devices.ts';

/** The machine that the studio runs on: what it is, what it can train on, its folders. */
export class MachineFacts {
  readonly #context: ServiceContext;
  readonly #askEngine: () => Promise<readonly DeviceReport[]>;
  /** Shared by callers that come while it is being asked, remembered afterwards. */
  #devices: Promise<readonly DeviceReport[]> | null = null;

  constructor(context: ServiceContext, askEngine = () => listDevices(context.data)) {
    this.#context = context;
    this.#askEngine = askEngine;
  }

  async info(): Promise<SystemInfo> {
    const { data, version, host } = this.#context;
    const { bavail, bsize } = await statfs(data.root);
    const processors = cpus();
    return {
      version,
      // The page is never served by the command line.
      host: host === 'electron' ? 'electron' : 'browser',
      platform: `${process.platform} ${process.arch}`,
      cpu: { model: processors[0]?.model.trim() ?? '', cores: processors.length || availableParallelism() },
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      dataFolder: data.root,
      freeDiskBytes: bavail * bsize,
      hubCache: hubCache(process.env, homedir()),
    };
  }

  /** What an engine process says that it can train on. A failure is not remembered. @throws AppError ENGINE-LOST */
  devices(refresh: boolean): Promise<readonly DeviceReport[]> {
    if (this.#devices === null || refresh) {
      const asked = this.#askEngine();
      this.#devices = asked;
      asked.catch(() => {
        if (this.#devices === asked) this.#devices = null;
      });
    }
    return this.#devices;
  }

  /** @throws AppError FOLDER-LIST */
  listFolder(path: string | null): Promise<FolderListing> {
    return listFolder(path ?? homedir());
  }
}

/** Where Hugging Face's own tools keep what they download, by their variables. */
export function hubCache(environment: NodeJS.ProcessEnv, home: string): string {
  const explicit = environment['HF_HUB_CACHE'] || environment['HUGGINGFACE_HUB_CACHE'];
  if (explicit) return explicit;
  const base = environment['HF_HOME'] || join(environment['XDG_CACHE_HOME'] || join(home, '.cache'), 'huggingface');
  return join(base, 'hub');
}
