/** Template text to syntax tree. Templates come with downloaded models and are hostile: bounded before they are parsed. */
import { parse, tokenize } from '@huggingface/jinja';
import { TEMPLATE_NAMES } from '../../../../shared/domain/chat-templates.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { GENERATION_MACRO } from './interpreter.ts';
import type { Statement } from './template-ast.ts';
import { templateFault } from './template-fault.ts';

/** The longest published templates have some 20,000 characters. */
const MAX_TEMPLATE_CHARACTERS = 262_144;
// The package's lexer has patterns that take quadratic time on runs of white space.
const LONG_SPACE = /\s{2000}/;

// The very pattern transformers decides by (spec section 8, E-GEN-MARK).
const GENERATION = /\{%-?\s*generation\s*-?%\}/;

export interface ParsedTemplate {
  readonly body: readonly Statement[];
  readonly hasGenerationMarkers: boolean;
}

export function hasGenerationMarkers(source: string): boolean {
  return GENERATION.test(source);
}

/**
 * Parses with trim_blocks and lstrip_blocks. `{% generation %}` becomes a call block of a reserved name, because the
 * package's lexer would strip it.
 * @throws AppError E-TEMPLATE naming `origin` if the template is too large or not valid Jinja.
 */
export function compileTemplate(source: string, origin: string): ParsedTemplate {
  if (source.length > MAX_TEMPLATE_CHARACTERS || LONG_SPACE.test(source)) {
    throw invalid(origin, `it is larger than ${MAX_TEMPLATE_CHARACTERS} characters or holds over 2,000 blanks in a row`);
  }
  if (source.includes(GENERATION_MACRO)) throw invalid(origin, `it uses the reserved name ${GENERATION_MACRO}`);
  const prepared = source
    .replace(/\r\n?/g, '\n')
    .replace(/\{%(-?)\s*generation\s*(-?)%\}/g, `{%$1 call ${GENERATION_MACRO}() $2%}`)
    .replace(/\{%(-?)\s*endgeneration\s*(-?)%\}/g, '{%$1 endcall $2%}');
  try {
    return { body: parseText(prepared), hasGenerationMarkers: hasGenerationMarkers(source) };
  } catch (error) {
    const fault = templateFault(source, parses);
    const reason = fault === null ? (error instanceof Error ? error.message : String(error)) : `line ${fault.line}, ${fault.tag}: ${fault.reason}`;
    throw invalid(origin, reason, error, fault?.line);
  }
}

function parseText(text: string): readonly Statement[] {
  const tokens = tokenize(text, { trim_blocks: true, lstrip_blocks: true });
  return (parse(tokens) as unknown as { readonly body: readonly Statement[] }).body;
}

function parses(text: string): boolean {
  try {
    parseText(text);
    return true;
  } catch {
    // The answer, not a failure.
    return false;
  }
}

function invalid(origin: string, reason: string, cause?: unknown, line?: number): AppError {
  return new AppError(
    {
      code: 'E-TEMPLATE',
      message: `The chat template of ${origin} cannot be used: ${reason}.`,
      data: { origin, ...(line === undefined ? {} : { line }) },
      remedy: line === undefined ? `Choose another chat template, such as one that comes with the program: ${TEMPLATE_NAMES.join(', ')}.` : 'Correct this line, or begin again from the model\'s own template.',
    },
    cause,
  );
}
