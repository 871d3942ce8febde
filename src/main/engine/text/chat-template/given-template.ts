/** @file A `chat_template` as a person gives it: the name of one that comes with the program, or a template's own text. */
import { isTemplateName, namedChatTemplate, TEMPLATE_NAMES } from '../../../../shared/domain/chat-templates.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { nearestName } from '../../../../shared/lib/nearest-name.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';

/** The text behind a name; text that is no name as it stands. @throws AppError E-TEMPLATE for a name that none has */
export function templateText(given: string): string {
  const named = namedChatTemplate(given);
  if (named !== null) return named.source;
  if (!isTemplateName(given)) return given;
  const nearest = nearestName(given.trim().toLowerCase(), TEMPLATE_NAMES);
  throw new AppError({
    code: 'E-TEMPLATE',
    message: `No chat template that comes with the program is called "${given.trim()}"${nearest === null ? '' : `; did you mean "${nearest}"?`}`,
    data: { given },
    remedy: `Choose one of ${TEMPLATE_NAMES.join(', ')}, or give the text of a Jinja template.`,
  });
}

/** @throws AppError E-TEMPLATE */
export function givenTemplate(given: string, specialTokens: Readonly<Record<string, string>>): ChatTemplate {
  const named = namedChatTemplate(given);
  return createChatTemplate(templateText(given), { origin: named === null ? 'the recipe' : `the name "${named.name}"`, specialTokens });
}
