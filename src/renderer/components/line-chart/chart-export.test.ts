import { expect, it } from 'vitest';
import { chartCsv } from './chart-export.ts';

it('writes full precision, a gap as nothing, and quotes what a comma would split', () => {
  const x = [1, 2];
  expect(
    chartCsv({
      xLabel: 'Step',
      series: [
        { label: 'Loss, smoothed', x, y: [0.1 + 0.2, null] },
        { label: 'a "b"', x, y: [1e-7, 2] },
      ],
    }),
  ).toBe('Step,"Loss, smoothed","a ""b"""\n1,0.30000000000000004,1e-7\n2,,2\n');
});
