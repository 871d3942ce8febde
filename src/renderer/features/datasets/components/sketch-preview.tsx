import { Group, ScrollArea, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FileSketch } from '../../../../shared/domain/dataset-record.ts';
import classes from './datasets.module.css';
import { RowParts } from './row-parts.tsx';

/** The first rows as they would be kept, and those that would be refused. */
export function SketchPreview({ outcome }: { readonly outcome: Extract<FileSketch['outcome'], { kind: 'readable' }> }) {
  const { t } = useTranslation('datasets');
  return (
    <Stack gap="xs">
      <Title order={3}>{t('preview.title')}</Title>
      {outcome.findings.filter(({ code }) => code !== 'SET-ASIDE').map(({ code, message, rows }) => <Text key={`${code} ${message}`} c="dimmed">{rows === null ? message : t('preview.found', { message, count: rows.count })}</Text>)}
      <ScrollArea.Autosize mah={280} type="auto" className={classes['preview']!} viewportProps={{ tabIndex: 0, 'aria-label': t('preview.title') }}>
        {outcome.rows.slice(0, 10).map((row) => (
          <div key={row.source} className={classes['previewRow']}>
            <Text size="xs" c="dimmed" className="numeric">{t('preview.row', { row: row.source })}</Text>
            <RowParts row={row} />
          </div>
        ))}
      </ScrollArea.Autosize>
      {outcome.badRows.map(({ source, reason }) => (
        <Group key={source} gap="xs" wrap="nowrap" align="flex-start"><Text className="numeric" c="dimmed">{t('preview.row', { row: source })}</Text><Text className={classes['sample']!}>{reason}</Text></Group>
      ))}
    </Stack>
  );
}
