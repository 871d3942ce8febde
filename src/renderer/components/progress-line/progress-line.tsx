import { Button, Group, Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDuration, formatPercent } from '../../lib/format.ts';
import { useSecondsLeft } from './use-seconds-left.ts';

export interface ProgressLineProps {
  /** What is going on, as a short phrase. */
  readonly label: string;
  readonly done: number;
  /** 0 where it is not known yet. */
  readonly total: number;
  /** Where whoever does the work knows better than its rate tells; null: not yet. */
  readonly secondsLeft?: number | null;
  readonly onCancel?: (() => void) | undefined;
}

/** Long work: how far it is, how long it will take, and a way out. */
export function ProgressLine({ label, done, total, secondsLeft: known, onCancel }: ProgressLineProps) {
  const { t } = useTranslation();
  const byRate = useSecondsLeft(done, total);
  const secondsLeft = known === undefined ? byRate : known;
  const share = total > 0 ? Math.min(1, done / total) : null;
  return (
    <div>
      <Group justify="space-between" gap="sm" mb={4} wrap="nowrap">
        <Text>{label}</Text>
        <Group gap="sm" wrap="nowrap">
          <Text c="dimmed" className="numeric">
            {share === null
              ? t('working')
              : [formatPercent(share), ...(secondsLeft === null ? [] : [t('timeLeft', { time: formatDuration(secondsLeft) })])].join(' · ')}
          </Text>
          {onCancel !== undefined && (
            <Button variant="default" onClick={onCancel}>
              {t('cancel')}
            </Button>
          )}
        </Group>
      </Group>
      <Progress value={(share ?? 1) * 100} animated={share === null} aria-label={label} size="sm" />
    </div>
  );
}
