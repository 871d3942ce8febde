/** @file How deep JSON is nested, told before it is parsed: V8 reads any depth at some sixty times its bytes, and what walks the value afterwards overflows its stack. */

/** Deeper than any tool schema or conversation; Python's own reader stops at about twice that. */
export const MOST_DEPTH = 500;

const quote = 0x22;
const backslash = 0x5c;

/** Whether brackets stand within more than `most` others; strings are skipped, and reading ends at the first place that says so. */
export function isNestedDeeper(text: string, most: number = MOST_DEPTH): boolean {
  // Nearly every text has too few brackets altogether, which is found at the speed of memory.
  if (!hasMore(text, most)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = afterString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > most) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
}

function hasMore(text: string, most: number): boolean {
  let count = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      count += 1;
      if (count > most) return true;
    }
  }
  return false;
}

/** Offset of the quote that ends the string opened at `open`, or the end of the text. */
function afterString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) return at;
  }
  return text.length;
}

/** Whether there are more commas and brackets than `most`, in strings or not: a bound on the values that parsing would make. */
export function hasMoreValues(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let count = 0;
  for (const mark of [',', '[', '{']) {
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
      count += 1;
      if (count > most) return true;
    }
  }
  return false;
}
