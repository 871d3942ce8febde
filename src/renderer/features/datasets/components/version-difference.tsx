import { Badge, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ComparedRow, VersionComparison } from '../../../../shared/domain/dataset-record.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useComparison } from '../queries.ts';
import classes from './datasets.module.css';
import { RowParts } from './row-parts.tsx';

const COLOURS = { changed: 'yellow', added: 'accent', removed: 'red' } as const;
const KINDS = ['changed', 'added', 'removed'] as const;

/** What a version has that another has not, row by row. */
export function VersionDifference({ fromVersionId, toVersionId }: { readonly fromVersionId: string; readonly toVersionId: string }) {
  const { t } = useTranslation('datasets');
  const comparison = useComparison(fromVersionId, toVersionId);
  if (comparison.error) return <ErrorNotice error={appErrorOf(comparison.error)} onRetry={() => void comparison.refetch()} />;
  if (!comparison.data) return <Skeleton h={200} aria-label={t('versions.comparing')} />;
  return <Told comparison={comparison.data} />;
}

function Told({ comparison }: { readonly comparison: VersionComparison }) {
  const { t } = useTranslation('datasets');
  const differing = comparison.changed + comparison.added + comparison.removed;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text>{t('versions.same', { count: comparison.same, shown: formatCount(comparison.same) })}</Text>
        {KINDS.filter((kind) => comparison[kind] > 0).map((kind) => (
          <Badge key={kind} color={COLOURS[kind]}>
            {t(`versions.${kind}`, { count: comparison[kind] })}
          </Badge>
        ))}
      </Group>
      {differing === 0 && <Text c="dimmed">{t('versions.noDifference')}</Text>}
      {/* Rows of a comparison have no name of their own and never move. */}
      {/* oxlint-disable-next-line react/no-array-index-key */}
      {comparison.rows.map((row, i) => (
        <Difference key={i} row={row} />
      ))}
      {differing > comparison.rows.length && (
        <Text c="dimmed">{t('rows.moreBad', { shown: formatCount(comparison.rows.length), total: formatCount(differing) })}</Text>
      )}
    </Stack>
  );
}

function Difference({ row }: { readonly row: ComparedRow }) {
  const { t } = useTranslation('datasets');
  const source = row.kind === 'removed' ? row.before.source : row.after.source;
  return (
    <div className={classes['turn']}>
      <Group gap="xs" mb={6}>
        <Badge color={COLOURS[row.kind]}>{t(`versions.${row.kind}One`)}</Badge>
        {source > 0 && (
          <Text size="xs" c="dimmed">
            {t('preview.row', { row: formatCount(source) })}
          </Text>
        )}
      </Group>
      <div className={classes['sides']}>
        {row.kind !== 'added' && (
          <div>
            <Text size="xs" c="dimmed">
              {t('versions.before')}
            </Text>
            <RowParts row={row.before} />
          </div>
        )}
        {row.kind !== 'removed' && (
          <div>
            <Text size="xs" c="dimmed">
              {t('versions.after')}
            </Text>
            <RowParts row={row.after} />
          </div>
        )}
      </div>
    </div>
  );
}
