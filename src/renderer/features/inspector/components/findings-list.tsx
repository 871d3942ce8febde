import { Button, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Finding, FindingFix } from '../../../../shared/domain/finding.ts';
import { Findings } from '../../../components/findings/findings.tsx';

export interface FindingsListProps {
  readonly findings: readonly Finding[];
  readonly onGo: (position: number) => void;
  readonly onFix: (fix: FindingFix) => void;
}

/** What was found in the whole dataset: each with its rows, and a button where one setting mends it. */
export function FindingsList({ findings, onGo, onFix }: FindingsListProps) {
  const { t } = useTranslation('inspector');
  const fixOf = ({ fix }: Finding) =>
    fix && (
      <Button size="compact-xs" variant="light" onClick={() => onFix(fix)}>
        {t(`findings.fix.${fix.path}`, { value: fix.value })}
      </Button>
    );
  return (
    <Stack gap="xs" component="section" aria-label={t('findings.title')}>
      <Title order={3} size="sm">
        {t('findings.title')}
      </Title>
      {findings.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('findings.none')}
        </Text>
      ) : (
        <Findings findings={findings} onRow={({ position }) => position !== null && onGo(position)} action={fixOf} />
      )}
    </Stack>
  );
}
