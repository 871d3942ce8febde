/** Cells that a text takes on a terminal: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

const COMBINING = /^(?:\p{M}|\p{Cf}|\p{Variation_Selector})$/u;
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F9FF}\u{20000}-\u{3FFFD}]$/u;

function characterWidth(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Text of a model or a dataset, safe to show: control characters, which could drive the terminal, become visible signs. */
export function printable(text: string): string {
  // U+2400 holds the pictures of the control characters; tabs and line ends keep their meaning.
  return (
    text
      .replaceAll('\t', '    ')
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0009\u000B-\u001F]/g, (c) => String.fromCodePoint(0x2400 + c.codePointAt(0)!))
      .replaceAll(/[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '\uFFFD')
  );
}

/** Breaks text into lines of at most `width` cells, at spaces where there are any. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\s)/)) {
    if (current !== '' && displayWidth(current + word.trimEnd()) > width) {
      lines.push(current.trimEnd());
      current = '';
    }
    for (const character of word) {
      if (displayWidth(current + character) > width && character.trim() !== '') {
        lines.push(current.trimEnd());
        current = '';
      }
      current += character;
    }
  }
  return [...lines, current.trimEnd()];
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
