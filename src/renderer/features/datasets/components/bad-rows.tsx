import { Card, Skeleton, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useBadRows } from '../queries.ts';

/** What the import refused, with its place in the person's file. */
export function BadRows({ id }: { readonly id: string }) {
  const { t } = useTranslation('datasets');
  const bad = useBadRows(id);
  if (bad.error) return <ErrorNotice error={appErrorOf(bad.error)} />;
  if (!bad.data) return <Skeleton h={200} />;
  return (
    <Card padding={0}>
      <Table aria-label={t('tabs.bad', { count: bad.data.total })}>
        <Table.Thead><Table.Tr><Table.Th w={120}>{t('rows.place')}</Table.Th><Table.Th>{t('rows.reason')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>{bad.data.rows.map(({ source, reason }) => <Table.Tr key={source}><Table.Td className="numeric">{formatCount(source)}</Table.Td><Table.Td>{reason}</Table.Td></Table.Tr>)}</Table.Tbody>
      </Table>
      {bad.data.total > bad.data.rows.length && <Text c="dimmed" p="sm">{t('rows.moreBad', { shown: formatCount(bad.data.rows.length), total: formatCount(bad.data.total) })}</Text>}
    </Card>
  );
}
