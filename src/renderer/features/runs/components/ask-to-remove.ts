import type { TFunction } from 'i18next';
import type { RunDependents, RunSummary } from '../../../../shared/domain/run-record.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { client } from '../../../api/client.ts';
import { confirm } from '../../../components/confirm/confirm.tsx';
import { notifyError } from '../../../components/notify/notify.ts';
import { formatBytes } from '../../../lib/format.ts';

type Words = TFunction<'runs'>;

/** Says what goes with the run and what was made from it, and asks. */
export async function askToRemove(run: RunSummary, t: Words, onAgreed: () => void): Promise<void> {
  try {
    const dependents = await client.runs.dependents({ id: run.id });
    const message = [t('remove.message', { name: run.name, dir: run.dir }), ...whatDepends(run, dependents, t)].join('\n\n');
    if (await confirm({ title: t('remove.title'), message, confirmLabel: t('remove.confirm'), danger: true })) onAgreed();
  } catch (error) {
    notifyError(appErrorOf(error as Error));
  }
}

function whatDepends(
  { yields, hasOutcome }: RunSummary,
  { checkpoints, bytes, comparisons, runs, models }: RunDependents,
  t: Words,
): readonly string[] {
  return [
    ...(hasOutcome ? [t(`remove.${yields}`)] : []),
    ...(checkpoints > 0 ? [t('remove.checkpoints', { count: checkpoints, size: formatBytes(bytes) })] : []),
    ...(comparisons > 0 ? [t('remove.comparisons', { count: comparisons })] : []),
    ...(models.length > 0 ? [t('remove.models', { count: models.length, names: models.join(', ') })] : []),
    ...(runs.length > 0 ? [t('remove.runs', { count: runs.length, names: runs.join(', ') })] : []),
  ];
}
