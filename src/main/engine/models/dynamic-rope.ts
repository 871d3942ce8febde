import type { ModelConfig } from '../../../shared/domain/model.ts';
import { AppError } from '../../../shared/lib/app-error.ts';

/**
 * With rope type "dynamic" the frequencies of a whole batch follow its longest row once that is longer than the model: nothing that fixed
 * tables can give. Up to there the type changes nothing.
 * @param tokens of the longest row, or of prompt and answer together
 * @throws AppError E-ROPE-DYNAMIC
 */
export function refuseBeyondDynamic({ rope, maxPositionEmbeddings }: ModelConfig, tokens: number, remedy: string): void {
  if (rope.scaling.kind !== 'dynamic' || tokens <= maxPositionEmbeddings) return;
  throw new AppError({
    code: 'E-ROPE-DYNAMIC',
    message: `The model has ${maxPositionEmbeddings} positions and rope type "dynamic", which is supported up to there; ${tokens} tokens are asked for.`,
    data: { tokens, maxPositionEmbeddings },
    remedy,
  });
}
