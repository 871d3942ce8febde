/**
 * @file uPlot in React. The plot is made once for a set of series and takes new data as it comes: making it anew for each
 * point would cost a frame. It knows nothing of where data comes from.
 */
import { Text } from '@mantine/core';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import UPlot from 'uplot';
import classes from './line-chart.module.css';
import type { PlotProps } from './chart-props.ts';
import { plotData, plotOptions, tellLatest } from './plot-options.ts';
import type { PlotZoom } from './plot-zoom.ts';

const HEIGHT = 220;

export interface PlotHandle {
  /** Shows the whole axis, here and where the zoom is shared. */
  showAll(): void;
  /** What is seen, as a picture. */
  canvas(): HTMLCanvasElement | null;
}

export function Plot(props: PlotProps & { readonly zoom: PlotZoom; readonly ref?: Ref<PlotHandle> }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { series, height = HEIGHT, yScale = 'linear', xLabel, xEnd = null, yLabel, syncKey, zoom } = props;
  const shape = JSON.stringify([series.map(({ label, color, width, dash }) => [label, color, width, dash]), xLabel, yLabel, yScale, syncKey]);

  useImperativeHandle(
    props.ref,
    () => ({
      showAll: () => void (plot.current !== null && zoom.reset(plot.current, syncKey)),
      canvas: () => plot.current?.ctx.canvas ?? null,
    }),
    [zoom, syncKey],
  );

  useEffect(() => {
    const element = place.current!;
    const options = plotOptions({ props: () => latest.current, zoom, element, legend: legend.current! });
    const made = new UPlot({ ...options, width: element.clientWidth, height: height }, plotData(latest.current.series), element);
    plot.current = made;
    tellLatest(made);
    // A chart that is out of sight has no width; it keeps the one it had.
    const observer = new ResizeObserver(() => element.clientWidth > 0 && made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, height, zoom]);

  // In the task of the render itself: what stands beside the chart never tells of a later step than is drawn.
  useLayoutEffect(() => {
    const made = plot.current;
    if (made === null) return;
    // The scales are asked for anew: `zoom` knows whether a person has chosen what is seen.
    made.batch(() => made.setData(plotData(series), true));
    if (made.cursor.idx === null || made.cursor.idx === undefined) tellLatest(made);
  }, [series, props.markers, xEnd]);

  const isEmpty = (series[0]?.x.length ?? 0) === 0;
  return (
    <div className={classes['frame']}>
      <div ref={legend} className={classes['legend']} aria-hidden />
      <div ref={place} role="img" aria-label={props.summary} className={classes['plot']} style={{ minHeight: height }} />
      {isEmpty && (
        <Text c="dimmed" className={classes['nothing']}>
          {t('chart.nothing')}
        </Text>
      )}
    </div>
  );
}
