import { Group, Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../../lib/format.ts';
import { changeOf } from '../view-model.ts';
import classes from './run-page.module.css';

/** The figure that a run is watched for, and what has become of it since the first step. */
export function RunLoss({ first, last }: { readonly first: number | null; readonly last: number | null }) {
  const { t } = useTranslation('runs');
  const change = changeOf(first, last);
  return (
    <div className={classes['loss']}>
      <Tooltip label={t('facts.lossHint')} events={{ hover: true, focus: true, touch: true }}>
        <Text size="xs" c="dimmed" component="span" tabIndex={0} td="underline dotted">
          {t('facts.loss')}
        </Text>
      </Tooltip>
      <Group gap="xs" align="baseline" wrap="nowrap">
        <Text className={`numeric ${classes['big']}`} component="span">
          {last === null ? '–' : formatNumber(last)}
        </Text>
        {change !== null && (
          <Text className="numeric" component="span" c={change.kind === 'worse' ? 'var(--ts-warning)' : 'var(--ts-good)'} fw={600}>
            {t(`change.${change.kind}`, { by: formatNumber(change.by) })}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" className="numeric">
        {first === null ? t('change.none') : t('change.from', { first: formatNumber(first) })}
      </Text>
    </div>
  );
}
