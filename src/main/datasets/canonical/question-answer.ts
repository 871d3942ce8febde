import { columnOf, refuse, requiredText, type Converter } from './row-result.ts';

/** Question and answer as one text under fixed Chinese headings, trained whole (spec 1.5). */
export const convertQuestionAnswer: Converter = (row, source, { plan }) => {
  const question = requiredText(row, plan.columns, 'question');
  const answer = requiredText(row, plan.columns, 'answer');
  if (typeof question !== 'string') return question;
  if (typeof answer !== 'string') return answer;
  if (answer === '') return refuse(`${columnOf(plan.columns, 'answer')} is empty`);
  return { kind: 'text', source, text: `### 指令: ${question}\n### 回應: ${answer}` };
};
