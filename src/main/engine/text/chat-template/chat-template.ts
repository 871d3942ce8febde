/**
 * Renders conversations as `apply_chat_template` of transformers 5.18 does (spec section 4), with the character spans
 * of its generation blocks. A rendering is bounded in work and in output, so no worker and no clock is needed to stop
 * a template that loops: the same row fails at the same point on every machine.
 */
import { TEMPLATE_NAMES } from '../../../../shared/domain/chat-templates.ts';
import type { Message } from '../../../../shared/domain/dataset.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { shortened } from '../../../../shared/lib/shortened.ts';
import { compileTemplate } from './compile.ts';
import { fromJson } from './from-json.ts';
import { Interpreter, Scope } from './interpreter.ts';
import { textSize } from './python-values.ts';
import { strip } from './python-strings.ts';
import { strftime } from './strftime.ts';
import { templateGlobals } from './template-globals.ts';
import { metered, TemplateError, TemplateLimitError } from './work-meter.ts';

/** Steps of evaluation per conversation: less than a second of a template that never ends; real ones take thousands. */
const MAX_STEPS = 3_000_000;
/** And so many for each character of the row, so that a long one may be gone over as often as a short one. */
const STEPS_PER_CHARACTER = 1;
/** UTF-16 units of one rendered conversation, or of any value made on the way. */
const MAX_OUTPUT = 8_388_608;

/** Characters that a message repeats of what a template or a row said. */
const MAX_REASON = 600;
const MAX_ROLE = 60;

const CONTINUE_TAG = 'CONTINUE_FINAL_MESSAGE_TAG ';

// Names that apply_chat_template passes itself; a row may not replace them.
const RESERVED = new Set([
  'messages',
  'conversation',
  'chat_template',
  'add_generation_prompt',
  'continue_final_message',
  'tokenize',
  'return_assistant_tokens_mask',
]);

export interface RenderRequest {
  readonly messages: readonly Message[];
  readonly addGenerationPrompt?: boolean | undefined;
  /** JSON schemas of tools; absent means none. */
  readonly tools?: readonly unknown[] | undefined;
  /** Extra template variables (`chat_template_kwargs` of the row). */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Leaves the last message open so that a model can go on writing it. */
  readonly continueFinalMessage?: boolean | undefined;
  /** 1-based row of the user's file, for messages. */
  readonly source?: number | undefined;
}

export interface RenderedChat {
  readonly text: string;
  /** [start, end) of each `{% generation %}` block in `text`, UTF-16 units, in order. */
  readonly generations: readonly (readonly [number, number])[];
}

export interface ChatTemplate {
  readonly source: string;
  readonly hasGenerationMarkers: boolean;
  /** @throws AppError E-ROLES (the template refused the row), E-TEMPLATE (the template is broken or does not end). */
  readonly render: (request: RenderRequest) => RenderedChat;
}

export interface ChatTemplateOptions {
  /** Where the template comes from, for messages. */
  readonly origin: string;
  /** Named special tokens, e.g. `{ bos_token: '<s>' }`; every one becomes a variable. */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** Clock of `strftime_now`. */
  readonly now?: () => Date;
}

/** @throws AppError E-TEMPLATE if the text is not a template we can run. */
export function createChatTemplate(source: string, options: ChatTemplateOptions): ChatTemplate {
  const { body, hasGenerationMarkers } = compileTemplate(source, options.origin);
  const now = options.now ?? (() => new Date());
  const render = (request: RenderRequest): RenderedChat => {
    checkRequest(request, source);
    const variables = variablesOf(request, options.specialTokens);
    try {
      const globals = new Scope();
      for (const [name, value] of templateGlobals((format) => strftime(now(), format))) globals.set(name, value);
      const scope = new Scope(globals);
      let given = 0;
      for (const [name, value] of Object.entries(variables)) {
        const converted = fromJson(value);
        given += textSize(converted);
        scope.set(name, converted);
      }
      const interpreter = new Interpreter();
      const text = metered(MAX_STEPS + given * STEPS_PER_CHARACTER, MAX_OUTPUT, () => interpreter.render(body, scope));
      return request.continueFinalMessage === true
        ? { text: cutAtTag(text, request), generations: [] }
        : { text, generations: interpreter.generations };
    } catch (error) {
      throw renderError(error, request, options.origin);
    }
  };
  return { source, hasGenerationMarkers, render };
}

