import { Anchor, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Finding, FindingFix } from '../../../../shared/domain/finding.ts';
import { formatCount } from '../../../lib/format.ts';

/** Rows named beside a finding; the rest is a number. */
const SHOWN = 8;
const COLOURS: Readonly<Record<Finding['level'], string>> = { problem: 'var(--mantine-color-error)', warning: 'var(--ts-warning)', note: 'dimmed' };

export interface FindingsListProps {
  readonly findings: readonly Finding[];
  readonly onGo: (position: number) => void;
  readonly onFix: (fix: FindingFix) => void;
}

/** What was found in the whole dataset: each with its rows, and a button where one setting mends it. */
export function FindingsList({ findings, onGo, onFix }: FindingsListProps) {
  const { t } = useTranslation('inspector');
  return (
    <Stack gap="xs" component="section" aria-label={t('findings.title')}>
      <Title order={3} size="sm">{t('findings.title')}</Title>
      {findings.length === 0 && <Text size="sm" c="dimmed">{t('findings.none')}</Text>}
      <List listStyleType="none" spacing="sm">
        {findings.map((finding) => (
          <List.Item key={`${finding.code} ${finding.message}`}>
            <Text size="sm" c={COLOURS[finding.level]}>{finding.message}</Text>
            {finding.remedy !== null && <Text size="sm">{finding.remedy}</Text>}
            <Group gap="xs" mt={2}>
              {finding.rows?.first.slice(0, SHOWN).map(({ source, position }) => (
                position === null
                  ? <Text key={source} size="sm" c="dimmed" className="numeric">{t('findings.fileRow', { source: formatCount(source) })}</Text>
                  : <Anchor key={position} component="button" type="button" size="sm" className="numeric" aria-label={t('findings.goTo', { row: formatCount(position + 1), source: formatCount(source) })} onClick={() => onGo(position)}>{formatCount(position + 1)}</Anchor>
              ))}
              {finding.rows !== null && finding.rows.count > SHOWN && <Text size="sm" c="dimmed">{t('findings.more', { more: formatCount(finding.rows.count - SHOWN) })}</Text>}
              {finding.fix && <Button size="compact-xs" variant="light" onClick={() => onFix(finding.fix!)}>{t(`findings.fix.${finding.fix.path}`, { value: finding.fix.value })}</Button>}
            </Group>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
