import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconCompass, IconPlayerPlay } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import classes from './home.module.css';

/** The way in for someone who has never trained a model, and back into a tour that was left. */
export function TourCard({ run, onStart }: { readonly run: RunSummary | null; readonly onStart: () => void }) {
  const { t } = useTranslation('home');
  return (
    <Card component="section" aria-label={t('tourCard.title')} h="100%" padding="lg" className={classes['tour']}>
      <Stack gap="sm" justify="space-between" h="100%">
        <div>
          <Group gap="xs" mb={6}><IconCompass size={20} aria-hidden /><Title order={2}>{t('tourCard.title')}</Title></Group>
          <Text size="md" maw={620}>{t('tourCard.text')}</Text>
        </div>
        <Group gap="md">
          <Button size="sm" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={onStart}>{run === null ? t('tourCard.start') : t('tourCard.goOn')}</Button>
          {run === null ? <Text c="dimmed">{t('tourCard.facts')}</Text> : <RunStatusBadge status={run.status} />}
        </Group>
      </Stack>
    </Card>
  );
}
