/**
 * @file Index arithmetic on symbols, so that reshapes, transposes and slices between a kernel's threads and the memory it
 * reads cancel out before any instruction is written.
 *
 * An index is a sum of terms coefficient * ((root / div) % mod) plus a constant. A root is a register of the kernel: a thread's
 * first element, a row, a loop counter, a gathered row number. One root may run along the lanes of a vector (its register holds
 * lane 0's value, a multiple of the lane count, and lane l has value + l).
 */

export interface IndexRoot {
  /** Unique name: equal names mean equal values. */
  readonly name: string;
  /** u32 register or immediate with lane 0's value. */
  readonly register: string;
  /** Values are below this. */
  readonly limit: number;
  /** Runs along the lanes. */
  readonly lanes: boolean;
}

/** (root / div) % mod; its values are below mod. */
interface Term {
  readonly root: IndexRoot;
  readonly div: number;
  readonly mod: number;
  readonly coefficient: number;
}

export interface Index {
  readonly terms: readonly Term[];
  readonly constant: number;
}

/** A vector's lanes do not share what this kernel needs them to share: write the kernel again with fewer lanes. */
export class NeedsFewerLanes extends Error {}

export const zero: Index = { terms: [], constant: 0 };

export function constantIndex(constant: number): Index {
  return { terms: [], constant };
}

export function rootIndex(root: IndexRoot): Index {
  return root.limit <= 1 ? zero : { terms: [{ root, div: 1, mod: root.limit, coefficient: 1 }], constant: 0 };
}

export function addIndex(a: Index, b: Index): Index {
  return merged([...a.terms, ...b.terms], a.constant + b.constant);
}

export function offsetIndex(a: Index, constant: number): Index {
  return constant === 0 ? a : { terms: a.terms, constant: a.constant + constant };
}

export function scaleIndex(a: Index, factor: number): Index {
  if (factor === 0) return zero;
  return { terms: a.terms.map((term) => ({ ...term, coefficient: term.coefficient * factor })), constant: a.constant * factor };
}

export function indexKey(a: Index): string {
  const terms = a.terms.map((t) => `${t.coefficient}*${t.root.name}/${t.div}%${t.mod}`).sort();
  return `${terms.join('+')}+${a.constant}`;
}

export function sameIndex(a: Index, b: Index): boolean {
  return indexKey(a) === indexKey(b);
}

/** Largest value; the smallest is `constant` (terms are never negative before a slice moves them). */
function largest(terms: readonly Term[]): number {
  return terms.reduce((sum, term) => sum + term.coefficient * (term.mod - 1), 0);
}

/** Row-major position of `index` in `shape`, with neighbouring parts of one split joined again. */
export function flatten(index: readonly Index[], shape: readonly number[]): Index {
  let stride = 1;
  const terms: Term[] = [];
  let constant = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const part = scaleIndex(index[axis]!, stride);
    terms.push(...part.terms);
    constant += part.constant;
    stride *= shape[axis]!;
  }
  return merged(terms, constant);
}

/**
 * Index vector of the element at row-major position `flat` of `shape`.
 * @param opaque gives a new root for a sum that can not be divided on symbols
 */
export function split(flat: Index, shape: readonly number[], opaque: (index: Index, limit: number) => IndexRoot): Index[] {
  const result = Array.from<Index>({ length: shape.length });
  let rest = flat;
  let limit = shape.reduce((product, size) => product * size, 1);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 1) {
      result[axis] = zero;
      continue;
    }
    if (size === limit) {
      result[axis] = rest;
      rest = zero;
      limit = 1;
      continue;
    }
    let parts = divide(rest, size);
    if (!parts) {
      rest = rootIndex(opaque(rest, limit));
      parts = divide(rest, size)!;
    }
    result[axis] = parts.remainder;
    rest = parts.quotient;
    limit /= size;
  }
  return result;
}

/**
 * Index in `to` of the element at `index` of `from`, two shapes of the same elements. Axes that hold the same elements in both stay
 * as they are; only groups that are cut differently are flattened and split.
 */
export function regroup(
  index: readonly Index[],
  from: readonly number[],
  to: readonly number[],
  opaque: (index: Index, limit: number) => IndexRoot,
): Index[] {
  const result = to.map(() => zero);
  const left = from.map((_, axis) => axis).filter((axis) => from[axis] !== 1);
  const right = to.map((_, axis) => axis).filter((axis) => to[axis] !== 1);
  while (left.length > 0 && right.length > 0) {
    const group = { left: [left.pop()!], right: [right.pop()!] };
    let [a, b] = [from[group.left[0]!]!, to[group.right[0]!]!];
    while (a !== b) {
      if (a < b) a *= from[group.left[group.left.push(left.pop()!) - 1]!]!;
      else b *= to[group.right[group.right.push(right.pop()!) - 1]!]!;
    }
    const [axes, targets] = [group.left.reverse(), group.right.reverse()];
    const whole = flatten(
      axes.map((axis) => index[axis]!),
      axes.map((axis) => from[axis]!),
    );
    const parts =
      targets.length === 1
        ? [whole]
        : split(
            whole,
            targets.map((axis) => to[axis]!),
            opaque,
          );
    targets.forEach((axis, i) => (result[axis] = parts[i]!));
  }
  return result;
}

