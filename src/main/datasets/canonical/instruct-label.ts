import { columnOf, optionalText, refuse, requiredText, type Converter } from './row-result.ts';

/** instruct and input joined without a separator, label as the completion (spec 1.5). */
export const convertInstructLabel: Converter = (row, source, { plan }) => {
  const instruct = requiredText(row, plan.columns, 'instruct');
  const input = optionalText(row, plan.columns, 'input');
  const label = requiredText(row, plan.columns, 'label');
  if (typeof instruct !== 'string') return instruct;
  if (typeof input !== 'string') return input;
  if (typeof label !== 'string') return label;
  if (label === '') return refuse(`${columnOf(plan.columns, 'label')} is empty`);
  return { kind: 'prompt-completion', source, prompt: instruct + input, completion: label };
};
