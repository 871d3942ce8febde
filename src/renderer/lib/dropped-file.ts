/** @file A file that was dropped on a screen that does not import: it waits here for the one that does. */
let dropped: File | null = null;

export function leaveDropped(file: File): void {
  dropped = file;
}

/** The file, once. */
export function takeDropped(): File | null {
  const file = dropped;
  dropped = null;
  return file;
}