/** index / n and index % n; null when the sum has no such form. */
function divide(index: Index, n: number): { quotient: Index; remainder: Index } | null {
  const high = index.terms.filter((term) => term.coefficient % n === 0);
  const low = index.terms.filter((term) => term.coefficient % n !== 0);
  const constantLow = ((index.constant % n) + n) % n;
  const quotient: Index = {
    terms: high.map((term) => ({ ...term, coefficient: term.coefficient / n })),
    constant: (index.constant - constantLow) / n,
  };
  if (low.every((term) => term.coefficient > 0) && largest(low) + constantLow < n)
    return { quotient, remainder: { terms: low, constant: constantLow } };
  if (low.length !== 1 || constantLow !== 0 || index.terms.some((term) => term.coefficient < 0)) return null;
  const term = low[0]!;
  // c * x divided by n, with c a divisor of n and x = (root / div) % mod: the digits of x split at n / c.
  if (n % term.coefficient !== 0) return null;
  const digits = n / term.coefficient;
  if (term.mod % digits !== 0 && term.mod < termLimit(term)) return null;
  const upper: Term = { root: term.root, div: term.div * digits, mod: Math.ceil(term.mod / digits), coefficient: 1 };
  const lower: Term = { root: term.root, div: term.div, mod: digits, coefficient: term.coefficient };
  return { quotient: merged([...quotient.terms, upper], quotient.constant), remainder: { terms: [lower], constant: 0 } };
}

/** Values of root / div are below this: where mod reaches it, no modulo is needed. */
function termLimit(term: Term): number {
  return Math.ceil(term.root.limit / term.div);
}

/** Joins (root / (div * m)) * (c * m) + ((root / div) % m) * c into (root / div) * c, and equal terms into one. */
function merged(terms: readonly Term[], constant: number): Index {
  const left = terms.filter((term) => term.mod > 1 && term.coefficient !== 0);
  for (let again = true; again;) {
    again = false;
    for (let i = 0; i < left.length && !again; i++) {
      for (let j = 0; j < left.length && !again; j++) {
        const joined = i === j ? null : join(left[i]!, left[j]!);
        if (!joined) continue;
        left[i] = joined;
        left.splice(j, 1);
        again = true;
      }
    }
  }
  return { terms: left.filter((term) => term.coefficient !== 0), constant };
}

function join(high: Term, low: Term): Term | null {
  if (high.root.name !== low.root.name) return null;
  if (high.div === low.div && high.mod === low.mod) return { ...high, coefficient: high.coefficient + low.coefficient };
  if (high.coefficient !== low.coefficient * low.mod || high.div !== low.div * low.mod) return null;
  return { root: low.root, div: low.div, mod: high.mod * low.mod, coefficient: low.coefficient };
}

/** What a term needs in instructions: whether it is divided, reduced, and runs along the lanes. */
export interface TermPlan {
  readonly root: IndexRoot;
  readonly div: number;
  /** 0 where no modulo is needed. */
  readonly mod: number;
  readonly coefficient: number;
  readonly lanes: boolean;
}

/**
 * Terms ready for instructions with `lanes` lanes.
 * @throws NeedsFewerLanes where a division or modulo would cut through a vector
 */
export function planTerms(index: Index, lanes: number): readonly TermPlan[] {
  return index.terms.map((term) => {
    const mod = term.mod >= termLimit(term) ? 0 : term.mod;
    const plan = { root: term.root, div: term.div, mod, coefficient: term.coefficient };
    if (!term.root.lanes || lanes === 1) return { ...plan, lanes: false };
    if (term.div === 1) {
      if (mod % lanes !== 0) throw new NeedsFewerLanes();
      return { ...plan, lanes: true };
    }
    if (term.div % lanes !== 0) throw new NeedsFewerLanes();
    return { ...plan, lanes: false };
  });
}

/** A divisor of lane 0's value, known without running: 0 means the value is 0. */
export function knownDivisor(plans: readonly TermPlan[], constant: number, lanes: number): number {
  const parts = plans.map((plan) => plan.coefficient * (plan.lanes ? lanes : 1));
  return [...parts, constant].reduce((a, b) => gcd(a, Math.abs(b)), 0);
}

export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
