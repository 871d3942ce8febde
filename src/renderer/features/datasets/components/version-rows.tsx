import { Button, Group, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconArrowLeft } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatasetRow, DatasetVersion } from '../../../../shared/domain/dataset-record.ts';
import { formatCount, formatDate } from '../../../lib/format.ts';
import { versionPageOptions } from '../queries.ts';
import { RowParts } from './row-parts.tsx';
import { RowsGrid } from './rows-grid.tsx';

/** The rows of one version as they were saved; nothing here can be changed. */
export function VersionRows({ version, onBack }: { readonly version: DatasetVersion; readonly onBack: () => void }) {
  const { t } = useTranslation('datasets');
  const [active, setActive] = useState(0);
  const title = t('versions.rowsOf', { number: version.number });
  const show = ({ position, row }: DatasetRow) =>
    void modals.open({ title: t('versions.rowTitle', { number: version.number, row: position + 1 }), size: 'xl', children: <RowParts row={row} /> });
  return (
    <>
      <Group mb="xs">
        <Button variant="default" leftSection={<IconArrowLeft size={14} />} onClick={onBack}>
          {t('versions.back')}
        </Button>
        <Text c="dimmed">
          {title} · {t('rows.count', { count: version.rows, shown: formatCount(version.rows) })} · {formatDate(version.createdAt)}
        </Text>
      </Group>
      <RowsGrid
        label={title}
        pageOf={(page) => versionPageOptions(version.id, page)}
        total={version.rows}
        active={active}
        jump={null}
        onActive={setActive}
        onOpen={show}
      />
      <Text size="xs" c="dimmed" mt={4}>
        {t('versions.keys')}
      </Text>
    </>
  );
}
