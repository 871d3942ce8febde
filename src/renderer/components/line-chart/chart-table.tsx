import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { formatCount } from '../../lib/format.ts';
import classes from './line-chart.module.css';
import type { LineChartProps } from './chart-props.ts';

const ROW = 26;

/** The same values as rows, newest first. */
export function ChartTable({ label, series, xLabel, formatY, height = 220 }: LineChartProps & { readonly formatY: (value: number) => string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const x = series[0]?.x ?? [];
  const rows = useVirtualizer({ count: x.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8 });
  return (
    // Scrolled by keyboard too.
    <div ref={scroller} className={classes['table']} style={{ height }} tabIndex={0} role="table" aria-label={label} aria-rowcount={x.length + 1}>
      <div role="row" className={classes['head']}>
        <span role="columnheader">{xLabel}</span>
        {series.map((each) => (
          <span key={each.label} role="columnheader">
            {each.label}
          </span>
        ))}
      </div>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }} role="rowgroup">
        {rows.getVirtualItems().map(({ index, start }) => {
          const at = x.length - 1 - index;
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className={classes['row']}
              style={{ transform: `translateY(${start}px)`, height: ROW }}
            >
              <span role="cell">{formatCount(x[at]!)}</span>
              {series.map((each) => (
                <span key={each.label} role="cell">
                  {typeof each.y[at] === 'number' ? formatY(each.y[at]) : '–'}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
