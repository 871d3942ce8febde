import type UPlot from 'uplot';
import { formatCount } from '../../lib/format.ts';
import type { PlotProps } from './chart-props.ts';
import classes from './line-chart.module.css';

const DISTANCE = 12;

/** The values at the crosshair, beside it. Screen readers have the table instead. */
export function tooltipHooks(props: () => PlotProps): { readonly init: (plot: UPlot) => void; readonly setCursor: (plot: UPlot) => void } {
  const box = document.createElement('div');
  box.className = classes['tooltip']!;
  box.setAttribute('aria-hidden', 'true');
  box.hidden = true;
  return {
    init: (plot) => void plot.over.append(box),
    setCursor(plot) {
      const { idx, left = -1 } = plot.cursor;
      box.hidden = idx === null || idx === undefined || left < 0;
      if (box.hidden) return;
      const { series, xLabel, formatY } = props();
      const at = plot.data[0][idx!]!;
      box.replaceChildren(
        line(`${xLabel} ${formatCount(at)}`),
        ...series.map(({ label, y }) => line(`${label} ${typeof y[idx!] === 'number' ? formatY(y[idx!]!) : '–'}`)),
      );
      const x = plot.valToPos(at, 'x');
      // On the side with more room.
      const right = x > plot.over.clientWidth / 2;
      box.style.left = right ? '' : `${x + DISTANCE}px`;
      box.style.right = right ? `${plot.over.clientWidth - x + DISTANCE}px` : '';
    },
  };
}

function line(text: string): HTMLElement {
  const element = document.createElement('div');
  element.textContent = text;
  return element;
}
