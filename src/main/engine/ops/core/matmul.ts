import { elementCount } from '../../ir/shape.ts';
import { broadcastSteps, offsets, type Evaluation } from './tensor.ts';

export const matmulEvaluations: { readonly matmul: Evaluation<'matmul'> } = {
  matmul: ([a, b], { transA, transB }, output) => {
    const batch = output.shape.slice(0, -2);
    const [m, n] = output.shape.slice(-2) as [number, number];
    const k = a!.shape.at(transA ? -2 : -1)!;
    const [rowA, columnA] = transA ? [1, m] : [k, 1];
    const [rowB, columnB] = transB ? [1, k] : [n, 1];
    const batchA = offsets(batch, broadcastSteps(a!.shape.slice(0, -2), batch));
    const batchB = offsets(batch, broadcastSteps(b!.shape.slice(0, -2), batch));
    for (let at = 0; at < elementCount(batch); at++) {
      const [baseA, baseB] = [batchA[at]! * m * k, batchB[at]! * k * n];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let total = 0;
          for (let l = 0; l < k; l++) {
            total += a!.data[baseA + i * rowA + l * columnA]! * b!.data[baseB + l * rowB + j * columnB]!;
          }
          output.data[(at * m + i) * n + j] = total;
        }
      }
    }
  },
};
