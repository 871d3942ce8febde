/** @file The key that the browser host knows this page by. A code in the address is exchanged for it once; Electron's page needs none. */
import { CODE_PARAMETER, ENTER_PATH, KEY_HEADER } from '../../shared/domain/browser-entry.ts';

/** Storage has a port, as cookies have not; all tabs of this studio share it, and it is worth nothing after a restart. */
const NAME = 'tunesmith-key';

/** Where storage is forbidden: known until the page is loaded anew. */
let remembered: string | null = null;
let entered: Promise<void> | null = null;

/** The key, after a code in the address was exchanged; null where there is none. */
export async function sessionKey(): Promise<string | null> {
  await (entered ??= enter());
  return remembered ?? stored();
}

/** Headers of a request that wants the key. */
export async function keyHeaders(): Promise<Readonly<Record<string, string>>> {
  const key = await sessionKey();
  return key === null ? {} : { [KEY_HEADER]: key };
}

async function enter(): Promise<void> {
  const url = new URL(location.href);
  const code = url.searchParams.get(CODE_PARAMETER);
  if (code === null) return;
  url.searchParams.delete(CODE_PARAMETER);
  // Before anything is waited for: a copied address or a picture of the window should not have it.
  history.replaceState(history.state, '', url);
  try {
    const answer = await fetch(ENTER_PATH, { method: 'POST', body: code, cache: 'no-store' });
    // A used code in a page that is in already (reloaded, or opened from the history) changes nothing.
    if (answer.ok) keep(await answer.text());
  } catch {
    // The host went away meanwhile: the connection says so.
  }
}

function keep(key: string): void {
  remembered = key;
  try {
    localStorage.setItem(NAME, key);
  } catch {
    // Storage is forbidden here.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
