/** @file What may be wrong with the value of a field, in words of a person: for forms and for the command line alike. */
import type { z } from 'zod';
import { issueText } from '../../lib/issue-text.ts';
import type { NumberProblem } from '../../lib/read-number.ts';
import { type Said, sayIn } from '../../lib/said.ts';

export const FIELD_WORDS = {
  notNumber: 'This is not a number.',
  unfinished: 'This number is not finished.',
  twoMeanings: 'This can mean {{first}} or {{second}}. Write the one you mean.',
  words: '“{{words}}” does not belong here. Write the number alone.',
  shareTooLarge: 'A share of all steps must be below 100%.',
  outOfReach: 'This number is too large or too small to be kept.',
  missing: 'This field needs a value.',
  whole: 'Must be a whole number.',
  atLeast: 'Must be at least {{bound}}.',
  moreThan: 'Must be more than {{bound}}.',
  atMost: 'Must be at most {{bound}}.',
  lessThan: 'Must be less than {{bound}}.',
  other: '{{text}}.',
} as const;

export function saidOfProblem({ code, ...values }: NumberProblem): Said {
  return { code, values };
}

/** What the schema found, without its own words. */
export function saidOfIssue(issue: z.core.$ZodIssue): Said {
  if ((issue.code === 'too_small' || issue.code === 'too_big') && (issue.origin === 'number' || issue.origin === 'int')) {
    const [bound, inclusive] = issue.code === 'too_small' ? [issue.minimum, issue.inclusive] : [issue.maximum, issue.inclusive];
    const code = issue.code === 'too_small' ? (inclusive === false ? 'moreThan' : 'atLeast') : inclusive === false ? 'lessThan' : 'atMost';
    return { code, values: { bound: String(bound) } };
  }
  if (issue.code === 'invalid_type') {
    if (issue.input === null || issue.input === undefined) return { code: 'missing', values: {} };
    if (issue.expected === 'int') return { code: 'whole', values: {} };
    if (issue.expected === 'number') return { code: 'notNumber', values: {} };
  }
  const text = issueText({ ...issue, input: undefined } as z.core.$ZodIssue);
  return { code: 'other', values: { text: text.charAt(0).toUpperCase() + text.slice(1) } };
}

export function sayProblem(problem: NumberProblem): string {
  return sayIn(FIELD_WORDS, saidOfProblem(problem));
}
