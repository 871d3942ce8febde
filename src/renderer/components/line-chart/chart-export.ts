/** @file A chart as a file of the person's: the page makes it itself, nothing is asked of the host. */
import type { LineChartProps } from './chart-props.ts';

/** The picture has the card's ground, so that it can be read wherever it is put. */
export function savePicture(drawn: HTMLCanvasElement | null, label: string): void {
  if (drawn === null) return;
  const picture = document.createElement('canvas');
  [picture.width, picture.height] = [drawn.width, drawn.height];
  const context = picture.getContext('2d')!;
  context.fillStyle = getComputedStyle(drawn).getPropertyValue('--ts-raised').trim();
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(drawn, 0, 0);
  picture.toBlob((blob) => blob !== null && save(blob, `${fileName(label)}.png`), 'image/png');
}

export function saveCsv({ label, xLabel, series }: LineChartProps): void {
  save(new Blob([chartCsv({ xLabel, series })], { type: 'text/csv' }), `${fileName(label)}.csv`);
}

/** Full precision, a line a point; gaps are empty. */
export function chartCsv({ xLabel, series }: Pick<LineChartProps, 'xLabel' | 'series'>): string {
  const x = series[0]?.x ?? [];
  const cell = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = [xLabel, ...series.map(({ label }) => label)].map(cell).join(',');
  return `${[head, ...x.map((at, i) => [at, ...series.map(({ y }) => y[i] ?? '')].join(','))].join('\n')}\n`;
}

function fileName(label: string): string {
  return (
    label
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'chart'
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken it over by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
