import { Button, Card, Group, Skeleton, Table, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconArrowBackUp, IconArrowsDiff, IconDownload, IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatasetSummary, DatasetVersion } from '../../../../shared/domain/dataset-record.ts';
import { datasetDownloadPath } from '../../../../shared/domain/upload.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { startDownload } from '../../../api/download.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { notifyDone, notifyError } from '../../../components/notify/notify.ts';
import { formatCount, formatDate } from '../../../lib/format.ts';
import { useDatasetActions, useVersions } from '../queries.ts';
import { VersionDifference } from './version-difference.tsx';
import { VersionRows } from './version-rows.tsx';

/** Every state that was imported or saved, newest first: to be read, compared, taken elsewhere, or brought back. */
export function VersionsTable({ dataset }: { readonly dataset: DatasetSummary }) {
  const { t } = useTranslation('datasets');
  const versions = useVersions(dataset.id);
  const [opened, setOpened] = useState<DatasetVersion | null>(null);
  if (versions.error) return <ErrorNotice error={appErrorOf(versions.error)} />;
  if (!versions.data) return <Skeleton h={120} />;
  if (opened !== null) return <VersionRows version={opened} onBack={() => setOpened(null)} />;
  const newest = versions.data[0]!;
  return (
    <Card padding={0}>
      <Table aria-label={t('tabs.versions')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('columns.version')}</Table.Th>
            <Table.Th>{t('columns.rows')}</Table.Th>
            <Table.Th>{t('columns.saved')}</Table.Th>
            <Table.Th>{t('columns.hash')}</Table.Th>
            <Table.Th aria-label={t('columns.actions')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.data.map((version) => (
            <Table.Tr key={version.id}>
              <Table.Td>
                {t('version', { number: version.number })}
                {version.id === newest.id && (
                  <Text span c="dimmed">
                    {' '}
                    · {t('versions.newest')}
                  </Text>
                )}
              </Table.Td>
              <Table.Td className="numeric">{formatCount(version.rows)}</Table.Td>
              <Table.Td>{formatDate(version.createdAt)}</Table.Td>
              <Table.Td ff="monospace">{version.contentHash.slice(0, 12)}</Table.Td>
              <Table.Td>
                <VersionActions version={version} newest={newest} pending={dataset.edits.pending} onOpen={() => setOpened(version)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

interface VersionActionsProps {
  readonly version: DatasetVersion;
  readonly newest: DatasetVersion;
  readonly pending: number;
  readonly onOpen: () => void;
}

function VersionActions({ version, newest, pending, onOpen }: VersionActionsProps) {
  const { t } = useTranslation('datasets');
  const { restore } = useDatasetActions();
  const { number } = version;
  const compare = () =>
    void modals.open({
      title: t('versions.compareTitle', { from: number, to: newest.number }),
      size: 'xl',
      children: <VersionDifference fromVersionId={version.id} toVersionId={newest.id} />,
    });
  const bringBack = () =>
    restore.mutate(version.id, {
      onSuccess: (made) =>
        notifyDone(t(pending > 0 ? 'versions.restoredAndKept' : 'versions.restored', { number, made: made.number, kept: made.number - 1 })),
    });
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Button variant="default" leftSection={<IconTable size={14} />} aria-label={t('versions.openLabel', { number })} onClick={onOpen}>
        {t('versions.open')}
      </Button>
      {version.id !== newest.id && (
        <Button variant="default" leftSection={<IconArrowsDiff size={14} />} aria-label={t('versions.compareLabel', { number })} onClick={compare}>
          {t('versions.compare')}
        </Button>
      )}
      {(version.id !== newest.id || pending > 0) && (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={14} />}
          aria-label={t('versions.restoreLabel', { number })}
          loading={restore.isPending}
          onClick={bringBack}
        >
          {t('versions.restore')}
        </Button>
      )}
      <Button
        onClick={() => void startDownload(datasetDownloadPath(version.id), notifyError)}
        variant="default"
        leftSection={<IconDownload size={14} />}
        aria-label={t('versions.exportLabel', { number })}
      >
        {t('versions.export')}
      </Button>
    </Group>
  );
}
