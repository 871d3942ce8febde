import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { InspectedRow } from '../../../../shared/domain/inspection.ts';
import { MaskBar } from '../../../components/mask-bar/mask-bar.tsx';
import { formatCount, formatPercent } from '../../../lib/format.ts';
import { countsOf, type TokenState } from '../view-model.ts';
import classes from './inspector.module.css';

const STATES: readonly TokenState[] = ['trained', 'masked', 'cut'];

/** What the colours mean, with this row's figures. */
export function Legend({ row }: { readonly row: InspectedRow }) {
  const { t } = useTranslation('inspector');
  const counts = countsOf(row);
  const all = Math.max(1, counts.trained + counts.masked + counts.cut);
  return (
    <Stack gap={6} component="section" aria-label={t('legend')}>
      <Group gap="md">
        {STATES.map((state) => (
          <Group key={state} gap={6} wrap="nowrap">
            <span className={classes['swatch']} data-state={state} aria-hidden />
            <Text size="xs" className="numeric">
              {t(`states.${state}`)} {formatCount(counts[state])}{' '}
              <Text span c="dimmed" size="xs">
                {formatPercent(counts[state] / all)}
              </Text>
            </Text>
          </Group>
        ))}
      </Group>
      <MaskBar {...counts} />
    </Stack>
  );
}
