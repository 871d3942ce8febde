import { Text } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCount } from '../../lib/format.ts';
import { token } from '../../theme/tokens.ts';
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

/** Bars of equal width, one a bin; read by a screen reader as a table. */
export function Histogram({ label, edges, counts, xLabel, marker }: HistogramProps) {
  const { t } = useTranslation();
  const caption = useId();
  const most = Math.max(1, ...counts);
  const width = WIDTH / Math.max(1, counts.length);
  const place = marker === undefined ? null : positionOf(marker.x, edges);
  return (
    <figure className={classes['figure']} aria-labelledby={caption}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes['bars']} aria-hidden>
        {counts.map((count, i) => {
          const height = count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT);
          return (
            <rect key={edges[i]} x={i * width + 1} width={Math.max(1, width - 2)} y={HEIGHT - height} height={height} fill={token('chart-1')}>
              <title>{t('histogram.bin', { from: formatCount(edges[i]!), to: formatCount(edges[i + 1]!), rows: formatCount(count) })}</title>
            </rect>
          );
        })}
        {place !== null && <line x1={place * WIDTH} x2={place * WIDTH} y1={0} y2={HEIGHT} stroke={token('chart-2')} strokeWidth={2} strokeDasharray="5 4" vectorEffect="non-scaling-stroke" />}
      </svg>
      <div className={classes['axis']} aria-hidden>
        <Text size="xs" c="dimmed" span>{formatCount(edges[0] ?? 0)}</Text>
        <Text size="xs" c="dimmed" span>{xLabel}{marker === undefined ? '' : ` · ┆ ${marker.label}`}</Text>
        <Text size="xs" c="dimmed" span>{formatCount(edges.at(-1) ?? 0)}</Text>
      </div>
      <figcaption id={caption} className="visually-hidden">{label}</figcaption>
      <table className="visually-hidden">
        <thead><tr><th>{xLabel}</th><th>{t('histogram.count')}</th></tr></thead>
        <tbody>{counts.map((count, i) => <tr key={edges[i]}><td>{edges[i]}–{edges[i + 1]}</td><td>{count}</td></tr>)}</tbody>
      </table>
    </figure>
  );
}

/** Share of the width at which a value stands; bins may be of unequal size but are drawn equally wide. */
export function positionOf(x: number, edges: readonly number[]): number | null {
  const bins = edges.length - 1;
  if (bins < 1 || x < edges[0]! || x > edges[bins]!) return null;
  const bin = Math.min(bins - 1, Math.max(0, edges.findIndex((edge) => edge > x) - 1));
  if (x >= edges[bins]!) return 1;
  return (bin + (x - edges[bin]!) / (edges[bin + 1]! - edges[bin]!)) / bins;
}
