/**
 * Sent with every answer that a page gets: only the program's own files, nothing inline, no other network, no frames. Mantine
 * writes `<style>` elements at run time; they carry the nonce of their page's answer, so that no others are taken.
 * @param styleNonce of this answer alone
 */
export function contentSecurityPolicy(styleNonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${styleNonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
