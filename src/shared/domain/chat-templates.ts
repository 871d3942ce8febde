/**
 * @file Chat templates that come with the program, for models that have none and for people who want another. Each marks with
 * `{% generation %}` what the assistant says, its end included. `chat_template` of a recipe may name one of them. Where the
 * tokenizer names a BOS, all but ChatML print it: a rendered chat gets no special token that its template does not print.
 */
export interface NamedChatTemplate {
  /** What a recipe says: `"chat_template": "chatml"`. */
  readonly name: string;
  readonly label: string;
  /** One sentence: what it looks like and whom it suits. */
  readonly help: string;
  readonly source: string;
}

const chatml = String.raw`{%- for message in messages -%}
    {{- '<|im_start|>' + message['role'] + '\n' -}}
    {%- if message['role'] == 'assistant' -%}
        {%- generation -%}
            {{- message['content'] + '<|im_end|>' -}}
        {%- endgeneration -%}
        {{- '\n' -}}
    {%- else -%}
        {{- message['content'] + '<|im_end|>\n' -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- '<|im_start|>assistant\n' -}}
{%- endif -%}
`;

/** Turns under headings or words, one after the other; the assistant's ends with the tokenizer's EOS. */
function headed(user: string, assistant: string, cue: string, between: string): string {
  const quoted = (text: string) => `'${text.replaceAll('\n', '\\n')}'`;
  return `{{- bos_token -}}
{%- for message in messages -%}
    {%- if not loop.first -%}
        {{- ${quoted(between)} -}}
    {%- endif -%}
    {%- if message['role'] == 'system' -%}
        {{- message['content'] -}}
    {%- elif message['role'] == 'user' -%}
        {{- ${quoted(user)} + message['content'] -}}
    {%- elif message['role'] == 'assistant' -%}
        {{- ${quoted(assistant)} -}}
        {%- generation -%}
            {{- (${quoted(cue)} + message['content']) ~ eos_token -}}
        {%- endgeneration -%}
    {%- else -%}
        {{- raise_exception('This template knows the roles system, user and assistant, not ' + message['role']) -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- ${quoted(`${between}${assistant}`)} -}}
{%- endif -%}
`;
}

const llama2 = String.raw`{%- set system = '' -%}
{%- set turns = messages -%}
{%- if messages[0]['role'] == 'system' -%}
    {%- set system = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' -%}
    {%- set turns = messages[1:] -%}
{%- endif -%}
{%- for message in turns -%}
    {%- if message['role'] == 'user' -%}
        {{- bos_token ~ ('[INST] ' + (system if loop.first else '') + message['content']) ~ ' [/INST]' -}}
    {%- elif message['role'] == 'assistant' -%}
        {%- generation -%}
            {{- (' ' + message['content'] + ' ') ~ eos_token -}}
        {%- endgeneration -%}
    {%- else -%}
        {{- raise_exception('This template knows one system turn at the start, then user and assistant, not ' + message['role']) -}}
    {%- endif -%}
{%- endfor -%}
`;

/** In the order in which they are offered. */
export const NAMED_CHAT_TEMPLATES: readonly NamedChatTemplate[] = [
  {
    name: 'chatml',
    label: 'ChatML',
    help: 'Turns between <|im_start|> and <|im_end|>: for models whose tokenizer has these tokens, such as Qwen and SmolLM2.',
    source: chatml,
  },
  {
    name: 'alpaca',
    label: 'Alpaca',
    help: 'Headings ### Instruction and ### Response: for base models without tokens for turns.',
    source: headed('### Instruction:\n', '### Response:\n', '', '\n\n'),
  },
  {
    name: 'vicuna',
    label: 'Vicuna',
    help: 'One line with USER: and ASSISTANT: between the turns.',
    source: headed('USER: ', 'ASSISTANT:', ' ', ' '),
  },
  { name: 'llama2', label: 'Llama 2', help: 'Questions between [INST] and [/INST], the system prompt inside the first.', source: llama2 },
  {
    name: 'zephyr',
    label: 'Zephyr',
    help: 'Lines <|user|> and <|assistant|> above the turns, written as plain text where the tokenizer has no such tokens.',
    source: headed('<|user|>\n', '<|assistant|>\n', '', '\n'),
  },
  {
    name: 'plain',
    label: 'User and Assistant',
    help: 'The words User: and Assistant: before the turns, and nothing else.',
    source: headed('User: ', 'Assistant:', ' ', '\n\n'),
  },
];

export const TEMPLATE_NAMES: readonly string[] = NAMED_CHAT_TEMPLATES.map(({ name }) => name);

/** A template without its marks, for programs that do not know `{% generation %}`; it prints the same. */
export function withoutGenerationMarks(source: string): string {
  return source.replace(/[ \t]*\{%-?\s*(?:end)?generation\s*-?%\}(?:\r?\n)?/g, '');
}

/** The template that a `chat_template` names, or null where it is a template's own text. */
export function namedChatTemplate(given: string): NamedChatTemplate | null {
  const name = given.trim().toLowerCase();
  return NAMED_CHAT_TEMPLATES.find((template) => template.name === name) ?? null;
}

/** Whether a `chat_template` is a single word, and so must be the name of one. */
export function isTemplateName(given: string): boolean {
  return /^[\w .-]{1,40}$/.test(given.trim());
}
