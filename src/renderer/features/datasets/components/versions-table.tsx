import { Card, Skeleton, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatCount, formatDate } from '../../../lib/format.ts';
import { useVersions } from '../queries.ts';

/** Every state that was imported or saved, newest first. */
export function VersionsTable({ id }: { readonly id: string }) {
  const { t } = useTranslation('datasets');
  const versions = useVersions(id);
  if (!versions.data) return <Skeleton h={120} />;
  return (
    <Card padding={0}>
      <Table aria-label={t('tabs.versions')}>
        <Table.Thead><Table.Tr><Table.Th>{t('columns.version')}</Table.Th><Table.Th>{t('columns.rows')}</Table.Th><Table.Th>{t('columns.hash')}</Table.Th><Table.Th>{t('columns.saved')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {versions.data.map((version) => (
            <Table.Tr key={version.id}><Table.Td>{t('version', { number: version.number })}</Table.Td><Table.Td className="numeric">{formatCount(version.rows)}</Table.Td><Table.Td ff="monospace">{version.contentHash.slice(0, 16)}</Table.Td><Table.Td>{formatDate(version.createdAt)}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
