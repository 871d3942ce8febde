import { Badge, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding, RowName } from '../../../shared/domain/finding.ts';
import { formatCount } from '../../lib/format.ts';
import classes from './findings.module.css';

export interface FindingsProps {
  readonly findings: readonly Finding[];
  /** Shows a row that is in the dataset; where it is absent, rows are only named. */
  readonly onRow?: ((row: RowName) => void) | undefined;
  /** Something to do about a finding, such as a button that mends it. */
  readonly action?: ((finding: Finding) => React.ReactNode) | undefined;
}

const ICONS = { problem: IconCircleX, warning: IconAlertTriangle, note: IconInfoCircle };
/** Rows named before "show all". */
const FIRST = 8;

/** What was found in the rows, with the rows it was found in: the same list wherever it is told. */
export function Findings({ findings, onRow, action }: FindingsProps) {
  const { t } = useTranslation();
  return (
    <ul className={classes['list']} aria-label={t('findings.label')}>
      {findings.map((finding) => {
        const Icon = ICONS[finding.level];
        return (
          <li key={`${finding.code} ${finding.message}`} className={classes['finding']} data-level={finding.level}>
            <Icon size={16} className={classes['icon']!} role="img" aria-label={t(`findings.levels.${finding.level}`)} />
            <div className={classes['body']}>
              <Text>
                {finding.message}
                {finding.rows !== null && (
                  <Badge ml={8} color="gray">
                    {t('findings.rows', { count: finding.rows.count, shown: formatCount(finding.rows.count) })}
                  </Badge>
                )}
              </Text>
              {finding.remedy !== null && (
                <Text c="dimmed" size="xs">
                  {finding.remedy}
                </Text>
              )}
              {finding.rows !== null && finding.rows.first.length > 0 && (
                <Rows rows={finding.rows.first} count={finding.rows.count} first={finding.level === 'note' ? 0 : FIRST} onRow={onRow} />
              )}
            </div>
            {action?.(finding)}
          </li>
        );
      })}
    </ul>
  );
}

/** By the numbers of the file; those of a note, which asks for nothing, only when they are asked for. */
function Rows({
  rows,
  count,
  first,
  onRow,
}: {
  readonly rows: readonly RowName[];
  readonly count: number;
  readonly first: number;
  readonly onRow: FindingsProps['onRow'];
}) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, first);
  const rest = rows.length - shown.length;
  return (
    <div className={classes['rows']}>
      {shown.length > 0 && (
        <Text span size="xs" c="dimmed">
          {t('findings.ofFile', { count: shown.length })}
        </Text>
      )}
      {shown.map((row) => (
        <RowLink key={`${row.source} ${row.position}`} row={row} onRow={onRow} />
      ))}
      {rest > 0 && (
        <UnstyledButton className={classes['row']!} onClick={() => setAll(true)}>
          {shown.length === 0 ? t('findings.showRows', { count: rest }) : t('findings.more', { count: rest })}
        </UnstyledButton>
      )}
      {rest === 0 && count > rows.length && (
        <Text span size="xs" c="dimmed">
          {t('findings.further', { count: count - rows.length, shown: formatCount(count - rows.length) })}
        </Text>
      )}
    </div>
  );
}

function RowLink({ row, onRow }: { readonly row: RowName; readonly onRow: FindingsProps['onRow'] }) {
  const { t } = useTranslation();
  const added = row.source === 0;
  const number = added ? t('findings.rowAdded', { row: formatCount((row.position ?? 0) + 1) }) : formatCount(row.source);
  if (onRow === undefined || row.position === null)
    return (
      <Text span size="xs" c="dimmed" className="numeric">
        {number}
      </Text>
    );
  // The name is said whole; "Rows of the file" stands before the numbers.
  const name = added ? number : t('findings.row', { row: formatCount(row.source) });
  return (
    <UnstyledButton
      className={classes['row']!}
      aria-label={name}
      title={t('findings.show', { row: formatCount(row.position + 1) })}
      onClick={() => onRow(row)}
    >
      {number}
    </UnstyledButton>
  );
}
