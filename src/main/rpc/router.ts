import { datasetsRouter } from './datasets.ts';
import { os } from './implementer.ts';
import { inspectorRouter } from './inspector.ts';
import { modelsRouter } from './models.ts';
import { compareRouter } from './compare.ts';
import { runsRouter } from './runs.ts';
import { starterRouter } from './starter.ts';
import { settingsRouter, systemRouter } from './system.ts';

/** The whole contract, implemented; the compiler refuses a router with a hole. */
export const router = os.router({
  system: systemRouter,
  settings: settingsRouter,
  models: modelsRouter,
  datasets: datasetsRouter,
  inspector: inspectorRouter,
  runs: runsRouter,
  compare: compareRouter,
  starter: starterRouter,
});
