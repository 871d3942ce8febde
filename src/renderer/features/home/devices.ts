import type { DevicesAnswer } from '../../../shared/domain/studio-api.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { DeviceReport } from '../../../shared/domain/device.ts';
import { deviceWords } from './device-words.ts';
import { element } from './element.ts';

/** While the engine is asked. */
export function devicesAsked(): readonly HTMLElement[] {
  return [element('p', 'card note', 'Asking the engine what it finds…')];
}

export function devicesAnswered(answer: DevicesAnswer): readonly HTMLElement[] {
  switch (answer.kind) {
    case 'devices':
      return answer.reports.map(card);
    case 'failed':
      return [element('p', 'card failure', [answer.error.message, answer.error.remedy ?? ''].join(' ').trim())];
    default:
      return assertNever(answer);
  }
}

function card(report: DeviceReport): HTMLElement {
  const { name, state, description } = deviceWords(report);
  const badge = element('span', `badge ${report.available ? 'badge-good' : 'badge-idle'}`, state);
  return element('article', 'card', [element('div', 'card-head', [element('h3', '', name), badge]), element('p', 'note', description)]);
}
