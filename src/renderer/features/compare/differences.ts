import { diffWordsWithSpace } from 'diff';

/** A piece of an answer: in both, only in this one, or only in the one it is compared with. */
export interface DifferencePart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Words that may differ before two answers count as unlike: beyond it marks say nothing, and the search takes long. */
const MAX_EDITS = 2000;

/** `text` word by word against `reference`; null where they are too long and too unlike to be compared. */
export function differences(reference: string, text: string): readonly DifferencePart[] | null {
  const changes = diffWordsWithSpace(reference, text, { maxEditLength: MAX_EDITS });
  return changes?.map(({ added, removed, value }) => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value })) ?? null;
}
