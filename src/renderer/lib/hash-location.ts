/**
 * @file The page's place, path and query, in the hash: `#/compare?model=a`. Wouter's own hook puts the query in front of the hash,
 * where it outlives the page it belongs to and a copied link loses it.
 */
import { useSyncExternalStore } from 'react';

interface NavigateOptions {
  readonly replace?: boolean;
  readonly state?: unknown;
}

function place(): { readonly path: string; readonly search: string } {
  const text = location.hash.replace(/^#?\/?/, '');
  const cut = text.indexOf('?');
  return cut === -1 ? { path: `/${text}`, search: '' } : { path: `/${text.slice(0, cut)}`, search: text.slice(cut + 1) };
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  addEventListener('popstate', listener);
  return () => {
    removeEventListener('hashchange', listener);
    removeEventListener('popstate', listener);
  };
}

function navigate(to: string, { replace = false, state = null }: NavigateOptions = {}): void {
  const oldURL = location.href;
  history[replace ? 'replaceState' : 'pushState'](state, '', `#${to}`);
  // Neither of the two tells anyone by itself.
  dispatchEvent(new HashChangeEvent('hashchange', { oldURL, newURL: location.href }));
}

/** For wouter's `Router`: where the page is, and how to go elsewhere. */
export function useHashPlace(): [string, typeof navigate] {
  return [useSyncExternalStore(subscribe, () => place().path), navigate];
}

useHashPlace.hrefs = (href: string) => `#${href}`;
useHashPlace.searchHook = () => useSyncExternalStore(subscribe, () => place().search);
