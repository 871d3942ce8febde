/** @file Where a chat template is broken: its parser says what token it met, but not on which line, and a person needs the line. */

import { shortened } from '../../../../shared/lib/shortened.ts';

export interface TemplateFault {
  /** 1-based. */
  readonly line: number;
  /** The tag that cannot be read, as it stands, shortened. */
  readonly tag: string;
  readonly reason: string;
}

const TAG = /\{#[\s\S]*?#\}|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{\{|\{%|\{#/g;
const NEWLINE = 10;
/** Characters of a tag that a message repeats. */
const MAX_TAG = 80;
const BLOCKS = new Set(['if', 'for', 'macro', 'filter', 'call', 'set', 'generation']);

/** @param parses whether a text is a template @returns null where every tag by itself is fine */
export function templateFault(source: string, parses: (text: string) => boolean): TemplateFault | null {
  const open: { readonly name: string; readonly line: number; readonly tag: string }[] = [];
  let line = 1;
  let counted = 0;
  for (const { 0: tag, index } of source.matchAll(TAG)) {
    for (; counted < index; counted++) if (source.charCodeAt(counted) === NEWLINE) line++;
    const at = { line, tag: shortened(tag, MAX_TAG) };
    const fault = (reason: string): TemplateFault => ({ ...at, reason });
    if (tag.length === 2)
      return { ...at, tag: firstLine(source.slice(index)), reason: `${tag} is never closed by ${tag === '{{' ? '}}' : tag === '{%' ? '%}' : '#}'}` };
    if (tag.startsWith('{#')) continue;
    if (tag.startsWith('{{')) {
      if (!parses(tag)) return fault('this is no expression');
      continue;
    }
    const words = /^\{%[-+]?\s*(\w+)\s*([\s\S]*?)\s*[-+]?%\}$/.exec(tag);
    if (words === null) return fault('a tag begins with a word such as if, for or set');
    const [, name = '', rest = ''] = words;
    if (name.startsWith('end')) {
      const block = open.pop();
      if (block === undefined) return fault(`${shortened(name, MAX_TAG)} ends nothing that was begun`);
      if (`end${block.name}` !== name)
        return fault(`${shortened(name, MAX_TAG)} stands where end${block.name} must come, for the ${block.name} of line ${block.line}`);
      continue;
    }
    if (name === 'else' || name === 'elif') {
      if (open.at(-1)?.name !== 'if' && open.at(-1)?.name !== 'for') return fault(`${name} stands outside of if and for`);
      if (name === 'elif' && !parses(`{% if ${rest} %}{% endif %}`)) return fault('this is no condition');
      continue;
    }
    const isBlock = BLOCKS.has(name) && !(name === 'set' && rest.includes('='));
    if (!parses(isBlock ? `{% ${name} ${rest} %}{% end${name} %}` : tag))
      return fault(BLOCKS.has(name) || name === 'set' ? `this is no ${name} that can be read` : `there is no tag "${shortened(name, MAX_TAG)}"`);
    if (isBlock) open.push({ name, ...at });
  }
  const unclosed = open.at(-1);
  return unclosed === undefined
    ? null
    : { line: unclosed.line, tag: unclosed.tag, reason: `this ${unclosed.name} is never ended by end${unclosed.name}` };
}

function firstLine(text: string): string {
  return shortened(text.split('\n', 1)[0] ?? '', MAX_TAG);
}
