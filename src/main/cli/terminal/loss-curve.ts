const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * The losses as a filled curve of `height` lines, at most `width` cells wide with its axis. Columns are means of
 * neighbouring steps; the axis runs from a little below the least to the greatest of them.
 */
export function lossCurve(losses: readonly number[], width: number, height: number): readonly string[] {
  if (losses.length < 2) return [];
  const columns = means(losses, Math.max(2, width - 9));
  const [low, high] = [Math.min(...columns), Math.max(...columns)];
  const floor = low - Math.max((high - low) / (height * 8), 1e-12);
  const levels = columns.map((value) => Math.max(1, Math.round(((value - floor) / (high - floor || 1)) * height * 8)));
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    const cells = levels.map((level) => LEVELS[Math.min(8, Math.max(0, level - below))]).join('');
    const label = row === 0 ? high : row === height - 1 ? low : null;
    return `${(label === null ? '' : label.toPrecision(4)).padStart(7)} ${row === 0 || row === height - 1 ? '┤' : '│'}${cells}`;
  });
}

function means(values: readonly number[], count: number): readonly number[] {
  if (values.length <= count) return values;
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
