import { Anchor, Button, Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { IconArrowsDiff, IconDownload, IconPlayerPlay, IconPlayerStop, IconStack2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import type { RunDetail } from '../../../shared/domain/run-record.ts';
import { outcomeDownloadPath } from '../../../shared/domain/upload.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { client } from '../../api/client.ts';
import { startDownload } from '../../api/download.ts';
import { useRunWatch } from '../../api/use-run-watch.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { notifyError } from '../../components/notify/notify.ts';
import { Page } from '../../components/page/page.tsx';
import { routes } from '../../lib/routes.ts';
import { RunCharts } from './components/run-charts.tsx';
import { RunCheckpoints } from './components/run-checkpoints.tsx';
import { RunHeader } from './components/run-header.tsx';
import { RunLog } from './components/run-log.tsx';
import { RunMenu } from './components/run-menu.tsx';
import { RunNotes } from './components/run-notes.tsx';
import { RunRecipe } from './components/run-recipe.tsx';
import { useRunActions } from './queries.ts';
import { canResume, canStop } from './view-model.ts';

/** One run: what it does now, its curves, what it has left on disk. Live for as long as it runs, whoever runs it. */
export function RunPage({ id }: { readonly id: string }) {
  const { t } = useTranslation('runs');
  const { run, curves, drawn, log, progress, removed, error, restart } = useRunWatch(id);
  const { stop, resume } = useRunActions();
  if (error !== null && run === null)
    return (
      <Page title={t('run')}>
        <ErrorNotice error={error} />
        <Group>
          <Button component={Link} href={routes.runs()} variant="default">
            {t('backToList')}
          </Button>
        </Group>
      </Page>
    );
  if (removed)
    return (
      <Page title={t('run')}>
        <EmptyState
          icon={<IconPlayerStop />}
          title={t('removed')}
          description={t('removedHint')}
          action={
            <Button component={Link} href={routes.runs()}>
              {t('backToList')}
            </Button>
          }
        />
      </Page>
    );
  if (run === null)
    return (
      <Page title={t('run')}>
        <Skeleton h={160} />
        <Skeleton h={280} />
      </Page>
    );
  return (
    <Page
      title={run.name}
      description={<RunSubject run={run} />}
      actions={<RunButtons run={run} onStop={() => stop.mutate(id)} onResume={() => resume.mutate(id)} />}
    >
      {error !== null && <ErrorNotice error={error} onRetry={restart} />}
      <RunHeader run={run} drawn={drawn} phase={progress} />
      <RunNotes run={run} />
      {/* Kept panels are updated in a later task than the header otherwise, and the charts would tell another step than it. */}
      <Tabs defaultValue="curves" keepMounted={false} keepMountedMode="display-none">
        <Tabs.List mb="md">
          <Tabs.Tab value="curves">{t('tabs.curves')}</Tabs.Tab>
          <Tabs.Tab value="log">{t('tabs.log')}</Tabs.Tab>
          <Tabs.Tab value="checkpoints">{t('tabs.checkpoints')}</Tabs.Tab>
          <Tabs.Tab value="recipe">{t('tabs.recipe')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="curves" keepMounted>
          <RunCharts runId={id} curves={curves} version={drawn.version} checkpoints={run.checkpoints} totalSteps={run.totalSteps} />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <RunLog lines={log} />
        </Tabs.Panel>
        <Tabs.Panel value="checkpoints">
          <RunCheckpoints run={run} curves={curves} />
        </Tabs.Panel>
        <Tabs.Panel value="recipe">
          <RunRecipe recipe={run.recipe} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** What was trained on what. */
function RunSubject({ run }: { readonly run: RunDetail }) {
  const { t } = useTranslation('runs');
  return (
    <Group gap="xs">
      <Text c="dimmed" span>
        {run.model.name}
      </Text>
      <Text c="dimmed" span aria-hidden>
        ·
      </Text>
      {run.dataset.id === null ? (
        <Text c="dimmed" span>
          {run.dataset.name}
        </Text>
      ) : (
        <Anchor component={Link} href={routes.dataset(run.dataset.id)}>
          {run.dataset.name}
        </Anchor>
      )}
      {run.elsewhere !== null && (
        <Text c="dimmed" span>
          · {t(`elsewhere.${run.host}`, { pid: run.elsewhere })}
        </Text>
      )}
      {run.elsewhere === null && run.host === 'cli' && (
        <Text c="dimmed" span>
          · {t('fromCommandLine')}
        </Text>
      )}
    </Group>
  );
}

/** The tuned model as one of the studio's, to be asked, trained further or compared. */
function OpenModel({ folder }: { readonly folder: string }) {
  const { t } = useTranslation('runs');
  const [, go] = useLocation();
  const open = useMutation({
    mutationFn: () => client.models.open({ path: folder }),
    onSuccess: () => go(routes.models()),
    onError: (error) => notifyError(appErrorOf(error)),
  });
  return (
    <Button onClick={() => open.mutate()} loading={open.isPending} variant="default" leftSection={<IconStack2 size={14} />}>
      {t('actions.openModel')}
    </Button>
  );
}

function RunButtons({ run, onStop, onResume }: { readonly run: RunDetail; readonly onStop: () => void; readonly onResume: () => void }) {
  const { t } = useTranslation('runs');
  const hasWeights = run.hasOutcome || run.checkpoints.length > 0;
  return (
    <Stack gap={4} align="flex-end">
      <Group gap="xs" justify="flex-end">
        {run.model.id !== null && hasWeights && (
          <Button
            component={Link}
            href={routes.compare({ model: run.model.id, runs: run.id })}
            variant="default"
            leftSection={<IconArrowsDiff size={14} />}
          >
            {t('actions.compare')}
          </Button>
        )}
        {run.outcome?.kind === 'model' && <OpenModel folder={run.outcome.folder} />}
        {hasWeights && (
          <Button
            onClick={() => void startDownload(outcomeDownloadPath(run.id, null), notifyError)}
            variant="default"
            leftSection={<IconDownload size={14} />}
          >
            {t(`actions.download.${run.yields}`)}
          </Button>
        )}
        {canResume(run) && (
          <Button onClick={onResume} leftSection={<IconPlayerPlay size={14} />}>
            {t('actions.resume')}
          </Button>
        )}
        {canStop(run) && (
          <Button color="red" variant="light" onClick={onStop} leftSection={<IconPlayerStop size={14} />}>
            {run.status.kind === 'stopping' ? t('actions.stopNow') : t('actions.stop')}
          </Button>
        )}
        <RunMenu run={run} />
      </Group>
      {run.status.kind === 'stopping' && (
        <Text size="xs" c="dimmed">
          {t('stoppingHint')}
        </Text>
      )}
    </Stack>
  );
}
