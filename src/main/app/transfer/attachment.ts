const MAX = 80;

/**
 * A Content-Disposition that saves a download under a name given by a person: what a path or a header could take for more is
 * replaced, and where letters are not ASCII, they travel encoded beside a plain name.
 */
export function attachment(name: string, fallback: string, ending: string): string {
  const safe =
    cut(
      name
        .normalize('NFC')
        .replace(/[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|%;]+/gu, '-')
        .replace(/^[\s.-]+|[\s.-]+$/g, ''),
    ) || fallback;
  const plain =
    safe
      .normalize('NFKD')
      .replace(/[^\w .()-]+/g, '')
      .replace(/^[\s.-]+|[\s.-]+$/g, '') || fallback;
  const encoded = encodeURIComponent(safe + ending).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}${ending}"${plain === safe ? '' : `; filename*=UTF-8''${encoded}`}`;
}

/** By characters: half of one cannot be encoded. */
function cut(text: string): string {
  return [...text].slice(0, MAX).join('').trim();
}
