/** Template text to syntax tree. Templates come with downloaded models and are hostile: bounded before they are parsed. */
import { parse, tokenize } from '@huggingface/jinja';
import { TEMPLATE_NAMES } from '../../../../shared/domain/chat-templates.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { shortened } from '../../../../shared/lib/shortened.ts';
import { treeFault } from './check-tree.ts';
import { GENERATION_MACRO } from './interpreter.ts';
import type { Statement } from './template-ast.ts';
import { templateFault } from './template-fault.ts';

/** The longest published templates have some 20,000 characters. */
const MAX_TEMPLATE_CHARACTERS = 262_144;
// The package's lexer has patterns that take quadratic time on runs of white space; real templates have runs of some 40.
const MAX_BLANKS = 200;
const LONG_SPACE = new RegExp(`\\s{${MAX_BLANKS + 1}}`);
/** Characters of the parser's or a tag's words in a message. */
const MAX_REASON = 300;

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
  if (source.length > MAX_TEMPLATE_CHARACTERS) throw invalid(origin, `it has ${source.length} characters, more than ${MAX_TEMPLATE_CHARACTERS}`);
  const blanks = LONG_SPACE.exec(source);
  if (blanks !== null) throw invalid(origin, `more than ${MAX_BLANKS} blanks stand in a row`, undefined, lineOf(source, blanks.index));
  if (source.includes(GENERATION_MACRO)) throw invalid(origin, `it uses the reserved name ${GENERATION_MACRO}`);
  const prepared = source
    .replace(/\r\n?/g, '\n')
    .replace(/\{%(-?)\s*generation\s*(-?)%\}/g, `{%$1 call ${GENERATION_MACRO}() $2%}`)
    .replace(/\{%(-?)\s*endgeneration\s*(-?)%\}/g, '{%$1 endcall $2%}');
  try {
    const body = parseText(prepared);
    return { body, hasGenerationMarkers: hasGenerationMarkers(source) };
  } catch (error) {
    if (error instanceof RangeError) throw invalid(origin, 'its expressions or blocks are nested too deeply', error);
    const fault = templateFault(source, parses);
    if (fault === null)
      throw invalid(origin, `it is not valid Jinja (${shortened(error instanceof Error ? error.message : String(error), MAX_REASON)})`, error);
    throw invalid(origin, `line ${fault.line}, ${fault.tag}: ${fault.reason}`, error, fault.line);
  }
}

function parseText(text: string): readonly Statement[] {
  const tokens = tokenize(text, { trim_blocks: true, lstrip_blocks: true }).flatMap(exactLiteral);
  const { body } = parse(tokens) as unknown as { readonly body: readonly Statement[] };
  const fault = treeFault(body);
  if (fault !== null) throw new SyntaxError(fault);
  return body;
}

function lineOf(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}

type Token = ReturnType<typeof tokenize>[number];

/** The parser makes JavaScript numbers of literals; an integer that none holds is given as the text that `int` reads. */
function exactLiteral(token: Token): Token | Token[] {
  if (token.type !== 'NumericLiteral' || token.value.includes('.') || Number.isSafeInteger(Number(token.value))) return token;
  return (
    [
      ['OpenParen', '('],
      ['StringLiteral', token.value],
      ['Pipe', '|'],
      ['Identifier', 'int'],
      ['CloseParen', ')'],
    ] as const
  ).map(([type, value]) => ({ type, value }));
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
      remedy:
        line === undefined
          ? `Choose another chat template, such as one that comes with the program: ${TEMPLATE_NAMES.join(', ')}.`
          : "Correct this line, or begin again from the model's own template.",
    },
    cause,
  );
}
