/** The chat templates that come with the program, for models without one or without generation markers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createChatTemplate, type ChatTemplate } from './chat-template/chat-template.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

/** `chatml-training` marks every assistant turn, its end included, with {% generation %}. */
export type BundledTemplate = 'chatml-training';

const RESOURCES = join(import.meta.dirname, '../../../../resources/chat-templates');

/** @param folder where the templates lie; the packaged program passes its own resources folder. */
export async function loadBundledTemplate(name: BundledTemplate, tokenizer: Tokenizer, folder: string = RESOURCES): Promise<ChatTemplate> {
  const source = await readFile(join(folder, `${name}.jinja`), 'utf8');
  return createChatTemplate(source, { origin: `${name}.jinja`, specialTokens: tokenizer.namedTokens });
}
