/** @file What encoding can find in rows, and how it is said: one entry a kind. The words are for a person who sees the screen. */
import type { Finding, FindingFix, RowName } from '../../../shared/domain/finding.ts';
import { MAX_NAMED_ROWS } from '../../../shared/domain/finding.ts';
import { TEMPLATE_NAMES } from '../../../shared/domain/chat-templates.ts';

interface Told {
  /** Rows concerned, of how many. */
  readonly rows: string;
  readonly count: number;
  readonly detail: string;
}

interface Kind {
  readonly code: string;
  readonly level: Finding['level'];
  readonly message: (told: Told) => string;
  readonly remedy?: (told: Told) => string;
  readonly fix?: (told: Told) => FindingFix | undefined;
}

/** Names that other programs give to "learn this turn". */
const LEARN_KEYS: ReadonlySet<string> = new Set(['weight', 'train', 'trainable', 'loss_mask', 'mask']);
const TEMPLATES = TEMPLATE_NAMES.join(', ');

/** In the order in which they are told. */
export const KINDS = {
  setAside: {
    code: 'SET-ASIDE',
    level: 'problem',
    message: ({ rows, detail }) => `${rows} cannot be written with the chat template and are set aside: ${detail.replace(/\.+$/, '')}.`,
    remedy: () => 'Correct their roles and contents, or choose another chat template. The other rows train.',
  },
  dropped: {
    code: 'NOTHING-TO-LEARN',
    level: 'problem',
    message: ({ rows }) => `${rows} have nothing to learn after masking and cutting and are left out.`,
    remedy: ({ detail }) => detail,
  },
  lostTurns: {
    code: 'TURNS-NOT-FOUND',
    level: 'problem',
    message: ({ rows }) => `In ${rows} turns of the assistant cannot be found in the rendered text, so they are not learned.`,
    remedy: () => `Choose a chat template that marks them (${TEMPLATES}), or learn from everything.`,
  },
  lostSpans: {
    code: 'LEADING-SPACE',
    level: 'problem',
    message: ({ rows }) =>
      `In ${rows} an assistant turn begins with a space that the tokenizer assigns to no token, so this turn and later ones are not trained.`,
    remedy: () => 'Remove the leading space.',
  },
  cut: {
    code: 'CUT',
    level: 'warning',
    message: ({ rows }) => `${rows} are longer than the longest example and are cut; their end, including EOS, is lost.`,
    remedy: ({ detail }) => `Set the longest example to ${detail} to keep all of them.`,
    fix: ({ detail }) => ({ path: 'max_length', value: Number(detail) }),
  },
  beyond: {
    code: 'E-LEN',
    level: 'warning',
    message: ({ rows, detail }) => `${rows} are longer than the ${detail} positions the model was made for; beyond them it has learned nothing.`,
    remedy: ({ detail }) => `Set the longest example to ${detail}.`,
    fix: ({ detail }) => ({ path: 'max_length', value: Number(detail) }),
  },
  unstopped: {
    code: 'W-EOS',
    level: 'warning',
    message: ({ rows, detail }) =>
      `W-EOS: ${rows} do not end in a token that generation stops at${detail.startsWith('\n') ? '' : `: they end in ${detail.split('\n')[0]}`}, so the model may not learn to stop.`,
    remedy: ({ detail }) => detail.split('\n')[1] ?? '',
    fix: ({ detail }) => (detail.startsWith('\n') ? undefined : { path: 'eos_token', value: detail.split(', generation')[0] ?? '' }),
  },
  noEos: {
    code: 'W-EOS',
    level: 'warning',
    message: () => 'W-EOS: the tokenizer has no EOS token, so none is appended.',
    remedy: () => 'Choose an end token that its vocabulary holds.',
  },
  boundary: {
    code: 'E-BOUNDARY',
    level: 'warning',
    message: ({ rows }) => `E-BOUNDARY: in ${rows} the prompt does not end at a token border, so a token at the border is masked or trained wrongly.`,
    remedy: () => 'Move a space at the end of the prompt to the start of the completion.',
  },
  cue: {
    code: 'E-BOUNDARY',
    level: 'warning',
    message: ({ rows, detail }) =>
      `E-BOUNDARY: in ${rows} the answer does not begin as the chat template asks for it: its generation prompt ends in ${JSON.stringify(detail)}, so that as many tokens of the answer are masked.`,
    remedy: () => "Learn from the assistant's turns instead of the completion, or choose another chat template.",
    fix: () => ({ path: 'loss', value: 'assistant' }),
  },
  doubleBos: {
    code: 'W-BOS2',
    level: 'warning',
    message: ({ rows }) => `W-BOS2: ${rows} begin with two BOS tokens.`,
    remedy: () => 'Remove the BOS text from the data.',
  },
  missingText: {
    code: 'TEXT-LEFT-OUT',
    level: 'warning',
    message: ({ rows, detail }) =>
      `In ${rows} text of ${detail.split('\n')[0]} is not in the rendered text: the chat template leaves it out or changes it.`,
    remedy: ({ detail }) => detail.split('\n')[1] ?? '',
  },
  unusedKey: {
    code: 'KEY-NOT-PRINTED',
    level: 'warning',
    message: ({ rows, detail }) => `The chat template does not print "${detail}" of the messages (${rows}), so the model does not see it.`,
    remedy: ({ detail }) =>
      LEARN_KEYS.has(detail)
        ? 'Which turns are learned is not chosen by this key: remove the turns, or learn from completions.'
        : 'Write it into the content, or choose a chat template that prints it.',
  },
  unusedTools: {
    code: 'TOOLS-NOT-PRINTED',
    level: 'warning',
    message: ({ rows }) => `The chat template does not print the tools of ${rows}, so the model does not see them.`,
    remedy: () => 'Choose a chat template that prints tools.',
  },
  blankAnswer: {
    code: 'BLANK-ANSWER',
    level: 'warning',
    message: ({ rows }) => `In ${rows} an answer is empty or white space: only its end is learned.`,
    remedy: () => 'Write the answer, or delete the rows.',
  },
  blankQuestion: {
    code: 'BLANK-QUESTION',
    level: 'warning',
    message: ({ rows }) => `In ${rows} a question is empty or white space.`,
    remedy: () => 'Write the question, or delete the rows.',
  },
  onlyEnd: {
    code: 'ONLY-EOS',
    level: 'warning',
    message: ({ rows }) => `${rows} consist of the end token alone: they take a place in a batch, as with TRL, and nothing is learned from them.`,
    remedy: () => 'Delete the rows.',
  },
  idle: {
    code: 'NOTHING-TO-LEARN',
    level: 'warning',
    message: ({ rows }) => `${rows} have nothing to learn after masking and cutting; they take their place in a pack, as with TRL.`,
    remedy: () => 'Look at what is learned from, or delete these rows.',
  },
  split: {
    code: 'SPLIT',
    level: 'warning',
    message: ({ rows, detail }) => `${rows} are longer than the longest example and are split into parts that do not see each other (${detail}).`,
    remedy: () => 'Raise the longest example to keep them whole.',
  },
  wrapped: {
    code: 'WRAPPED',
    level: 'warning',
    message: ({ rows }) => `${rows} are cut where a pack is full: what follows stands in the next pack and does not see their beginning.`,
    remedy: () => 'Choose the packing strategy bfd to keep rows whole.',
  },
  packed: { code: 'PACKED', level: 'note', message: ({ detail }) => `The rows are packed: ${detail}.` },
  plainPrompts: {
    code: 'PLAIN-PROMPTS',
    level: 'warning',
    message: ({ rows }) => `The prompts are plain text (${rows}), so the chat template is not used: ask the tuned model with plain text too.`,
    remedy: () => 'To train turns of a chat, give the rows as questions and answers or as messages.',
  },
  noTemplate: {
    code: 'NO-TEMPLATE',
    level: 'warning',
    message: ({ rows }) => `The model has no chat template, so questions and answers are trained as plain text (${rows}).`,
    remedy: () => `To train them as turns, choose a chat template: ${TEMPLATES}.`,
  },
  learns: { code: 'LEARNS', level: 'note', message: ({ rows, detail }) => `Learn from: automatic means ${detail} here (${rows}).` },
  turnsFound: {
    code: 'TURNS-FOUND',
    level: 'note',
    message: () => "The chat template has no generation markers: the assistant's turns are found by what stands around them.",
  },
  trainingForm: {
    code: 'TRAINING-TEMPLATE',
    level: 'note',
    message: ({ detail }) =>
      `The chat template is that of ${detail.split('\n')[0]}; turns are learned as TRL learns them${detail.includes('\n') ? `: ${detail.split('\n')[1]}` : ''}.`,
  },
} as const satisfies Readonly<Record<string, Kind>>;
export type FindingKind = keyof typeof KINDS;

