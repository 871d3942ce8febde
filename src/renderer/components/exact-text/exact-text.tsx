import { memo, useMemo } from 'react';
import { textLanguage } from '../../lib/text-language.ts';
import { exactParts, type ExactPart } from './exact-parts.ts';
import classes from './exact-text.module.css';

export interface ExactTextProps {
  readonly text: string;
  readonly className?: string | undefined;
}

/** Characters that break or fill the line: they are drawn beside their sign, not hidden behind it. */
const DRAWN: ReadonlySet<string> = new Set(['\n', '\t']);

/** A person's text as it is, character by character: monospace, no ligatures, and nothing in it that cannot be seen. */
export const ExactText = memo(function ExactText({ text, className }: ExactTextProps) {
  return (
    <span className={[classes['exact'], className].join(' ')} lang={textLanguage(text)} dir="auto">
      <ExactMarks text={text} />
    </span>
  );
});

/** The same without an element of its own, for text that stands in one already, such as a token. */
export function ExactMarks({ text }: { readonly text: string }) {
  const parts = useMemo(() => exactParts(text), [text]);
  return parts.map((part, index) => (part.kind === 'text' ? part.text : <Mark key={index} {...part} />));
}

function Mark({ raw, glyph, name }: Extract<ExactPart, { kind: 'mark' }>) {
  return (
    <span className={classes['mark']} data-glyph={glyph} data-word={/^[A-Z]/.test(glyph)} title={name}>
      {DRAWN.has(raw) ? raw : <span className={classes['hidden']}>{raw}</span>}
    </span>
  );
}
