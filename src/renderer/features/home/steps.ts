import type { FirstStep } from '../../../shared/domain/first-steps.ts';
import { element } from './element.ts';

export function stepItem({ title, command, note }: FirstStep): HTMLElement {
  return element('li', 'step', [element('div', 'step-head', [element('h3', '', title), element('p', 'note', note)]), element('code', 'command', command)]);
}
