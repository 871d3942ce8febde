import { Group, ScrollArea, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FileSketch } from '../../../../shared/domain/dataset-record.ts';
import { Findings } from '../../../components/findings/findings.tsx';
import { formatCount } from '../../../lib/format.ts';
import classes from './datasets.module.css';
import { RowParts } from './row-parts.tsx';

/** The first rows as they would be kept, what was found in them, and those that would be set aside. */
export function SketchPreview({ outcome }: { readonly outcome: Extract<FileSketch['outcome'], { kind: 'readable' }> }) {
  const { t } = useTranslation('datasets');
  // Rows that are set aside stand below, each with its reason.
  const findings = outcome.findings.filter(({ code }) => code !== 'SET-ASIDE');
  return (
    <Stack gap="xs">
      <Title order={3}>{t('preview.title')}</Title>
      <ScrollArea.Autosize mah={280} type="auto" className={classes['preview']!} viewportProps={{ tabIndex: 0, 'aria-label': t('preview.title') }}>
        {outcome.rows.slice(0, 10).map((row) => (
          <div key={row.source} className={classes['previewRow']}>
            <Text size="xs" c="dimmed" className="numeric">
              {t('preview.row', { row: row.source })}
            </Text>
            <RowParts row={row} />
          </div>
        ))}
      </ScrollArea.Autosize>
      {findings.length > 0 && (
        <>
          <Title order={3}>{t('preview.found')}</Title>
          <div className={classes['preview']}>
            <Findings findings={findings} />
          </div>
        </>
      )}
      {outcome.badRows.length > 0 && <Title order={3}>{t('import.someRefused', { count: outcome.badRows.length })}</Title>}
      {outcome.badRows.map(({ source, reason }) => (
        <Group key={source} gap="xs" wrap="nowrap" align="flex-start">
          <Text className="numeric" c="dimmed">
            {t('preview.row', { row: formatCount(source) })}
          </Text>
          <Text className={classes['sample']!}>{reason}</Text>
        </Group>
      ))}
    </Stack>
  );
}
