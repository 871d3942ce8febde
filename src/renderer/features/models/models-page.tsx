import { Button, Card, Checkbox, Group, Skeleton, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconFolderOpen, IconRadar, IconSearch, IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScanUpdate } from '../../../shared/contract/models.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { client } from '../../api/client.ts';
import { useLongTask } from '../../api/use-long-task.ts';
import { useModels } from '../../api/use-models.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { notifyDone } from '../../components/notify/notify.ts';
import { Page } from '../../components/page/page.tsx';
import { ProgressLine } from '../../components/progress-line/progress-line.tsx';
import { ModelsTable } from './components/models-table.tsx';
import { OpenModel } from './components/open-model.tsx';
import { useModelActions } from './queries.ts';
import { FIRST_VIEW, shownModels } from './view-model.ts';

const OPEN = 'open-model';

/** The model folders of this machine, and the ways to find more. */
export function ModelsPage() {
  const { t } = useTranslation('models');
  const models = useModels();
  const { refresh, starter } = useModelActions();
  const [view, setView] = useState(FIRST_VIEW);
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const scan = useLongTask<ScanUpdate>(
    (signal) => client.models.scan(undefined, { signal }),
    (update) => {
      if (update.kind === 'progress') setProgress(update);
      else if (update.kind === 'found') void refresh();
      else notifyDone(t('scan.done', { count: update.found }));
    },
  );
  const openFolder = () =>
    void modals.open({ modalId: OPEN, title: t('open.title'), size: 'lg', children: <OpenModel onDone={() => modals.close(OPEN)} /> });
  const actions = (
    <>
      <Button variant="default" leftSection={<IconRadar size={14} />} onClick={scan.start} loading={scan.running}>
        {t('scan.start')}
      </Button>
      <Button leftSection={<IconFolderOpen size={14} />} onClick={openFolder}>
        {t('open.button')}
      </Button>
    </>
  );
  const list = models.data;
  return (
    <Page title={t('title')} description={t('description')} actions={actions}>
      {models.error && <ErrorNotice error={appErrorOf(models.error)} onRetry={() => void models.refetch()} />}
      {scan.error && <ErrorNotice error={scan.error} onRetry={scan.start} />}
      {scan.running && <ProgressLine label={t('scan.running')} done={progress.done} total={progress.total} onCancel={scan.cancel} />}
      {models.isPending && <Skeleton h={240} />}
      {list?.length === 0 && (
        <EmptyState
          icon={<IconStack2 />}
          title={t('empty.title')}
          description={t('empty.description')}
          action={
            <>
              <Button variant="default" onClick={scan.start}>
                {t('scan.start')}
              </Button>
              <Button variant="default" loading={starter.isPending} onClick={() => starter.mutate()}>
                {t('empty.starter')}
              </Button>
            </>
          }
        />
      )}
      {list !== undefined && list.length > 0 && (
        <>
          <Group gap="md">
            <TextInput
              aria-label={t('search')}
              placeholder={t('search')}
              leftSection={<IconSearch size={14} aria-hidden />}
              value={view.search}
              w={280}
              onChange={(event) => setView({ ...view, search: event.currentTarget.value })}
            />
            <Checkbox
              label={t('onlyUsable')}
              checked={view.onlyUsable}
              onChange={(event) => setView({ ...view, onlyUsable: event.currentTarget.checked })}
            />
          </Group>
          <Card padding={0}>
            <ModelsTable
              models={shownModels(list, view)}
              sort={view.sort}
              onSort={(key) => setView({ ...view, sort: { key, descending: view.sort.key === key ? !view.sort.descending : key !== 'name' } })}
            />
          </Card>
        </>
      )}
    </Page>
  );
}
