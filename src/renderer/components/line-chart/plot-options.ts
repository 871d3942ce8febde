import type UPlot from 'uplot';
import { formatCount } from '../../lib/format.ts';
import { CHART_SERIES, type ColourToken } from '../../theme/tokens.ts';
import type { ChartSeries, PlotProps } from './chart-props.ts';

/** Columns for uPlot: the x values of the first series, then each series' y values. */
export function plotData(series: readonly ChartSeries[]): UPlot.AlignedData {
  return [series[0]?.x ?? [], ...series.map(({ y }) => y)] as unknown as UPlot.AlignedData;
}

/** All but the size. `props` is asked for the newest formats and markers each time the plot is drawn. */
export function plotOptions(props: () => PlotProps, element: HTMLElement): Omit<UPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(element);
  const colour = (name: ColourToken) => style.getPropertyValue(`--ts-${name}`).trim();
  const { series, xLabel, yLabel, yScale = 'linear', syncKey } = props();
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: colour('chart-axis'), font, labelFont: font, labelSize: 18, grid: { stroke: colour('chart-grid'), width: 1 }, ticks: { stroke: colour('chart-grid'), width: 1, size: 4 } };
  return {
    padding: [8, 12, 0, 0],
    cursor: {
      drag: { x: true, y: false },
      points: { size: 7 },
      focus: { prox: 24 },
      ...(syncKey === undefined ? {} : { sync: { key: syncKey, setSeries: false } }),
    },
    scales: { x: { time: false }, y: yScale === 'log' ? { distr: 3 } : {} },
    series: [
      { label: xLabel, value: (_plot, value) => (value === null ? '–' : formatCount(value)) },
      ...series.map((each, i): UPlot.Series => ({
        label: each.label,
        stroke: colour(each.color ?? CHART_SERIES[i % CHART_SERIES.length]!),
        width: each.width ?? 1.5,
        ...(each.dash === undefined ? {} : { dash: [...each.dash] }),
        points: { show: (plot) => plot.data[0].length < 40, size: 4 },
        value: (_plot, value) => (value === null || value === undefined ? '–' : props().formatY(value)),
      })),
    ],
    axes: [
      { ...axis, label: xLabel, size: 34, values: (_plot, splits) => splits.map((value) => (Number.isInteger(value) ? formatCount(value) : '')) },
      { ...axis, label: yLabel, size: 62, values: (_plot, splits) => splits.map((value) => (value === null ? '' : props().formatY(value))) },
    ],
    hooks: {
      // Away from the chart the legend tells the latest values.
      setCursor: [(plot) => plot.cursor.idx === null && tellLatest(plot)],
      draw: [(plot) => drawMarkers(plot, props().markers ?? [], colour('chart-faint'))],
    },
  };
}

/** Shows the last point in the legend. */
export function tellLatest(plot: UPlot): void {
  if (plot.data[0].length > 0) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

function drawMarkers(plot: UPlot, markers: readonly { readonly x: number }[], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([4, 4]);
  for (const { x } of markers) {
    const at = Math.round(plot.valToPos(x, 'x', true));
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
