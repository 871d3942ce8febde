/**
 * The error function in float64: 2 / sqrt(pi) e^(-x^2) times the sum of 2^n x^(2n+1) / (1 3 .. (2n+1)) (Abramowitz and Stegun 7.1.6), all of
 * whose terms are positive, so nothing cancels. From 6 on the next float64 is 1.
 */
export function erf(x: number): number {
  if (!(Math.abs(x) < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > (Number.EPSILON * Math.abs(sum)) / 4; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
