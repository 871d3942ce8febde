import { AppError } from '../../../shared/lib/app-error.ts';
import type { Model } from './model.ts';

/**
 * Some models cannot compute rows beyond a length at all: their positions are a table, or change with the longest row of a batch.
 * @param tokens of the longest row, or of prompt and answer together
 * @throws AppError of the model's own code
 */
export function refuseBeyondLimit({ limit }: Pick<Model, 'limit'>, tokens: number, remedy: string): void {
  if (limit === null || tokens <= limit.tokens) return;
  throw new AppError({
    code: limit.code,
    message: `${limit.because}; ${tokens} tokens are asked for.`,
    data: { tokens, limit: limit.tokens },
    remedy,
  });
}
