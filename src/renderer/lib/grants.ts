/**
 * @file What a click allows to begin by itself a moment later: the tour's training, the question it ends with. In memory, so that no other
 * tab, no reload, no bookmark and no copy of a tab inherits it: what an address alone opens starts nothing.
 */
type Grant = 'tour-training' | 'tour-question';

const granted = new Set<Grant>();

export function grant(what: Grant): void {
  granted.add(what);
}

/** Whether it was granted; once. */
export function takeGrant(what: Grant): boolean {
  return granted.delete(what);
}