function checkRequest(request: RenderRequest, source: string): void {
  if (request.messages.length === 0) throw refused(request, 'the conversation is empty');
  const clash = Object.keys(request.kwargs ?? {}).find((name) => RESERVED.has(name));
  if (clash !== undefined) throw refused(request, `chat_template_kwargs may not set "${clash}"`);
  if (request.continueFinalMessage !== true) return;
  if (request.addGenerationPrompt === true) throw refused(request, 'a generation prompt and continuing the final message exclude each other');
  if (!source.includes('content')) throw refused(request, 'the template does not print message contents, so nothing can be continued');
}

function variablesOf(request: RenderRequest, specialTokens: Readonly<Record<string, string>>): Record<string, unknown> {
  return {
    ...specialTokens,
    documents: null,
    ...request.kwargs,
    messages: request.continueFinalMessage === true ? withTag(request) : request.messages,
    tools: request.tools ?? null,
    add_generation_prompt: request.addGenerationPrompt ?? false,
  };
}

function withTag(request: RenderRequest): readonly Message[] {
  const last = request.messages.at(-1) as Message;
  if (typeof last.content === 'string') return [...request.messages.slice(0, -1), { ...last, content: last.content + CONTINUE_TAG }];
  const at = Array.isArray(last.content) ? last.content.findLastIndex((block) => typeof block['text'] === 'string') : -1;
  if (at < 0 || !Array.isArray(last.content)) throw refused(request, 'the final message has no text to continue');
  const content = last.content.map((block, i) => (i === at ? { ...block, text: `${String(block['text'])}${CONTINUE_TAG}` } : block));
  return [...request.messages.slice(0, -1), { ...last, content }];
}

function cutAtTag(text: string, request: RenderRequest): string {
  const at = text.lastIndexOf(CONTINUE_TAG.trim());
  if (at < 0) throw refused(request, 'the final message does not appear in the rendered text, so it cannot be continued');
  const kept = text.slice(0, at);
  return text.startsWith(CONTINUE_TAG, at) ? kept : strip(kept, 'right');
}

function refused(request: RenderRequest, reason: string, cause?: unknown): AppError {
  const where = request.source === undefined ? 'The conversation' : `Row ${request.source}`;
  const said = shortened(reason, MAX_REASON);
  return new AppError(
    {
      code: 'E-ROLES',
      message: `${where} does not fit the chat template: ${said}`,
      data: {
        source: request.source,
        reason: said,
        roles: request.messages.slice(0, 20).map((message) => shortened(String(message.role), MAX_ROLE)),
      },
      remedy: 'Correct the roles and contents of this row, or choose another chat template.',
    },
    cause,
  );
}

function renderError(error: unknown, request: RenderRequest, origin: string): unknown {
  const overflow = error instanceof RangeError; // nesting or recursion in the template reached the end of our stack
  const limit = error instanceof TemplateLimitError;
  const unknown = error instanceof TemplateError && /^No (filter|test) named/.test(error.message);
  if (overflow || unknown || limit) {
    const where = request.source === undefined ? '' : ` on row ${request.source}`;
    const reason = overflow ? 'it nests too deeply or recurses without end' : shortened((error as TemplateError).message, MAX_REASON);
    return new AppError(
      {
        code: 'E-TEMPLATE',
        message: `The chat template of ${origin} failed${where}: ${reason}.`,
        data: { origin, source: request.source },
        remedy: `Choose another chat template, such as one that comes with the program: ${TEMPLATE_NAMES.join(', ')}.`,
      },
      error,
    );
  }
  return error instanceof TemplateError ? refused(request, error.message, error) : error;
}
