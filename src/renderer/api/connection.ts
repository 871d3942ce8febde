import { useSyncExternalStore } from 'react';

/** How the page stands with its host. */
export interface Connection {
  readonly state: 'connecting' | 'open' | 'lost';
  /** The host runs but does not know this page any more: it was started anew, and its address with it. */
  readonly refused: boolean;
  /** It is open, and the host has not answered for a while: what is shown may be old. */
  readonly silent: boolean;
  /** How often it was opened; what streams has to be opened again when this grows. */
  readonly opened: number;
}

let current: Connection = { state: 'connecting', refused: false, silent: false, opened: 0 };
const listeners = new Set<() => void>();

export function connectionNow(): Connection {
  return current;
}

/** @returns how to stop listening */
export function onConnectionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(onConnectionChange, connectionNow);
}

/** For the transport alone. */
export function connectionIs(state: Connection['state'], refused = false): void {
  if (current.state === state && current.refused === refused) return;
  current = { state, refused, silent: false, opened: state === 'open' ? current.opened + 1 : current.opened };
  for (const listener of listeners) listener();
}

/** For the transport alone. */
export function hostIsSilent(silent: boolean): void {
  const now = silent && current.state === 'open';
  if (current.silent === now) return;
  current = { ...current, silent: now };
  for (const listener of listeners) listener();
}
