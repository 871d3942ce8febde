/** @file How the assistant's turns of a template are found: by its marks, by TRL's rule for it, or by walking the rendered text. */
import { SpanFinder, type Span } from './assistant-spans.ts';
import { createChatTemplate, type ChatTemplate, type RenderRequest } from './chat-template/chat-template.ts';
import { trainingText, trlRule, type TrlRule } from './trl-templates.ts';

export interface RenderedTurns {
  readonly text: string;
  /** [start, end) in UTF-16 units of the text. */
  readonly spans: readonly Span[];
  /** Whether the template itself marks the spans: their borders then follow transformers to the letter. */
  readonly marked: boolean;
  /** Turns of the assistant that could not be found; they are not learned. */
  readonly lost: number;
}

export interface TurnRenderer {
  readonly how: 'marks' | 'trl' | 'found';
  readonly rule: TrlRule | null;
  readonly render: (request: RenderRequest) => RenderedTurns;
  /** The template that training prints with. */
  readonly template: ChatTemplate;
}

/** Renders conversations of one template with the assistant's turns. */
export function turnRenderer(template: ChatTemplate, specialTokens: Readonly<Record<string, string>>): TurnRenderer {
  if (template.hasGenerationMarkers) {
    const render = (request: RenderRequest): RenderedTurns => {
      const { text, generations } = template.render(request);
      return { text, spans: generations, marked: true, lost: 0 };
    };
    return { how: 'marks', rule: null, render, template };
  }
  const rule = trlRule(template.source);
  const used =
    rule === null || rule.reads.length === 0
      ? template
      : createChatTemplate(trainingText(template.source, rule), { origin: `the training form of ${rule.name}`, specialTokens });
  const finder = new SpanFinder(used);
  const render = (request: RenderRequest): RenderedTurns => {
    const { text } = used.render(request);
    const { spans, lost } = finder.find(request, text);
    return { text, spans: rule === null ? spans : spans.map((span) => withHeader(text, span, rule.learnsHeader)), marked: rule !== null, lost };
  };
  return { how: rule === null ? 'found' : 'trl', rule, render, template: used };
}

function withHeader(text: string, [start, end]: Span, header: string): Span {
  return header !== '' && text.endsWith(header, start) ? [start - header.length, end] : [start, end];
}
