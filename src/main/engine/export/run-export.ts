/** @file The export job: an adapter, checked against its model, as a folder that PEFT loads. */
import { openModel } from '../models/open-model.ts';
import type { EngineEvent, ExportJob } from '../protocol.ts';
import { readPeftAdapter, writePeftAdapter } from '../adapters/peft-adapter.ts';

/** Emits `finished` with the folder written. @throws AppError as reading and writing adapters do */
export async function runExport(job: ExportJob, emit: (event: EngineEvent) => void): Promise<void> {
  const started = performance.now();
  const { model } = await openModel(job.model);
  const adapter = await readPeftAdapter(job.adapter, model.linears);
  for (const message of adapter.notices) emit({ kind: 'log', level: 'warning', message });
  await writePeftAdapter(job.outDir, adapter, { chosen: true });
  emit({ kind: 'finished', result: { adapter: job.outDir, steps: 0, trainLoss: null, seconds: (performance.now() - started) / 1000 } });
}
