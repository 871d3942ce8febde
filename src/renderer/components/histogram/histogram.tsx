import { Text } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCount } from '../../lib/format.ts';
import { token } from '../../theme/tokens.ts';
import { barsOf, placeOf, ticksOf } from './bars.ts';
import classes from './histogram.module.css';

export interface HistogramProps {
  readonly label: string;
  /** One more than `counts`: bin i goes from `edges[i]` to under `edges[i + 1]`. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly xLabel: string;
  readonly marker?: { readonly x: number; readonly label: string } | undefined;
}

const [WIDTH, HEIGHT] = [600, 120];

/** Bars of equal width, one a bin, an outlier's apart; read by a screen reader as a table. */
export function Histogram({ label, edges, counts, xLabel, marker }: HistogramProps) {
  const { t } = useTranslation();
  const caption = useId();
  const most = Math.max(1, ...counts);
  const bars = barsOf(edges, counts);
  const place = marker === undefined ? null : placeOf(marker.x, bars);
  const far = bars.find(({ outlier }) => outlier);
  return (
    <figure className={classes['figure']} aria-labelledby={caption}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes['bars']} aria-hidden>
        {bars.map(({ from, to, count, x, width, outlier }) => {
          const height = count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT);
          return (
            <rect
              key={from}
              x={x * WIDTH + 1}
              width={Math.max(1, width * WIDTH - 2)}
              y={HEIGHT - height}
              height={height}
              fill={token('chart-1')}
              fillOpacity={outlier ? 0.55 : 1}
            >
              <title>{t('histogram.bin', { from: formatCount(from), to: formatCount(to), rows: formatCount(count) })}</title>
            </rect>
          );
        })}
        {place !== null && (
          <line
            x1={place * WIDTH}
            x2={place * WIDTH}
            y1={0}
            y2={HEIGHT}
            stroke={token('chart-2')}
            strokeWidth={2}
            strokeDasharray="5 4"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <div className={classes['axis']} aria-hidden>
        {ticksOf(bars).map(({ x, value }) => (
          <span
            key={value}
            className={classes['tick']}
            style={{ insetInlineStart: `${x * 100}%` }}
            data-edge={x === 0 ? 'start' : x > 0.99 ? 'end' : undefined}
          >
            {formatCount(value)}
          </span>
        ))}
        {far !== undefined && (
          <span className={classes['tick']} style={{ insetInlineStart: '100%' }} data-edge="end">
            … {formatCount(far.to - 1)}
          </span>
        )}
      </div>
      <Text size="xs" c="dimmed" aria-hidden>
        {xLabel}
        {marker === undefined ? '' : ` · ┆ ${marker.label}`}
      </Text>
      <figcaption id={caption} className="visually-hidden">
        {label}
      </figcaption>
      <table className="visually-hidden">
        <thead>
          <tr>
            <th>{xLabel}</th>
            <th>{t('histogram.count')}</th>
          </tr>
        </thead>
        <tbody>
          {counts.map((count, i) => (
            <tr key={edges[i]}>
              <td>
                {edges[i]}–{edges[i + 1]}
              </td>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
