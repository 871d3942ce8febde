import { TICKET_PATH } from '../../shared/domain/browser-entry.ts';
import type { AppErrorFields } from '../../shared/lib/app-error.ts';
import { hostTakesPort } from './host-port.ts';
import { keyHeaders } from './session-key.ts';

const NOT_STARTED: AppErrorFields = {
  code: 'CONNECTION',
  message: 'The download could not be started: Tunesmith does not answer, or was restarted.',
  remedy: 'Wait until the connection is back, then try again.',
};

/** Has the browser, or Electron, save what a path of the host gives. A link cannot carry the key: in the browser the path gets a ticket first. */
export async function startDownload(path: string, onError: (error: AppErrorFields) => void): Promise<void> {
  const href = hostTakesPort() ? path : await pathWithTicket(path);
  if (href === null) {
    onError(NOT_STARTED);
    return;
  }
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  link.click();
}

async function pathWithTicket(path: string): Promise<string | null> {
  try {
    const answer = await fetch(TICKET_PATH, { method: 'POST', headers: await keyHeaders(), body: path, cache: 'no-store' });
    return answer.ok ? await answer.text() : null;
  } catch {
    // Nobody answers.
    return null;
  }
}
