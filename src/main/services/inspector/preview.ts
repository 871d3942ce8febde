import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import type { ImportedDataset } from '../../../shared/domain/dataset.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { startJob, type PreviewRow } from '../../engine-host/engine-host.ts';
import { importForRecipe } from '../datasets/datasets.ts';

export interface PreviewRequest {
  readonly recipe: Recipe;
  /** 0-based index of the first row, and how many. */
  readonly first: number;
  readonly count: number;
}

export type PreviewUpdate =
  | { readonly kind: 'row'; readonly row: PreviewRow }
  /** What the file holds, with the rows that training leaves out. */
  | ({ readonly kind: 'imported' } & ImportedDataset)
  /** What was found in the rows shown. */
  | { readonly kind: 'finding'; readonly finding: Finding }
  /** What else there is to say. */
  | { readonly kind: 'notice'; readonly message: string };

/** Shows rows as training will see them; loads no weights. @throws AppError of import, template, tokenizer */
export async function previewRows(
  { recipe, first, count }: PreviewRequest,
  data: DataFolder,
  onUpdate: (update: PreviewUpdate) => void,
): Promise<void> {
  const dataset = await importForRecipe(recipe, data, { signal: new AbortController().signal, onProgress: () => undefined });
  onUpdate({ kind: 'imported', ...dataset });
  if (first >= dataset.rows) {
    throw new AppError({
      code: 'PREVIEW-RANGE',
      message: `${recipe.dataset.file} has ${dataset.rows} usable rows; row ${first} is beyond them.`,
      remedy: `Choose rows from 0 to ${dataset.rows - 1}.`,
    });
  }
  const rows = { file: dataset.file, contentHash: dataset.contentHash };
  // No tensor is computed, so the backend that needs no native library will do.
  const job = startJob({ kind: 'preview', device: 'reference', threads: null, cacheDir: data.cache, recipe, rows, first, count }, (event) => {
    if (event.kind === 'preview') onUpdate({ kind: 'row', row: event.row });
    if (event.kind === 'dropped') onUpdate({ kind: 'notice', message: droppedNotice(event.source, event.reason) });
    if (event.kind === 'findings') for (const finding of event.findings) onUpdate({ kind: 'finding', finding });
    if (event.kind === 'log') onUpdate({ kind: 'notice', message: event.message });
  });
  const last = await job.ended;
  if (last.kind === 'failed') throw new AppError(last.error);
}

function droppedNotice(source: number, reason: string | null): string {
  if (reason !== null) return `Row ${source} of the file does not fit the chat template: ${reason}. Training sets it aside.`;
  return `Row ${source} of the file has nothing to learn within the maximum length: training drops it.`;
}
