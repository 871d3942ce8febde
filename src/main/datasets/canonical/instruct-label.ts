import { askedWithInput, pairRow } from './pair-row.ts';
import { answerText, optionalText, refuse, requiredText, type Converter } from './row-result.ts';

/** instruct, input and label. Without turns, instruct and input are joined without a separator, headings or not (spec 1.5). */
export const convertInstructLabel: Converter = (row, source, context) => {
  const { plan } = context;
  const instruct = requiredText(row, plan.columns, 'instruct');
  const input = optionalText(row, plan.columns, 'input');
  const answer = answerText(row, plan.columns, 'label');
  if (typeof instruct !== 'string') return instruct;
  if (typeof input !== 'string') return input;
  if (typeof answer !== 'string') return answer;
  const prompt = instruct + input;
  if (prompt.trim() === '') return refuse('instruct and input are both blank');
  const underHeadings = () => ({ kind: 'prompt-completion' as const, source, prompt, completion: answer });
  return pairRow({ asked: askedWithInput(instruct, input), prompt, answer, underHeadings }, row, source, context);
};
