import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { CONTENT_SECURITY_POLICY } from './content-security-policy.ts';
import { isOwnPage } from './page-origin.ts';

/** What the built page consists of; a file of another kind is not served. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** Answers a request of the page with a file of the folder, or refuses it; never throws for what a page can ask. */
export async function answerPageRequest(folder: string, { method, url }: Pick<Request, 'method' | 'url'>): Promise<Response> {
  if (method !== 'GET') return refusal(405, 'Only GET is answered here.');
  const file = pageFile(folder, url);
  const type = file === null ? undefined : MEDIA_TYPES[extname(file)];
  if (file === null || type === undefined) return refusal(403, 'This is no file of the page.');
  try {
    // A link inside the folder must not lead out of it either.
    if (!isInside(await realpath(folder), await realpath(file))) return refusal(403, 'This is no file of the page.');
    return new Response(new Uint8Array(await readFile(file)), { headers: { ...HEADERS, 'content-type': type } });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return refusal(404, 'There is no such file.');
    throw error;
  }
}

/** The file that a URL of the page means, or null where it means none inside the folder. Does not look at the disk. */
export function pageFile(folder: string, url: string): string | null {
  if (!isOwnPage(url)) return null;
  const path = decoded(new URL(url).pathname);
  // Backslashes and colons are separators on Windows only, and no file of ours has one.
  if (path === null || /[\\:\0]/.test(path)) return null;
  const file = join(folder, path === '/' ? 'index.html' : path);
  return isInside(folder, file) ? file : null;
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    // A broken escape names no file.
    return null;
  }
}

function refusal(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' } });
}
