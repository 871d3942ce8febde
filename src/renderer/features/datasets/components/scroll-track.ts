/** Longest element that browsers lay out truly, with room to spare. */
const MOST = 8_000_000;

/** Height of the track that stands for `total` rows. Pixels. */
export function trackHeight(total: number, row: number): number {
  return Math.min(MOST, total * row);
}

/** How far the whole table would be scrolled, were the track as long as it. Pixels. */
export function virtualTopOf(top: number, view: number, total: number, row: number): number {
  const [track, whole] = [trackHeight(total, row), total * row];
  if (track >= whole || track <= view) return top;
  return (Math.min(top, track - view) / (track - view)) * (whole - view);
}

/** Where to scroll the track so that a row stands at the top. */
export function scrollTopFor(position: number, view: number, total: number, row: number): number {
  const track = trackHeight(total, row);
  if (track >= total * row) return position * row;
  return (position * row * (track - view)) / Math.max(1, total * row - view);
}
