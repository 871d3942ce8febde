import { pairRow } from './pair-row.ts';
import { answerText, requiredText, type Converter, refuse, columnOf } from './row-result.ts';

/** Question and answer as turns; under headings they are one text, trained whole (spec 1.5). */
export const convertQuestionAnswer: Converter = (row, source, context) => {
  const { plan } = context;
  const question = requiredText(row, plan.columns, 'question');
  const answer = answerText(row, plan.columns, 'answer');
  if (typeof question !== 'string') return question;
  if (typeof answer !== 'string') return answer;
  if (question.trim() === '') return refuse(`${columnOf(plan.columns, 'question')} is blank`);
  const underHeadings = () => ({ kind: 'text' as const, source, text: `### 指令: ${question}\n### 回應: ${answer}` });
  return pairRow({ asked: question, prompt: question, answer, underHeadings }, row, source, context);
};
