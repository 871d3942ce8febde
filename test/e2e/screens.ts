import { routes } from '../../src/renderer/lib/routes.ts';

export interface Screen {
  readonly name: string;
  readonly path: string;
  /** The h1 that shows when the screen is there. */
  readonly heading: string | RegExp;
}

/** What a filled studio is known by. */
export interface Filled {
  readonly modelId: string;
  readonly datasetId: string;
  readonly runId: string;
}

/** Every screen of the studio; a new one is added here and is looked at by every test that looks at all. */
export function allScreens({ modelId, datasetId, runId }: Filled): readonly Screen[] {
  return [
    { name: 'home', path: routes.home(), heading: 'Home' },
    { name: 'models', path: routes.models(), heading: 'Models' },
    { name: 'datasets', path: routes.datasets(), heading: 'Datasets' },
    { name: 'dataset', path: routes.dataset(datasetId), heading: 'Pirate answers' },
    { name: 'inspector', path: routes.inspector({ model: modelId, dataset: datasetId }), heading: 'Inspector' },
    { name: 'train', path: routes.train({ model: modelId, dataset: datasetId }), heading: 'Train' },
    { name: 'runs', path: routes.runs(), heading: 'Runs' },
    { name: 'run', path: routes.run(runId), heading: 'Short run' },
    { name: 'compare', path: routes.compare({ model: modelId, runs: runId }), heading: 'Compare' },
    { name: 'settings', path: routes.settings(), heading: 'Settings' },
  ];
}
