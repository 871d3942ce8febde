const FULL = '█';
const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` cells, filled to `share` (0 to 1). */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const filled = FULL.repeat(Math.floor(eighths / 8)) + PARTS[eighths % 8]!;
  return filled + '░'.repeat(Math.max(0, width - filled.length));
}
