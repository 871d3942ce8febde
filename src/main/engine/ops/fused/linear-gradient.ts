import type { Value } from '../../ir/graph.ts';
import type { GradientSite } from '../gradient-rule.ts';
import { asRows, linearInputs } from './linear.ts';

/**
 * With G = dY and P = x A^T saved by the forward pass:
 * dX = G W + dP A, dP = scale G B, dA = dP^T x, dB = scale G^T P, dW = G^T x, dBias = column sums of G.
 * A and B are f32 masters, so their gradients leave the matmul in f32.
 */
export function linearGradient(site: GradientSite<'linear'>): readonly (Value | null)[] {
  const { b, inputs, outputs, params, gradients, needs } = site;
  const { x, weight, bias, loraA, loraB } = linearInputs(inputs, params);
  const dtype = x.type.dtype;
  const rows = asRows(b, x);
  const g = gradients[0] ? asRows(b, gradients[0]) : null;
  const biasNeeded = bias !== null && needs(2);
  const [atA, atB] = [inputs.length - 2, inputs.length - 1];
  const dP = loraB && (needs(0) || needs(atA)) ? gradientOfP(site, g, loraB) : null;
  // First what reads x, so that it is gone before its gradient comes.
  const dA = dP && needs(atA) ? b.matmul(dP, rows, { transA: true, dtype: 'f32' }) : null;
  const dX = needs(0) ? sumOf(site, [g && b.matmul(g, weight), dP && loraA && b.matmul(dP, b.cast(loraA, dtype))]) : null;
  const dWeight = g && needs(1) ? b.matmul(g, rows, { transA: true }) : null;
  const base = [dX && b.reshape(dX, x.type.shape), dWeight, ...(bias ? [g && biasNeeded ? b.sum(g, [0]) : null] : [])];
  if (!loraA || !loraB) return base;
  const dB = g && needs(atB) ? b.mul(b.matmul(g, asRows(b, outputs[1]!), { transA: true, dtype: 'f32' }), params.scale) : null;
  return [...base, dA, dB];
}

/** [R, r]: what arrives through y, and through P itself where somebody read it. */
function gradientOfP(site: GradientSite<'linear'>, g: Value | null, loraB: Value): Value | null {
  const { b, params, gradients } = site;
  const throughY = g && b.mul(b.matmul(g, b.cast(loraB, g.type.dtype)), params.scale);
  return sumOf(site, [throughY, gradients[1] ? asRows(b, gradients[1]) : null]);
}

function sumOf({ b }: GradientSite<'linear'>, parts: readonly (Value | null)[]): Value | null {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? null : present.reduce((total, part) => b.add(total, part));
}
