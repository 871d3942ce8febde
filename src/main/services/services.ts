import { ResidentEngines } from '../engine-host/resident-engines.ts';
import type { Registry } from '../registry/registry.ts';
import { Comparisons } from './compare/comparisons.ts';
import type { ServiceContext } from './context.ts';
import { DatasetLibrary } from './datasets/dataset-library.ts';
import { DatasetVersions } from './datasets/dataset-versions.ts';
import { Estimates } from './runs/estimates.ts';
import { Inspector } from './inspector/inspector.ts';
import { ModelLibrary } from './models/model-library.ts';
import { RunDependencies } from './runs/run-dependents.ts';
import { RunLibrary } from './runs/run-library.ts';
import { SettingsStore } from './studio/settings-store.ts';
import { StarterKit } from './studio/starter-kit.ts';
import { MachineFacts } from './machine/machine-facts.ts';
import { StudioNotices } from './studio/studio-notices.ts';

/** Every use case of the studio, put together. The rpc layer and the command line call these and nothing deeper. */
export interface Services {
  /** What the registry's own errors mean, and reads that are tried again. */
  readonly registry: Pick<Registry, 'inWords' | 'read'>;
  readonly notices: StudioNotices;
  readonly machine: MachineFacts;
  readonly settings: SettingsStore;
  readonly models: ModelLibrary;
  readonly datasets: DatasetLibrary;
  readonly datasetVersions: DatasetVersions;
  readonly inspector: Inspector;
  readonly runs: RunLibrary;
  readonly runDependents: RunDependencies;
  readonly estimates: Estimates;
  readonly comparisons: Comparisons;
  readonly starter: StarterKit;
  /** Engines that stay between questions; to be closed with the studio. */
  readonly engines: ResidentEngines;
}

export function createServices(context: ServiceContext): Services {
  const notices = new StudioNotices(context);
  const machine = new MachineFacts(context);
  const settings = new SettingsStore(context);
  const models = new ModelLibrary(context, settings);
  const datasets = new DatasetLibrary(context);
  const datasetVersions = new DatasetVersions(context);
  const engines = new ResidentEngines();
  const inspector = new Inspector(context, models, datasets, engines);
  const runs = new RunLibrary(context, settings, models, datasets);
  const runDependents = new RunDependencies(context, runs);
  const estimates = new Estimates(context, machine, settings, models, datasets, inspector, runs);
  const comparisons = new Comparisons(context, machine, settings, models, runs, engines);
  const starter = new StarterKit(context, models, datasets);
  return {
    registry: context.registry,
    notices,
    machine,
    settings,
    models,
    datasets,
    datasetVersions,
    inspector,
    runs,
    runDependents,
    estimates,
    comparisons,
    starter,
    engines,
  };
}
