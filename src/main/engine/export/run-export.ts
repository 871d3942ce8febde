/** @file The export job: what a run saved, checked, as a folder that PEFT or transformers loads. */
import type { OutcomeKind } from '../../../shared/domain/outcome.ts';
import { refuseChanged } from '../adapters/checkpoint-seal.ts';
import { readPeftAdapter, writePeftAdapter } from '../adapters/peft-adapter.ts';
import { openModel } from '../models/open-model.ts';
import type { EngineEvent, ExportJob } from '../protocol.ts';
import { readTensorBytes, type TensorInfo, type TensorToWrite } from '../weights/safetensors.ts';
import { writeModelFolder } from '../weights/write-model-folder.ts';

type Emit = (event: EngineEvent) => void;

const PIECE = 64 * 1024 * 1024;

const exporters: { readonly [K in OutcomeKind]: (job: ExportJob, emit: Emit) => Promise<void> } = { adapter: exportAdapter, model: exportModel };

/** @throws AppError as reading and writing adapters and models do */
export async function runExport(job: ExportJob, emit: Emit): Promise<void> {
  await exporters[job.source.kind](job, emit);
}

async function exportAdapter({ model: folder, source, outDir }: ExportJob, emit: Emit): Promise<void> {
  const { model } = await openModel(folder);
  const adapter = await readPeftAdapter(source.folder, model.linears, Object.values(model.tables));
  for (const message of adapter.notices) emit({ kind: 'log', level: 'warning', message });
  await writePeftAdapter(outDir, adapter, { chosen: true });
}

async function exportModel({ source, outDir }: ExportJob): Promise<void> {
  await refuseChanged(source.folder, null);
  const { tensors } = await openModel(source.folder);
  await writeModelFolder(
    outDir,
    { base: source.folder, tensors: [...tensors.values()].map(copyOf), chatTemplate: null, eosTokenId: null },
    { chosen: true },
  );
}

/** Its bytes, a piece at a time. */
function copyOf(info: TensorInfo): TensorToWrite {
  return {
    name: info.name,
    dtype: info.dtype,
    shape: info.shape,
    async *chunks() {
      for (let start = 0; start < info.length; start += PIECE) yield readTensorBytes(info, { start, length: Math.min(PIECE, info.length - start) });
    },
  };
}
