import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconCompass, IconPlayerPlay } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { isActive } from '../../../../shared/domain/run.ts';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { TOUR_STEPS } from '../tour/tour-state.ts';
import classes from './home.module.css';

const STEPS = [...TOUR_STEPS, 'compare'] as const;

/** The way in for someone who has never trained a model, and back into a tour that was left. */
export function TourCard({ run, small, onStart }: { readonly run: RunSummary | null; readonly small: boolean; readonly onStart: () => void }) {
  const { t } = useTranslation('home');
  if (small) {
    return (
      <Card component="section" aria-label={t('tourCard.title')}>
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <IconCompass size={18} aria-hidden />
            <Text>{t('tourCard.title')}</Text>
          </Group>
          <Button variant="default" onClick={onStart}>
            {run === null || !isActive(run.status) ? t('tourCard.start') : t('tourCard.goOn')}
          </Button>
        </Group>
      </Card>
    );
  }
  return (
    <Card component="section" aria-label={t('tourCard.title')} h="100%" padding="lg" className={classes['tour']}>
      <Stack gap="sm" justify="space-between" h="100%">
        <div>
          <Group gap="xs" mb={6}>
            <IconCompass size={20} aria-hidden />
            <Title order={2}>{t('tourCard.title')}</Title>
          </Group>
          <Text size="md" maw={620}>
            {t('tourCard.text')}
          </Text>
        </div>
        <ol className={classes['steps']}>
          {STEPS.map((step, index) => (
            <li key={step} className={classes['stop']}>
              <span className={classes['number']} aria-hidden>
                {index + 1}
              </span>
              {t(`tour.${step}.label`)}
            </li>
          ))}
        </ol>
        <Group gap="md">
          <Button size="sm" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={onStart}>
            {run === null ? t('tourCard.start') : t('tourCard.goOn')}
          </Button>
          {run === null ? <Text c="dimmed">{t('tourCard.facts')}</Text> : <RunStatusBadge status={run.status} />}
        </Group>
      </Stack>
    </Card>
  );
}