/** Details of one kind that are told apart; more are told together. */
const MAX_DETAILS = 20;
const OTHER = 'other reasons';
const MAX_DETAIL = 600;

/** Gathers findings while rows pass by; memory does not grow with the dataset. */
export class FindingLog {
  readonly #found = new Map<FindingKind, Map<string, { count: number; rows: RowName[] }>>();

  add(kind: FindingKind, row: RowName | null, detail = ''): void {
    const details = this.#found.get(kind) ?? new Map<string, { count: number; rows: RowName[] }>();
    this.#found.set(kind, details);
    // What a template says of a row may be of any length.
    const short = detail.slice(0, MAX_DETAIL);
    const key = details.has(short) || details.size < MAX_DETAILS ? short : OTHER;
    const entry = details.get(key) ?? { count: 0, rows: [] };
    details.set(key, entry);
    if (row === null) return;
    entry.count++;
    if (KINDS[kind].level !== 'note' && entry.rows.length < MAX_NAMED_ROWS) entry.rows.push(row);
  }

  count(kind: FindingKind): number {
    return [...(this.#found.get(kind)?.values() ?? [])].reduce((sum, { count }) => sum + count, 0);
  }

  /** The first rows of a kind, whatever the detail. */
  rows(kind: FindingKind): readonly RowName[] {
    return [...(this.#found.get(kind)?.values() ?? [])]
      .flatMap(({ rows }) => rows)
      .toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))
      .slice(0, MAX_NAMED_ROWS);
  }

  details(kind: FindingKind): readonly string[] {
    return [...(this.#found.get(kind)?.keys() ?? [])];
  }

  /** @param total rows that have passed @param details what to say of a kind where rows did not tell it themselves */
  build(total: number, details: Partial<Readonly<Record<FindingKind, string>>>): Finding[] {
    return (Object.keys(KINDS) as FindingKind[]).flatMap((kind) =>
      [...(this.#found.get(kind) ?? [])].map(([detail, { count, rows }]): Finding => {
        const { code, level, message, ...rest } = KINDS[kind] as Kind;
        const told = { rows: `${count} of ${total} rows`, count, detail: details[kind] ?? detail };
        const remedy = rest.remedy?.(told) ?? '';
        const fix = rest.fix?.(told);
        return {
          code,
          level,
          message: message(told),
          remedy: remedy === '' ? null : remedy,
          rows: rows.length === 0 ? null : { count, first: rows },
          ...(fix === undefined ? {} : { fix }),
        };
      }),
    );
  }
}
