/** @file Scopes of nodes: a layer's path in its checkpoint (`model.layers.3`) in the forward pass, and the same layer later in a program. */

const BACKWARD = 'backward/';
const AGAIN = 'again/';

/** Of the nodes that carry gradients through nodes of `scope`. */
export function backwardOf(scope: string | null): string | null {
  return scope === null ? null : BACKWARD + scope;
}

/** Of nodes of `scope` that are computed a second time. */
export function againOf(scope: string): string {
  return AGAIN + scope;
}

export function isForward(scope: string | null): scope is string {
  return scope !== null && !scope.startsWith(BACKWARD) && !scope.startsWith(AGAIN);
}

export function isBackward(scope: string | null): boolean {
  return scope?.startsWith(BACKWARD) ?? false;
}
