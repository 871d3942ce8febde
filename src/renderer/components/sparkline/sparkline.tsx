import { token } from '../../theme/tokens.ts';

const [WIDTH, HEIGHT, INSET] = [96, 24, 2];

/** A curve the size of a word. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  if (values.length < 2) return <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label} />;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i: number) => INSET + (i / (values.length - 1)) * (WIDTH - 2 * INSET);
  const y = (value: number) => HEIGHT - INSET - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * INSET);
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <polyline
        points={values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
        fill="none"
        stroke={token('chart-1')}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}
