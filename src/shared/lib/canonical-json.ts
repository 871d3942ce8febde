/** JSON with the keys of every object sorted and no spaces: equal values give equal texts. `undefined` keys are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
