/** `name`, or with the first number from 2 on that makes it one that is not taken. */
export function distinctName(name: string, taken: readonly string[]): string {
  const known = new Set(taken);
  let candidate = name;
  for (let n = 2; known.has(candidate); n++) candidate = `${name} ${n}`;
  return candidate;
}
