import { join } from 'node:path';
import type { DataFolder } from '../shared/domain/data-folder.ts';
import { RESOURCES, VERSION } from './app/paths.ts';
import { Registry } from './registry/registry.ts';
import type { ServiceContext } from './services/context.ts';
import { closeIdleWorkers } from './worker-host/workers.ts';
import { createServices, type Services } from './services/services.ts';

export interface Studio {
  readonly services: Services;
  /** Saves what runs and closes the registry. */
  close(): Promise<void>;
}

/** Registry and services for one host. @throws AppError REGISTRY-NEWER, REGISTRY-BROKEN */
export function openStudio(data: DataFolder, host: ServiceContext['host'], version = VERSION): Studio {
  const registry = Registry.open(join(data.root, 'registry.sqlite'));
  const services = createServices({ data, registry, resources: RESOURCES, host, version });
  // Leftovers of crashes cost nothing but room: a studio that cannot remove them works as well.
  if (host !== 'cli') void services.datasets.sweep().catch(() => undefined);
  return {
    services,
    async close() {
      await Promise.all([services.runs.close(), services.engines.close()]);
      closeIdleWorkers();
      registry.close();
    },
  };
}
