/** Finds the texts with which a chat template opens user and assistant turns, by rendering a probe. */
import type { Message } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { TEMPLATE_NAMES } from '../../../shared/domain/chat-templates.ts';
import type { ChatTemplate } from './chat-template/chat-template.ts';

export interface ResponseMarkers {
  /** Opens a user turn, e.g. `<|im_start|>user\n`. */
  readonly instruction: string;
  /** Opens an assistant turn, e.g. `<|im_start|>assistant\n`. */
  readonly response: string;
}

const TURNS = ['question alpha', 'answer alpha', 'question beta', 'answer beta', 'question gamma', 'answer gamma'];

/** @throws AppError E-GEN-MARK if the template gives its turns no recognisable headers. */
export function detectResponseMarkers(template: ChatTemplate): ResponseMarkers {
  const messages = TURNS.map((content, i): Message => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
  const asked = messages.slice(0, 5);
  const plain = template.render({ messages: asked }).text;
  const prompted = template.render({ messages: asked, addGenerationPrompt: true }).text;
  const gaps = gapsBetween(template.render({ messages }).text);
  const response = prompted.startsWith(plain) ? prompted.slice(plain.length) : '';
  const [toAnswer, toQuestion] = [commonText(gaps.filter((_, i) => i % 2 === 0)), commonText(gaps.filter((_, i) => i % 2 === 1))];
  if (toAnswer === undefined || toQuestion === undefined || response === '' || !toAnswer.endsWith(response)) throw undetected();
  // Both roles usually end a turn alike; what is left of the gap is then the user's header.
  const endOfTurn = toAnswer.slice(0, toAnswer.length - response.length);
  const instruction = toQuestion.startsWith(endOfTurn) ? toQuestion.slice(endOfTurn.length) : toQuestion;
  if (instruction === '') throw undetected();
  return { instruction, response };
}

/** The text between each two turns of the probe. */
function gapsBetween(text: string): readonly (string | undefined)[] {
  return TURNS.slice(1).map((turn, i) => {
    const previous = TURNS[i] as string;
    const start = text.indexOf(previous);
    const end = text.indexOf(turn, start);
    return start < 0 || end < 0 ? undefined : text.slice(start + previous.length, end);
  });
}

// Templates may treat the last turn differently, so the most common text decides.
function commonText(gaps: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  for (const gap of gaps) if (gap !== undefined) counts.set(gap, (counts.get(gap) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

function undetected(): AppError {
  return new AppError({
    code: 'E-GEN-MARK',
    message: 'Only the assistant\'s turns should be trained, but the chat template does not mark them with {% generation %} and its turn headers could not be recognised.',
    remedy: `Learn from everything (loss "all"), or choose a chat template that comes with the program: ${TEMPLATE_NAMES.join(', ')}.`,
  });
}
