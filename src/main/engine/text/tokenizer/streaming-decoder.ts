/**
 * Text from a growing sequence of ids, for generation. A character may take several tokens and a tokenizer's decoder
 * may look at neighbours (leading spaces), so a window of recent ids is decoded twice and the difference emitted.
 */
import type { Tokenizer } from './tokenizer.ts';

/** Ids that a single character can need: four bytes; twice that before we accept that the bytes are invalid. */
const MAX_PENDING = 8;

export class StreamingDecoder {
  private readonly tokenizer: Pick<Tokenizer, 'decode'>;
  private readonly skipSpecialTokens: boolean;
  /** Ids kept as context, then ids whose text is not yet out. */
  private window: number[] = [];
  private emitted = 0;

  constructor(tokenizer: Pick<Tokenizer, 'decode'>, options: { readonly skipSpecialTokens: boolean }) {
    this.tokenizer = tokenizer;
    this.skipSpecialTokens = options.skipSpecialTokens;
  }

  /** The text that `id` completes: empty while a character is still missing bytes. Calls must not overlap. */
  async push(id: number): Promise<string> {
    this.window.push(id);
    return this.take(this.window.length - this.emitted > MAX_PENDING);
  }

  /** Whatever is left, with U+FFFD for bytes that never became a character. */
  async finish(): Promise<string> {
    return this.take(true);
  }

  private async take(force: boolean): Promise<string> {
    const options = { skipSpecialTokens: this.skipSpecialTokens };
    const before = await this.tokenizer.decode(this.window.slice(0, this.emitted), options);
    const after = await this.tokenizer.decode(this.window, options);
    if (!force && (after.endsWith('\ufffd') || after.length < before.length)) return '';
    this.window = this.window.slice(this.emitted);
    this.emitted = this.window.length;
    return after.slice(before.length);
  }
}
