/**
 * @file Byte-level pre-tokenization as GPT-2 defined it (Radford et al. 2019): text falls into words with their leading
 * space, and each byte of a word is written as one printable character.
 */

const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The printable character of each byte, by byte value: itself where printable in Latin-1, else from U+0100 on. */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** Words of the text in order, each byte as its character. */
export function byteLevelWords(text: string): string[] {
  return (text.match(WORDS) ?? []).map((word) => [...Buffer.from(word, 'utf8')].map((byte) => BYTE_CHARACTERS[byte]).join(''));
}
