import type { z } from 'zod';

/** A zod issue as the second half of a sentence whose subject is the field: "must be at least 1, but is 0". */
export function issueText(issue: z.core.$ZodIssue): string {
  const got = issue.input === undefined ? '' : `, but is ${shown(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${typeWord(issue.expected)}${got}`;
    case 'too_small':
      return `must be ${boundWord(issue, 'at least', 'more than', String(issue.minimum))}${got}`;
    case 'too_big':
      return `must be ${boundWord(issue, 'at most', 'less than', String(issue.maximum))}${got}`;
    case 'invalid_value':
      return `must be ${listWords(issue.values.map((value) => shown(value)))}${got}`;
    default:
      return `${issue.message}${got}`;
  }
}

function boundWord(
  issue: { readonly inclusive?: boolean | undefined; readonly origin: string },
  inclusive: string,
  exclusive: string,
  bound: string,
): string {
  const limit = `${issue.inclusive === false ? exclusive : inclusive} ${bound}`;
  if (issue.origin === 'string') return `text of ${limit} characters`;
  if (issue.origin === 'array') return `a list of ${limit} entries`;
  return limit;
}

function typeWord(expected: string): string {
  switch (expected) {
    case 'int':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
    case 'record':
      return 'an object with named values';
    default:
      return `of type ${expected}`;
  }
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : JSON.stringify(value);
  return text === undefined ? String(value) : text.slice(0, 100);
}
