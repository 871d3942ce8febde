import type { ChartColor } from '../../theme/tokens.ts';

export interface ChartSeries {
  readonly label: string;
  readonly color?: ChartColor;
  readonly x: readonly number[];
  /** As long as `x`; null leaves a gap, unless the curve is sparse. */
  readonly y: readonly (number | null)[];
  /** Of a few of the x values: the line goes from one value to the next. */
  readonly sparse?: boolean;
  /** Pixels. */
  readonly width?: number;
  readonly dash?: readonly number[];
}

export interface LineChartProps {
  /** What the chart shows, for its heading and for screen readers. */
  readonly label: string;
  /** All series share the x values of the first. */
  readonly series: readonly ChartSeries[];
  readonly xLabel: string;
  /** Where the x axis will end; it reaches further when values do. */
  readonly xEnd?: number | null;
  /** With the unit. */
  readonly yLabel: string;
  readonly formatY?: (value: number) => string;
  readonly yScale?: 'linear' | 'log';
  readonly height?: number;
  /** Charts with the same key share their crosshair and their zoom. */
  readonly syncKey?: string;
  /** Dashed lines; the label stands at the top of each where there is room. */
  readonly markers?: readonly { readonly x: number; readonly label: string }[];
}

export interface PlotProps extends LineChartProps {
  readonly formatY: (value: number) => string;
  /** For screen readers. */
  readonly summary: string;
}
