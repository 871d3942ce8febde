import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { pageHeaders } from './page-headers.ts';

/** What the built page consists of; a file of another kind is not served. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Stands in the built index.html (electron.vite.config.ts) where each answer puts a nonce of its own. */
export const NONCE_PLACEHOLDER = '__STYLE_NONCE__';

/** Answers a request of the page with a file of the folder, or refuses it; never throws for what a page can ask. */
export async function answerPageRequest(
  folder: string,
  { method, pathname }: { readonly method: string; readonly pathname: string },
): Promise<Response> {
  if (method !== 'GET') return refusal(405, 'Only GET is answered here.');
  const file = pageFile(folder, pathname);
  const type = file === null ? undefined : MEDIA_TYPES[extname(file)];
  if (file === null || type === undefined) return refusal(403, 'This is no file of the page.');
  try {
    // A link inside the folder must not lead out of it either.
    if (!isInside(await realpath(folder), await realpath(file))) return refusal(403, 'This is no file of the page.');
    return extname(file) === '.html'
      ? pageWithNonce(await readFile(file, 'utf8'), type)
      : fileOf(new Uint8Array(await readFile(file)), type, pathname);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return refusal(404, 'There is no such file.');
    throw error;
  }
}

/** The file that the path of a URL means, or null where it means none inside the folder. Does not look at the disk. */
export function pageFile(folder: string, pathname: string): string | null {
  const path = decoded(pathname);
  // Backslashes and colons are separators on Windows only, and no file of ours has one.
  if (path === null || /[\\:\0]/.test(path)) return null;
  const file = join(folder, path === '/' ? 'index.html' : path);
  return isInside(folder, file) ? file : null;
}

/** A refusal in plain words, with the headers of every other answer. */
export function refusal(status: number, text: string | null): Response {
  return new Response(text, { status, headers: { ...pageHeaders(newNonce()), 'content-type': 'text/plain; charset=utf-8' } });
}

function pageWithNonce(html: string, type: string): Response {
  const nonce = newNonce();
  return new Response(html.replaceAll(NONCE_PLACEHOLDER, nonce), { headers: { ...pageHeaders(nonce), 'content-type': type } });
}

function fileOf(bytes: Uint8Array<ArrayBuffer>, type: string, pathname: string): Response {
  const headers = { ...pageHeaders(newNonce()), 'content-type': type };
  // Built assets have the hash of their content in their names.
  return new Response(bytes, {
    headers: pathname.startsWith('/assets/') ? { ...headers, 'cache-control': 'private, max-age=31536000, immutable' } : headers,
  });
}

function newNonce(): string {
  return randomBytes(16).toString('base64url');
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
