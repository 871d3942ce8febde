import type UPlot from 'uplot';

export interface MarkerStyle {
  readonly line: string;
  readonly ink: string;
  readonly font: string;
}

/** CSS pixels between two labels. */
const GAP = 8;

/** Dashed lines across the plot. A label that would run into the one before it is left out: the line stays. */
export function drawMarkers(plot: UPlot, markers: readonly { readonly x: number; readonly label: string }[], { line, ink, font }: MarkerStyle): void {
  const { ctx, bbox } = plot;
  const ratio = bbox.width / plot.over.clientWidth || 1;
  ctx.save();
  ctx.strokeStyle = line;
  ctx.fillStyle = ink;
  ctx.lineWidth = ratio;
  ctx.font = font.replace(/^[\d.]+/, (size) => String(Number(size) * ratio));
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  ctx.setLineDash([4 * ratio, 4 * ratio]);
  let free = -Infinity;
  for (const { x, label } of markers) {
    const at = Math.round(plot.valToPos(x, 'x', true));
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    const half = ctx.measureText(label).width / 2;
    // The last one stands at the edge.
    const middle = Math.min(Math.max(at, bbox.left + half), bbox.left + bbox.width - half);
    if (middle - half < free) continue;
    ctx.fillText(label, middle, bbox.top - 2 * ratio);
    free = middle + half + GAP * ratio;
  }
  ctx.restore();
}
