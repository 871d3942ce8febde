/**
 * The first key that appears twice in one object of a JSON text, or null. `JSON.parse` keeps the last of two silently,
 * which lets a hostile file show different contents to different readers. `text` must already have been parsed.
 */
export function findDuplicateKey(text: string): string | null {
  // One entry for each open bracket: the keys seen so far, or null for an array.
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '{' || c === '[') {
      open.push(c === '{' ? new Set() : null);
      expectsKey = c === '{';
    } else if (c === '}' || c === ']') {
      open.pop();
      expectsKey = false;
    } else if (c === ',') {
      expectsKey = open.at(-1) instanceof Set;
    } else if (c === '"') {
      const end = endOfString(text, i);
      if (expectsKey) {
        const key = JSON.parse(text.slice(i, end)) as string;
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
        expectsKey = false;
      }
      i = end - 1;
    }
  }
  return null;
}

/** Index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}
