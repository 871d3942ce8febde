import { dataFolder } from '../../src/main/app/paths.ts';
import { openStudio } from '../../src/main/studio.ts';
import type { Filled } from '../e2e/screens.ts';

/** The starter model and dataset in a data folder, with a short finished run of them: what screens look like when something is there. */
export async function fillStudio(data: string): Promise<Filled> {
  const { services, close } = openStudio(dataFolder(data), 'browser');
  services.settings.update({ device: 'cpu' });
  const { model, dataset, settings } = await services.starter.open();
  const run = await services.runs.start(
    { modelId: model.id, datasetId: dataset.id, settings: { ...settings, max_steps: 12, warmup_steps: 0, save_steps: 6 } },
    'Short run',
  );
  for await (const update of services.runs.watch(run.id, AbortSignal.timeout(120_000))) {
    if (update.kind === 'run' && update.run.status.kind === 'completed') break;
  }
  await close();
  return { modelId: model.id, datasetId: dataset.id, runId: run.id };
}
