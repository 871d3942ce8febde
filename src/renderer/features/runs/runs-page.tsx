import { Button, Card, Group, MultiSelect, Skeleton, TextInput } from '@mantine/core';
import { IconChartLine, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { RunStatus } from '../../../shared/domain/run.ts';
import { useRuns } from '../../api/use-runs.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { Page } from '../../components/page/page.tsx';
import { routes } from '../../lib/routes.ts';
import { RunsTable } from './components/runs-table.tsx';
import { FIRST_VIEW, shownRuns } from './view-model.ts';

const STATUSES = [
  'queued',
  'preparing',
  'running',
  'stopping',
  'stopped',
  'completed',
  'failed',
  'interrupted',
] as const satisfies readonly RunStatus['kind'][];

/** Every run of this data folder, of the studio and of the command line, as it is now. */
export function RunsPage() {
  const { t } = useTranslation('runs');
  const { runs } = useRuns();
  const [view, setView] = useState(FIRST_VIEW);
  const start = (
    <Button component={Link} href={routes.train()} leftSection={<IconPlayerPlay size={14} />}>
      {t('actions.start')}
    </Button>
  );
  return (
    <Page title={t('title')} description={t('description')} actions={start}>
      {runs === null && <Skeleton h={240} />}
      {runs?.length === 0 && (
        <EmptyState
          icon={<IconChartLine />}
          title={t('empty.title')}
          description={t('empty.description')}
          action={
            <Button component={Link} href={routes.home()} variant="default">
              {t('empty.tour')}
            </Button>
          }
        />
      )}
      {runs !== null && runs.length > 0 && (
        <>
          <Group gap="sm">
            <TextInput
              aria-label={t('search')}
              placeholder={t('search')}
              leftSection={<IconSearch size={14} aria-hidden />}
              value={view.search}
              w={260}
              onChange={(event) => setView({ ...view, search: event.currentTarget.value })}
            />
            <MultiSelect
              aria-label={t('filter')}
              placeholder={view.statuses.length === 0 ? t('filter') : ''}
              clearable
              w={320}
              value={[...view.statuses]}
              data={STATUSES.map((value) => ({ value, label: t(`statuses.${value}`) }))}
              onChange={(values) => setView({ ...view, statuses: STATUSES.filter((each) => values.includes(each)) })}
            />
          </Group>
          <Card padding={0}>
            <RunsTable
              runs={shownRuns(runs, view)}
              sort={view.sort}
              onSort={(key) => setView({ ...view, sort: { key, descending: view.sort.key === key ? !view.sort.descending : true } })}
            />
          </Card>
        </>
      )}
    </Page>
  );
}
