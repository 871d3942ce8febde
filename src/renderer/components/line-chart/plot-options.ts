import type UPlot from 'uplot';
import { formatCount } from '../../lib/format.ts';
import { CHART_SERIES, type ColourToken } from '../../theme/tokens.ts';
import type { ChartSeries, PlotProps } from './chart-props.ts';
import { drawMarkers } from './plot-markers.ts';
import { tooltipHooks } from './plot-tooltip.ts';
import { DRAG_DISTANCE, type PlotZoom } from './plot-zoom.ts';

/** Columns for uPlot: the x values of the first series, then each series' y values. */
export function plotData(series: readonly ChartSeries[]): UPlot.AlignedData {
  // The columns grow in place: of their length now, or a redrawing would show points that nobody was told of.
  return [series[0]?.x.slice() ?? [], ...series.map(({ y }) => y)] as unknown as UPlot.AlignedData;
}

/** The same for the life of a plot; `props` is asked for what changes each time it is drawn. */
export interface PlotFrame {
  readonly props: () => PlotProps;
  readonly zoom: PlotZoom;
  /** The plot's place, which also tells what is drawn. */
  readonly element: HTMLElement;
  /** Where the legend stands. */
  readonly legend: HTMLElement;
}

/** All but the size. */
export function plotOptions({ props, zoom, element, legend }: PlotFrame): Omit<UPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(element);
  const colour = (name: ColourToken) => style.getPropertyValue(`--ts-${name}`).trim();
  const { series, xLabel, yLabel, yScale = 'linear' } = props();
  const font = `11px ${style.fontFamily}`;
  const axis = {
    stroke: colour('chart-axis'),
    font,
    labelFont: font,
    labelSize: 18,
    grid: { stroke: colour('chart-grid'), width: 1 },
    ticks: { stroke: colour('chart-grid'), width: 1, size: 4 },
  };
  const tooltip = tooltipHooks(props);
  return {
    // Above the curves there is room for the markers' labels.
    padding: [16, 12, 0, 0],
    legend: { mount: (_plot, table) => legend.append(table) },
    cursor: cursorOptions(props().syncKey, zoom),
    scales: {
      x: { time: false, range: (plot) => zoom.window(plot.data[0] as readonly number[], props().xEnd ?? null) },
      y: yScale === 'log' ? { distr: 3 } : {},
    },
    series: [
      { label: xLabel, value: (_plot, value) => (value === null ? '–' : formatCount(value)) },
      ...series.map((each, i): UPlot.Series => ({
        label: each.label,
        stroke: colour(each.color ?? CHART_SERIES[i % CHART_SERIES.length]!),
        width: each.width ?? 1.5,
        ...(each.dash === undefined ? {} : { dash: [...each.dash] }),
        spanGaps: each.sparse === true,
        points: { show: (plot, at) => hasFewer(plot.data[at]!, 40), size: 4 },
        value: (plot, value, at, index) => {
          const shown: number | null | undefined = value ?? (each.sparse === true && index !== null ? lastBefore(plot.data[at]!, index) : null);
          return shown === null || shown === undefined ? '–' : props().formatY(shown);
        },
      })),
    ],
    axes: [
      {
        ...axis,
        label: xLabel,
        size: 34,
        values: (plot, splits) => splits.map((value) => (plot.data[0].length > 0 && Number.isInteger(value) ? formatCount(value) : '')),
      },
      { ...axis, label: yLabel, size: 62, values: (_plot, splits) => splits.map((value) => (value === null ? '' : props().formatY(value))) },
    ],
    hooks: {
      init: [tooltip.init],
      // Away from the chart the legend tells the latest values.
      setCursor: [(plot) => plot.cursor.idx === null && tellLatest(plot), tooltip.setCursor],
      setSelect: [(plot) => zoom.selected(plot)],
      draw: [
        (plot) => drawMarkers(plot, props().markers ?? [], { line: colour('chart-faint'), ink: colour('chart-axis'), font }),
        (plot) => tellDrawn(plot, element),
      ],
    },
  };
}

function cursorOptions(syncKey: string | undefined, zoom: PlotZoom): UPlot.Cursor {
  return {
    drag: { x: true, y: false, dist: DRAG_DISTANCE },
    points: { size: 7 },
    focus: { prox: 24 },
    bind: {
      dblclick: (_plot, _target, handler) => (event) => {
        zoom.cleared();
        return handler(event);
      },
    },
    ...(syncKey === undefined
      ? {}
      : {
          sync: {
            key: syncKey,
            setSeries: false,
            filters: {
              pub: () => true,
              sub: (type) => {
                if (type === 'dblclick') zoom.cleared();
                return true;
              },
            },
          },
        }),
  };
}

/** Shows the last point in the legend. */
export function tellLatest(plot: UPlot): void {
  if (plot.data[0].length > 0) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

/** What stands on the canvas, for whoever cannot read pixels: the axis, and the last x that has been drawn within it. */
function tellDrawn(plot: UPlot, element: HTMLElement): void {
  const { min, max } = plot.scales['x']!;
  const last = plot.data[0][plot.series[0]!.idxs?.[1] ?? -1];
  element.dataset['drawnFrom'] = String(min ?? '');
  element.dataset['drawnTo'] = String(max ?? '');
  element.dataset['drawnLast'] = String(last ?? '');
}

type Column = ArrayLike<number | null | undefined>;

function hasFewer(column: Column, count: number): boolean {
  let found = 0;
  for (let i = 0; i < column.length && found < count; i++) if (typeof column[i] === 'number') found++;
  return found < count;
}

/** The last value that was told, as of this point. */
function lastBefore(column: Column, index: number): number | null {
  for (let i = index; i >= 0; i--) if (typeof column[i] === 'number') return column[i]!;
  return null;
}
