import { columnOf, refuse, requiredText, type Converter } from './row-result.ts';

/** Plain text, trained whole. An empty one would become a lone end token with nothing to learn (spec 1.4). */
export const convertText: Converter = (row, source, { plan }) => {
  const text = requiredText(row, plan.columns, 'text');
  if (typeof text !== 'string') return text;
  return text === '' ? refuse(`${columnOf(plan.columns, 'text')} is empty`) : { kind: 'text', source, text };
};
