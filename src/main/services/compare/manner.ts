import type { Manner } from '../../../shared/domain/generation.ts';
import type { RunSummary } from '../../../shared/domain/run-record.ts';
import { runTask } from '../../worker-host/workers.ts';
import { openRunFolder } from '../runs/run-folder.ts';

/** How the rows of a run ask the model; null where they are gone. */
export async function mannerOf(
  run: RunSummary & { readonly recipe: { readonly dataset: { readonly file: string } } },
  hasTemplate: boolean,
): Promise<Manner | null> {
  // The folder says where the command line's rows lie; the studio's recipes name the rows themselves.
  const noted = await openRunFolder(run.dir).then(
    ({ record }) => record.rows?.file ?? null,
    () => null,
  );
  const manner = (file: string) => runTask('manner', { file, hasTemplate }, { about: `The dataset of ${run.name}` });
  return (noted === null ? null : await manner(noted)) ?? manner(run.recipe.dataset.file);
}
