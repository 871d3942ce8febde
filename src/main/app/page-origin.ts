export const PAGE_SCHEME = 'app';
const PAGE_HOST = 'tunesmith';
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/** Whether a URL is one of the program's own pages: the only place the window may be at, or be asked from. */
export function isOwnPage(url: string): boolean {
  if (!URL.canParse(url)) return false;
  // Node gives other schemes than the web's no origin, so the parts are compared.
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${PAGE_SCHEME}:` && host === PAGE_HOST && username === '' && password === '';
}
