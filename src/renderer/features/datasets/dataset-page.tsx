import { Badge, Button, Card, Group, Skeleton, Tabs, Text } from '@mantine/core';
import { IconEye, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { DatasetSummary } from '../../../shared/domain/dataset-record.ts';
import type { RowName } from '../../../shared/domain/finding.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { RowNumber } from '../../components/row-number/row-number.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { Findings } from '../../components/findings/findings.tsx';
import { Page } from '../../components/page/page.tsx';
import { formatCount } from '../../lib/format.ts';
import { routes } from '../../lib/routes.ts';
import { BadRows } from './components/bad-rows.tsx';
import { RowsGrid } from './components/rows-grid.tsx';
import { RowsToolbar } from './components/rows-toolbar.tsx';
import { VersionsTable } from './components/versions-table.tsx';
import { pageOptions, useDataset } from './queries.ts';
import { useRowsWork } from './use-rows-work.tsx';

/** One dataset: its rows, to be read and edited, what was refused, and its versions. */
export function DatasetPage({ id }: { readonly id: string }) {
  const { t } = useTranslation('datasets');
  const dataset = useDataset(id);
  const [tab, setTab] = useState('rows');
  const [wanted, setWanted] = useState<RowName | null>(null);
  const show = (row: RowName) => {
    setWanted(row);
    setTab('rows');
  };
  if (dataset.error)
    return (
      <Page title={t('dataset')}>
        <ErrorNotice error={appErrorOf(dataset.error)} />
        <Group>
          <Button component={Link} href={routes.datasets()} variant="default">
            {t('backToList')}
          </Button>
        </Group>
      </Page>
    );
  if (!dataset.data)
    return (
      <Page title={t('dataset')}>
        <Skeleton h={400} />
      </Page>
    );
  const { version, name } = dataset.data;
  const actions = (
    <>
      <Button component={Link} href={routes.inspector({ dataset: id })} variant="default" leftSection={<IconEye size={14} />}>
        {t('actions.inspect')}
      </Button>
      <Button component={Link} href={routes.train({ dataset: id })} leftSection={<IconPlayerPlay size={14} />}>
        {t('actions.train')}
      </Button>
    </>
  );
  return (
    <Page title={name} description={<Facts dataset={dataset.data} />} actions={actions}>
      <Tabs value={tab} onChange={(value) => setTab(value ?? 'rows')}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="rows">{t('tabs.rows')}</Tabs.Tab>
          {version.findings.length > 0 && <Tabs.Tab value="findings">{t('tabs.findings', { count: version.findings.length })}</Tabs.Tab>}
          {version.badRows > 0 && <Tabs.Tab value="bad">{t('tabs.bad', { count: version.badRows })}</Tabs.Tab>}
          <Tabs.Tab value="versions">{t('tabs.versions')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rows">
          <Rows key={wanted?.position} dataset={dataset.data} wanted={wanted?.position ?? null} />
        </Tabs.Panel>
        <Tabs.Panel value="findings">
          <Text c="dimmed" mb="xs">
            {t('found.explained')}
          </Text>
          <Card padding={0}>
            <Findings
              findings={version.findings}
              onRow={show}
              action={({ code }) =>
                code === 'SET-ASIDE' ? (
                  <Button variant="default" onClick={() => setTab('bad')}>
                    {t('found.mend')}
                  </Button>
                ) : null
              }
            />
          </Card>
        </Tabs.Panel>
        <Tabs.Panel value="bad">
          <BadRows id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsTable dataset={dataset.data} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Facts({ dataset: { edits, version, sourceName } }: { readonly dataset: DatasetSummary }) {
  const { t } = useTranslation('datasets');
  return (
    <Group gap="xs">
      <Text span c="dimmed" className="numeric">
        {t('rows.count', { count: edits.rows, shown: formatCount(edits.rows) })}
      </Text>
      <Badge color="gray">{t(`formats.${version.format}`)}</Badge>
      <Badge color="gray">{t('version', { number: version.number })}</Badge>
      {edits.pending > 0 && <Badge color="yellow">{t('pending', { count: edits.pending })}</Badge>}
      <Text span c="dimmed" size="xs" ff="monospace" title={version.contentHash}>
        {version.contentHash.slice(0, 12)}
      </Text>
      <Text span c="dimmed" size="xs">
        {sourceName}
      </Text>
    </Group>
  );
}

function Rows({ dataset, wanted }: { readonly dataset: DatasetSummary; readonly wanted: number | null }) {
  const { t } = useTranslation('datasets');
  const work = useRowsWork(dataset, wanted);
  const total = dataset.edits.rows;
  return (
    <div onKeyDown={work.onKeyDown}>
      <Group justify="space-between" mb="xs">
        <RowsToolbar dataset={dataset} selected={work.selected.size} onAdd={work.add} onDelete={work.deleteSelected} edits={work.edits} />
        <RowNumber label={t('rows.jump')} placeholder={t('rows.jump')} w={150} total={total} position={null} onMove={work.jumpTo} />
      </Group>
      {total === 0 ? (
        <Text c="dimmed">{t('rows.none')}</Text>
      ) : (
        <RowsGrid
          label={t('rows.label')}
          pageOf={(page) => pageOptions(dataset.id, page)}
          total={total}
          active={work.active}
          jump={work.jump}
          onActive={work.setActive}
          choice={{ selected: work.selected, onToggle: work.toggle, onDelete: work.deleteSelected }}
          onOpen={work.open}
        />
      )}
      <Text size="xs" c="dimmed" mt={4}>
        {t('rows.keys')}
      </Text>
    </div>
  );
}
