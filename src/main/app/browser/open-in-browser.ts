import { join } from 'node:path';
import open from 'open';
import { remove } from '../../files/folders.ts';
import { writeTextSync } from '../../files/write-file.ts';
import { newSecret } from './session-key.ts';

/** Milliseconds in which a browser has read the file, even one that has to be started first. */
const READ_BY = 60_000;

/**
 * Opens the person's browser; where there is none, the printed address has to do. What is opened is a file that only the person can
 * read and that leads to the address: everybody on a machine sees the command lines of all programs.
 * @param folder an existing folder of ours
 */
export async function openInBrowser(url: string, folder: string): Promise<void> {
  const file = join(folder, `open-${newSecret().slice(0, 12)}.html`);
  try {
    writeTextSync(file, pageThatLeadsTo(url));
    // Left behind where the studio ends sooner: the code in it ended with the studio.
    setTimeout(() => void remove(file).catch(() => undefined), READ_BY).unref();
    const child = await open(file);
    child.once('error', tell);
  } catch (error) {
    tell(error);
  }
}

function pageThatLeadsTo(url: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Tunesmith</title><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${url}"><p><a href="${url}">Open Tunesmith</a></p>\n`;
}

function tell(error: unknown): void {
  console.log(`No browser could be opened (${error instanceof Error ? error.message : String(error)}): open the address yourself.`);
}
