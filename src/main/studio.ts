import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataFolder } from '../shared/domain/data-folder.ts';
import { AppError } from '../shared/lib/app-error.ts';
import { RESOURCES, VERSION } from './app/paths.ts';
import { Registry } from './registry/registry.ts';
import type { ServiceContext } from './services/context.ts';
import { closeIdleWorkers } from './worker-host/workers.ts';
import { LoopWatch } from './services/machine/loop-watch.ts';
import { createServices, type Services } from './services/services.ts';
import { StudioPresence } from './services/studio/studio-presence.ts';

export interface Studio {
  readonly services: Services;
  /** How long the host's loop stood still; a command has none. */
  readonly loop: LoopWatch | null;
  /**
   * Saves what runs, waits until the registry has what runs have told, and closes it.
   * @param tell hears that it has to wait
   * @throws AppError REGISTRY-BEHIND where the registry could not be written to the end
   */
  close(tell?: (message: string) => void): Promise<void>;
}

/** Milliseconds that the end waits for a registry that cannot be written. */
const SETTLE = 15_000;

/**
 * Registry and services for one host.
 * @param patience milliseconds to wait, without a turn of the loop, for a program that holds the registry
 * @throws AppError REGISTRY-NEWER, REGISTRY-BROKEN, REGISTRY-BUSY, REGISTRY-EMPTY
 */
export function openStudio(data: DataFolder, host: ServiceContext['host'], version = VERSION, patience?: number): Studio {
  const registry = Registry.open(join(data.root, 'registry.sqlite'), patience);
  const services = createServices({ data, registry, resources: RESOURCES, host, version });
  // Leftovers of crashes cost nothing but room: a studio that cannot remove them works as well.
  if (host !== 'cli') registry.check();
  const presence = host === 'cli' ? null : new StudioPresence(data.root, services.notices);
  if (host !== 'cli') void services.datasets.sweep().catch(() => undefined);
  // Opening itself may wait for the disk; from here on, pages wait for the loop.
  const loop = host === 'cli' ? null : new LoopWatch();
  return {
    services,
    loop,
    async close(tell) {
      await Promise.all([services.runs.close(), services.engines.close()]);
      closeIdleWorkers();
      loop?.stop();
      // Told while it lasted, by a run that may have ended since: that it is over is then ours to say.
      let waited = registry.kept.owing && registry.health.of('writes') !== null;
      const behind = await registry.kept.settle(SETTLE, ({ message }) => {
        waited = true;
        tell?.(`${message} Waiting for it, at most ${SETTLE / 1000} seconds.`);
      });
      if (waited && behind === null) tell?.('The registry is written again, with all that was kept.');
      presence?.close();
      services.notices.close();
      registry.close();
      if (behind !== null) throw behindError(behind);
    },
  };
}

/** Milliseconds between two tries to open a registry that another program holds, for how long, and between two words about it. */
const RETRY = 500;
const PATIENCE = 60_000;
const WORD = 10_000;

/**
 * The same for a host that starts: it waits for a program that holds the registry.
 * @param tell hears why it waits
 * @throws AppError as `openStudio`
 */
export async function openStudioWhenFree(data: DataFolder, host: ServiceContext['host'], tell: (message: string) => void): Promise<Studio> {
  const began = performance.now();
  for (let told = -Infinity; ;) {
    try {
      return openStudio(data, host, VERSION, RETRY);
    } catch (error) {
      const waited = performance.now() - began;
      if (!(error instanceof AppError) || error.code !== 'REGISTRY-BUSY' || waited > PATIENCE) throw error;
      if (waited - told >= WORD) {
        tell(`${error.message} Waiting for it, at most ${Math.round((PATIENCE - waited) / 1000)} seconds more.`);
        told = waited;
      }
    }
    await delay(RETRY);
  }
}

function behindError(fault: AppError): AppError {
  return new AppError(
    {
      code: 'REGISTRY-BEHIND',
      message: `${fault.message} What runs told last is not in it.`,
      data: { ...fault.data, fault: fault.code },
      remedy:
        'The folders of the runs have everything, adapters too. When the registry can be written again, "tunesmith resume --out DIR" brings a run up to date in it.',
    },
    fault,
  );
}
