import { diffWordsWithSpace } from 'diff';

/** A piece of an answer: in both, or only in this one. */
export interface DifferencePart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Words that may differ before two answers count as unlike: beyond it marks say nothing, and the search takes long. */
const MAX_EDITS = 2000;

/** `text` word by word, with what `reference` does not have marked as added; null where they are too long and too unlike. */
export function additions(reference: string, text: string): readonly DifferencePart[] | null {
  return changes(reference, text)?.filter(({ kind }) => kind !== 'removed') ?? null;
}

/** `reference` word by word, with what none of `texts` has marked as removed; null where one is too unlike. */
export function removals(reference: string, texts: readonly string[]): readonly DifferencePart[] | null {
  const gone = new Uint8Array(reference.length).fill(texts.length > 0 ? 1 : 0);
  for (const text of texts) {
    const parts = changes(reference, text);
    if (parts === null) return null;
    let at = 0;
    for (const part of parts) {
      if (part.kind === 'added') continue;
      if (part.kind === 'same') gone.fill(0, at, at + part.text.length);
      at += part.text.length;
    }
  }
  return runsOf(reference, gone);
}

function changes(reference: string, text: string): readonly DifferencePart[] | null {
  const found = diffWordsWithSpace(reference, text, { maxEditLength: MAX_EDITS });
  return found?.map(({ added, removed, value }) => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value })) ?? null;
}

function runsOf(text: string, gone: Uint8Array): readonly DifferencePart[] {
  const parts: DifferencePart[] = [];
  for (let from = 0, to = 1; from < text.length; from = to, to++) {
    while (to < text.length && gone[to] === gone[from]) to++;
    const piece = text.slice(from, to);
    // A space alone is nobody's word.
    parts.push({ kind: gone[from] === 1 && piece.trim() !== '' ? 'removed' : 'same', text: piece });
  }
  return parts;
}
