import { Progress, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { isActive } from '../../shared/domain/run.ts';
import { useRuns } from '../api/use-runs.ts';
import { formatDuration, formatPercent } from '../lib/format.ts';
import { routes } from '../lib/routes.ts';
import classes from './shell.module.css';

/** What is training now, on every screen; nothing while nothing is. */
export function ActiveRun() {
  const { t } = useTranslation();
  const { runs } = useRuns();
  const run = runs?.find(({ status }) => isActive(status));
  if (run === undefined) return null;
  const share = run.totalSteps === 0 ? 0 : run.step / run.totalSteps;
  const words = t('activeRun', { name: run.name, percent: formatPercent(share) });
  return (
    <UnstyledButton component={Link} href={routes.run(run.id)} className={classes['active']!} aria-label={words}>
      <div className={classes['activeWords']}>
        <Text size="xs" truncate className={classes['word']} title={run.name}>
          {run.name}
        </Text>
        <Text size="xs" className="numeric" fw={600}>
          {formatPercent(share)}
        </Text>
      </div>
      {run.secondsLeft !== null && (
        <Text size="xs" c="dimmed" className={`numeric ${classes['word']}`}>
          {t('timeLeft', { time: formatDuration(run.secondsLeft) })}
        </Text>
      )}
      <Progress value={share * 100} size="xs" mt={4} aria-label={words} />
    </UnstyledButton>
  );
}
