import { columnOf, optionalText, refuse, requiredText, type Converter } from './row-result.ts';

/** Alpaca rows: the Stanford template as text, or one user and one assistant message (spec 1.5). */
export const convertInstructionOutput: Converter = (row, source, { plan }) => {
  const instruction = requiredText(row, plan.columns, 'instruction');
  const input = optionalText(row, plan.columns, 'input');
  const output = requiredText(row, plan.columns, 'output');
  if (typeof instruction !== 'string') return instruction;
  if (typeof input !== 'string') return input;
  if (typeof output !== 'string') return output;
  if (output === '') return refuse(`${columnOf(plan.columns, 'output')} is empty`);
  if (instruction === '' && input === '') return refuse('instruction and input are both empty');
  if (plan.alpaca === 'template') {
    return { kind: 'prompt-completion', source, prompt: stanfordPrompt(instruction, input), completion: output };
  }
  return {
    kind: 'chat-prompt-completion',
    source,
    prompt: [{ role: 'user', content: input === '' ? instruction : `${instruction}\n${input}` }],
    completion: [{ role: 'assistant', content: output }],
  };
};

/** The prompt of Stanford Alpaca, up to and with the line break after "### Response:". */
function stanfordPrompt(instruction: string, input: string): string {
  const head = 'Below is an instruction that describes a task';
  const ask = 'Write a response that appropriately completes the request.';
  if (input === '') return `${head}. ${ask}\n\n### Instruction:\n${instruction}\n\n### Response:\n`;
  const paired = `${head}, paired with an input that provides further context. ${ask}`;
  return `${paired}\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:\n`;
}
