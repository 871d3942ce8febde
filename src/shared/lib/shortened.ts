/** Text for a message, which must stay readable whatever a file put into it: at most `most` characters, with a mark where more were. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // A surrogate pair is left out whole.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}…`;
}
