/**
 * @file Templates for which TRL 1.13 has a training variant of its own, known by the hash of the model's text, as TRL compares it
 * to the letter. Most variants mark what our own search finds anyway (Llama 3, Phi-3, Gemma, LFM2, Cohere, Qwen3-2507: content and
 * end of turn); here stand those that mark or print something else, each as a rule of ours. `scripts/golden/check-turns.py` compares
 * all of them with an installed TRL; GLM-4-MoE, gpt-oss and Qwen3.5/3.6, whose models we do not run, are not followed.
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
    name: 'Qwen3',
    sha256: 'a55ee1b1660128b7098723e0abcd92caa0788061051c62d51cbe87d9cf1974d8',
    learnsHeader: '',
    reads: [
      ['loop.index0 > ns.last_query_index', 'true'],
      ['loop.last or (not loop.last and reasoning_content)', 'true'],
    ],
    difference: 'every turn of the assistant keeps its thinking, or an empty one',
  },
  {
    name: 'DeepSeek-R1-Distill',
    sha256: '56a1447ad31926fdc21fb07e56e5642bd9c850c4f52d8c8af7bbe5f079a84f5f',
    learnsHeader: '<｜Assistant｜>',
    reads: [["'</think>' in content", 'false']],
    difference: 'the thinking before </think> is kept',
  },
  {
    name: 'DeepSeek-V3',
    sha256: '563b1ce7d61d50a9b4c7439a912a1116f095b712df5b5e4d3e1116049874eb64',
    learnsHeader: '<｜Assistant｜>',
    reads: [],
    difference: null,
  },
  {
    name: 'Muse Glimmer',
    sha256: 'cfc67e5f349f37690dfd31ed1f18bc4442a9dd32fe39a648f993cb4eb3cae678',
    learnsHeader: '<|start|>assistant',
    reads: [],
    difference: null,
  },
  {
    name: 'Nemotron 3 Nano',
    sha256: 'ab7813c3abdd9cb655905a410728b26c7884eca45ddfab8d9f931553485a7862',
    learnsHeader: '<think>',
    reads: [],
    difference: null,
  },
  {
    name: 'Nemotron 3 Super',
    sha256: '575fb74f54ed264df9047d0ecce3c98938aae953fb4f50356675706264cbb68a',
    learnsHeader: '<think>',
    reads: [],
    difference: null,
  },
  {
    name: 'Nemotron 3 Ultra',
    sha256: '82753bef5cedc4932c1ed509b5c9a12be680fd86d1adb65bc3f7398d11c8eebc',
    learnsHeader: '<think>',
    reads: [],
    difference: null,
  },
  {
    name: 'Nemotron 3.5 Lightning',
    sha256: '58933db77d3099b4f78c55a38347a72e1ea05b97d6bd8f38775303dc0194e0a9',
    learnsHeader: '<think>',
    reads: [],
    difference: null,
  },
  {
    name: 'Qwen3.8',
    sha256: 'c3cf9e34abf4f9e36c2d72165aa9c132d3e2a725b6c2586aaa3a8af9d7a81041',
    learnsHeader: '<think>\n',
    reads: [],
    difference: null,
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
