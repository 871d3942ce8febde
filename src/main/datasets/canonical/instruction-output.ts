import { askedWithInput, pairRow } from './pair-row.ts';
import { answerText, optionalText, refuse, requiredText, type Converter } from './row-result.ts';

/** Alpaca rows: one user and one assistant message, or the Stanford template as text (spec 1.5). */
export const convertInstructionOutput: Converter = (row, source, context) => {
  const { plan } = context;
  const instruction = requiredText(row, plan.columns, 'instruction');
  const input = optionalText(row, plan.columns, 'input');
  const answer = answerText(row, plan.columns, 'output');
  if (typeof instruction !== 'string') return instruction;
  if (typeof input !== 'string') return input;
  if (typeof answer !== 'string') return answer;
  const asked = askedWithInput(instruction, input);
  if (asked.trim() === '') return refuse('instruction and input are both blank');
  const underHeadings = () => ({ kind: 'prompt-completion' as const, source, prompt: stanfordPrompt(instruction, input), completion: answer });
  return pairRow({ asked, prompt: asked, answer, underHeadings }, row, source, context);
};

/** The prompt of Stanford Alpaca, up to and with the line break after "### Response:". */
function stanfordPrompt(instruction: string, input: string): string {
  const head = 'Below is an instruction that describes a task';
  const ask = 'Write a response that appropriately completes the request.';
  if (input === '') return `${head}. ${ask}\n\n### Instruction:\n${instruction}\n\n### Response:\n`;
  const paired = `${head}, paired with an input that provides further context. ${ask}`;
  return `${paired}\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:\n`;
}
