/** @file Who speaks, under the names that files use (spec 1.5). TRL keeps them, and templates then print `human`. */

/** Roles that chat templates know. */
export const TEMPLATE_ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant', 'tool']);

/** A turn whose value is the JSON of a call, or of a list of them. */
export const CALL_ROLES: ReadonlySet<string> = new Set(['function_call', 'tool_call']);

/** Other names of the roles that templates know, in lower case. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  system: ['系统', '系統'],
  user: ['human', 'input', 'prompter', 'question', '用户', '用戶', '使用者'],
  assistant: [
    'gpt',
    'chatgpt',
    'bing',
    'bard',
    'claude',
    'bot',
    'chatbot',
    'ai',
    'model',
    'output',
    'answer',
    'function_call',
    'tool_call',
    '助手',
    '助理',
  ],
  tool: ['observation', 'function_response', 'tool_response', 'function'],
};

const ROLE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([role, names]) => [role, ...names].map((name): [string, string] => [name, role])),
);

/** The template's name for a role, whatever its case; undefined for one that is not known. */
export function roleOf(name: string): string | undefined {
  return ROLE_OF.get(name.trim().toLowerCase());
}

export const KNOWN_ROLES: readonly string[] = [...ROLE_OF.keys()].filter((name) => /^[a-z_]+$/.test(name));
