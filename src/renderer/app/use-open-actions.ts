import { IconArrowsDiff, IconDownload, IconEye, IconPlayerPlay, IconPlayerStop, IconRepeat, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { DatasetSummary } from '../../shared/domain/dataset-record.ts';
import type { RunSummary } from '../../shared/domain/run-record.ts';
import { isActive } from '../../shared/domain/run.ts';
import { outcomeDownloadPath, datasetDownloadPath } from '../../shared/domain/upload.ts';
import { appErrorOf } from '../api/app-error.ts';
import { api, client } from '../api/client.ts';
import { startDownload } from '../api/download.ts';
import { useRuns } from '../api/use-runs.ts';
import { notifyError } from '../components/notify/notify.ts';
import { routes } from '../lib/routes.ts';

interface OpenAction {
  readonly id: string;
  readonly label: string;
  readonly icon: Icon;
  readonly run: () => void;
}

type Words = TFunction;
type Go = (place: string) => void;

/** What can be done with the run or the dataset that is on the screen; nothing on other screens. */
export function useOpenActions(): { readonly title: string; readonly actions: readonly OpenAction[] } {
  const { t } = useTranslation();
  const [place, go] = useLocation();
  const { runs } = useRuns();
  const datasets = useQuery(api.datasets.list.queryOptions());
  const [, kind, id] = /^\/(runs|datasets)\/([^/?]+)$/.exec(place) ?? [];
  const run = kind === 'runs' ? runs?.find((each) => each.id === id) : undefined;
  if (run !== undefined) return { title: run.name, actions: runActions(run, t, go) };
  const dataset = kind === 'datasets' ? datasets.data?.find((each) => each.id === id) : undefined;
  return dataset === undefined ? { title: '', actions: [] } : { title: dataset.name, actions: datasetActions(dataset, t, go) };
}

function runActions(run: RunSummary, t: Words, go: Go): readonly OpenAction[] {
  const ask = (what: Promise<unknown>) => void what.catch((error: unknown) => notifyError(appErrorOf(error)));
  const active = isActive(run.status);
  const hasWeights = run.hasOutcome || run.checkpoints.length > 0;
  const again = routes.train({ model: run.model.id, dataset: run.dataset.id, from: run.id });
  const actions: readonly (OpenAction & { readonly when: boolean })[] = [
    { when: active, id: 'stop', label: t('palette.stop'), icon: IconPlayerStop, run: () => ask(client.runs.stop({ id: run.id })) },
    {
      when: !active && run.status.kind !== 'completed',
      id: 'resume',
      label: t('palette.resume'),
      icon: IconPlayerPlay,
      run: () => ask(client.runs.resume({ id: run.id })),
    },
    {
      when: hasWeights && run.model.id !== null,
      id: 'compare',
      label: t('palette.compare'),
      icon: IconArrowsDiff,
      run: () => go(routes.compare({ model: run.model.id, runs: run.id })),
    },
    {
      when: hasWeights,
      id: 'download',
      label: t(`palette.download.${run.yields}`),
      icon: IconDownload,
      run: () => void startDownload(outcomeDownloadPath(run.id, null), notifyError),
    },
    { when: true, id: 'again', label: t('palette.again'), icon: IconRepeat, run: () => go(again) },
  ];
  return actions.filter(({ when }) => when);
}

function datasetActions(dataset: DatasetSummary, t: Words, go: Go): readonly OpenAction[] {
  return [
    { id: 'inspect', label: t('palette.inspect'), icon: IconEye, run: () => go(routes.inspector({ dataset: dataset.id })) },
    {
      id: 'download',
      label: t('palette.downloadDataset'),
      icon: IconDownload,
      run: () => void startDownload(datasetDownloadPath(dataset.version.id), notifyError),
    },
    { id: 'train', label: t('palette.trainOn'), icon: IconPlayerPlay, run: () => go(routes.train({ dataset: dataset.id })) },
  ];
}
