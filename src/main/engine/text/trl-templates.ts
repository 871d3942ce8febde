/**
 * @file Templates for which TRL 1.13 has a training variant of its own, known by the hash of the model's text, as TRL compares it
 * to the letter. Most variants mark what our own search finds anyway (Llama 3, Phi-3, Gemma, LFM2, Qwen3-2507: content and end of
 * turn); here stand those that mark or print something else, each as a rule of ours.
 */
import { createHash } from 'node:crypto';

export interface TrlRule {
  readonly name: string;
  /** Of the template's text, UTF-8. */
  readonly sha256: string;
  /** End of the header that already counts as learned, where the header ends so. */
  readonly learnsHeader: string;
  /** What the training variant prints otherwise: expressions of the template, and what they are taken for. */
  readonly reads: readonly (readonly [expression: string, as: string])[];
  /** What that means for a person's rows; null where nothing is printed otherwise. */
  readonly difference: string | null;
}

export const TRL_RULES: readonly TrlRule[] = [
  { name: 'Qwen2.5', sha256: 'cd8e9439f0570856fd70470bf8889ebd8b5d1107207f67a5efb46e342330527f', learnsHeader: '\n', reads: [], difference: null },
  {
    name: 'Qwen3', sha256: 'a55ee1b1660128b7098723e0abcd92caa0788061051c62d51cbe87d9cf1974d8', learnsHeader: '',
    reads: [['loop.index0 > ns.last_query_index', 'true'], ['loop.last or (not loop.last and reasoning_content)', 'true']],
    difference: 'every turn of the assistant keeps its thinking, or an empty one',
  },
  {
    name: 'DeepSeek-R1-Distill', sha256: '56a1447ad31926fdc21fb07e56e5642bd9c850c4f52d8c8af7bbe5f079a84f5f', learnsHeader: '<｜Assistant｜>',
    reads: [["'</think>' in content", 'false']],
    difference: 'the thinking before </think> is kept',
  },
];

/** The rule for a template, or null where TRL has none that differs. */
export function trlRule(source: string, rules: readonly TrlRule[] = TRL_RULES): TrlRule | null {
  const hash = createHash('sha256').update(source).digest('hex');
  return rules.find(({ sha256 }) => sha256 === hash) ?? null;
}

/** The template as it prints for training. */
export function trainingText(source: string, { reads }: TrlRule): string {
  return reads.reduce((text, [expression, as]) => text.replaceAll(expression, as), source);
}
