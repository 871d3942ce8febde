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
              <Text>{finding.message}{finding.rows !== null && <Badge ml={8} color="gray">{t('findings.rows', { count: finding.rows.count, shown: formatCount(finding.rows.count) })}</Badge>}</Text>
              {finding.remedy !== null && <Text c="dimmed" size="xs">{finding.remedy}</Text>}
              {finding.rows !== null && finding.rows.first.length > 0 && <Rows rows={finding.rows.first} count={finding.rows.count} onRow={onRow} />}
            </div>
            {action?.(finding)}
          </li>
        );
      })}
    </ul>
  );
}

function Rows({ rows, count, onRow }: { readonly rows: readonly RowName[]; readonly count: number; readonly onRow: FindingsProps['onRow'] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <div className={classes['rows']}>
      {shown.map((row) => <RowLink key={`${row.source} ${row.position}`} row={row} onRow={onRow} />)}
      {!all && rows.length > FIRST && <UnstyledButton className={classes['row']!} onClick={() => setAll(true)}>{t('findings.more', { count: rows.length - FIRST })}</UnstyledButton>}
      {(all || rows.length <= FIRST) && count > rows.length && <Text span size="xs" c="dimmed">{t('findings.further', { count: count - rows.length, shown: formatCount(count - rows.length) })}</Text>}
    </div>
  );
}

function RowLink({ row, onRow }: { readonly row: RowName; readonly onRow: FindingsProps['onRow'] }) {
  const { t } = useTranslation();
  const name = row.source === 0 ? t('findings.rowAdded', { row: formatCount((row.position ?? 0) + 1) }) : t('findings.row', { row: formatCount(row.source) });
  if (onRow === undefined || row.position === null) return <Text span size="xs" c="dimmed" className="numeric">{name}</Text>;
  return <UnstyledButton className={classes['row']!} title={t('findings.show', { row: formatCount(row.position + 1) })} onClick={() => onRow(row)}>{name}</UnstyledButton>;
}
