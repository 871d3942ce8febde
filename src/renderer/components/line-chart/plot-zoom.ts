/**
 * @file What a person has zoomed to. It is set where uPlot tells of a finished drag and taken back where it tells of a double-click,
 * here or in a chart that shares the zoom, and nowhere else: uPlot's scales follow the data a task late, so they cannot tell a
 * zoom from data that has just come.
 */
import UPlot from 'uplot';
import { wholeAxis, zoomTo, type Zoom } from './x-window.ts';

/** Pixels that a drag must have, so that a click with an unsteady hand is none. */
export const DRAG_DISTANCE = 6;

export class PlotZoom {
  readonly #onChange: (zoomed: boolean) => void;
  #zoom: Zoom = null;

  constructor(onChange: (zoomed: boolean) => void) {
    this.#onChange = onChange;
  }

  /** For uPlot's `range` of x. */
  window(x: readonly number[], end: number | null): [number, number] {
    const [min, max] = this.#zoom === null ? wholeAxis(x, end) : [this.#zoom.min, this.#zoom.max];
    return [min, max];
  }

  /** For the hook `setSelect`: uPlot calls it when a drag has ended, before it sets the scale. */
  selected(plot: UPlot): void {
    const { left, width } = plot.select;
    if (width > 0) this.#set(zoomTo(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')));
  }

  /** For double-clicks, own and shared; uPlot then asks `window` by itself. */
  cleared(): void {
    this.#set(null);
  }

  /** Shows all again, in every chart that shares the zoom. */
  reset(plot: UPlot, syncKey: string | undefined): void {
    this.cleared();
    plot.setData(plot.data, true);
    if (syncKey !== undefined) UPlot.sync(syncKey).pub('dblclick', plot, 0, 0, 1, 1, -1);
  }

  #set(zoom: Zoom): void {
    this.#zoom = zoom;
    this.#onChange(zoom !== null);
  }
}
