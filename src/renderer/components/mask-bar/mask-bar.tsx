import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatCount, formatPercent } from '../../lib/format.ts';
import classes from './mask-bar.module.css';

export interface MaskBarProps {
  /** Tokens that are learned, only read, and cut off by the longest example. */
  readonly trained: number;
  readonly masked: number;
  readonly cut: number;
  readonly size?: 'xs' | 'sm';
}

const STATES = ['trained', 'masked', 'cut'] as const;

/** The token strip in small: how much of a row, a dataset or a run is learned. */
export function MaskBar({ trained, masked, cut, size = 'sm' }: MaskBarProps) {
  const { t } = useTranslation();
  const counts = { trained, masked, cut };
  const all = trained + masked + cut;
  const words = STATES.filter((state) => counts[state] > 0 || state === 'trained').map((state) =>
    t(`maskBar.${state}`, { count: counts[state], tokens: formatCount(counts[state]), share: formatPercent(all === 0 ? 0 : counts[state] / all) }),
  );
  const label = words.join(', ');
  return (
    <Tooltip label={label}>
      <div role="img" aria-label={label} className={classes['bar']} data-size={size}>
        {STATES.filter((state) => counts[state] > 0).map((state) => (
          <span key={state} className={classes['part']} data-state={state} style={{ flexGrow: counts[state] }} />
        ))}
      </div>
    </Tooltip>
  );
}
