/**
 * @file uPlot in React. The plot is made once for a set of series and takes new data as it comes: making it anew for each
 * point would cost a frame. It knows nothing of where data comes from.
 */
import { Text } from '@mantine/core';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import UPlot from 'uplot';
import classes from './line-chart.module.css';
import type { PlotProps } from './chart-props.ts';
import { plotData, plotOptions, tellLatest } from './plot-options.ts';

const HEIGHT = 220;

export function Plot(props: PlotProps) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { series, height = HEIGHT, yScale = 'linear', xLabel, yLabel, syncKey } = props;
  const shape = JSON.stringify([series.map(({ label, color, width, dash }) => [label, color, width, dash]), xLabel, yLabel, yScale, syncKey]);

  useEffect(() => {
    const element = place.current!;
    const made = new UPlot({ ...plotOptions(() => latest.current, element), width: element.clientWidth, height: height }, plotData(latest.current.series), element);
    plot.current = made;
    tellLatest(made);
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, height]);

  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    const zoomed = isZoomed(made);
    // A person who has zoomed in keeps what they look at.
    made.setData(plotData(series), !zoomed);
    if (zoomed) made.redraw();
    if (made.cursor.idx === null || made.cursor.idx === undefined) tellLatest(made);
  }, [series, props.markers]);

  const isEmpty = (series[0]?.x.length ?? 0) === 0;
  return (
    <div className={classes['frame']} style={{ minHeight: height }}>
      <div ref={place} role="img" aria-label={props.summary} className={classes['plot']} />
      {isEmpty && <Text c="dimmed" className={classes['nothing']}>{t('chart.nothing')}</Text>}
    </div>
  );
}

function isZoomed(plot: UPlot): boolean {
  const [x] = plot.data;
  const { min, max } = plot.scales['x']!;
  if (x.length < 2 || min === undefined || max === undefined || min === null || max === null) return false;
  return min > x[0]! || max < x.at(-1)!;
}
