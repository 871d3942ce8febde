/** Characters a value has as JSON, about; counting ends beyond `most`. */
export function weightOf(value: unknown, most: number): number {
  let weight = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && weight <= most) {
    const next = open.pop();
    weight += 4;
    if (typeof next === 'string') weight += next.length;
    else if (Array.isArray(next)) for (let at = 0; at < next.length && weight <= most; at += 1, weight += 1) open.push(next[at]);
    else if (typeof next === 'object' && next !== null) {
      for (const key in next) {
        weight += key.length + 4;
        if (weight > most) break;
        open.push((next as Readonly<Record<string, unknown>>)[key]);
      }
    }
  }
  return weight;
}
