/** @file What a comparison asks of the engine: adapters, titles, prompt and template, settled before anything is loaded. */
import type { Message } from '../../../shared/domain/dataset.ts';
import type { Column, GenerateRequest } from '../../../shared/domain/generation.ts';
import type { ModelFacts, ModelRecord } from '../../../shared/domain/model.ts';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import type { RunDetail } from '../../../shared/domain/run-record.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ComparedColumn } from './comparison-transcript.ts';
import type { Prompt } from './answering.ts';
import type { RunLibrary } from '../runs/run-library.ts';

export interface ComparisonPlan {
  readonly columns: readonly (ComparedColumn & { readonly weights: Outcome | null })[];
  readonly prompt: Prompt;
  readonly chatTemplate: string | null;
  readonly notices: readonly string[];
}

type Runs = Pick<RunLibrary, 'get' | 'outcome'>;

/** @throws AppError of the model, COLUMN-MODEL, RUN-UNKNOWN, ADAPTER-NONE */
export async function planComparison(request: GenerateRequest, model: ModelRecord, runs: Runs): Promise<ComparisonPlan> {
  if (model.state.kind === 'unusable') throw new AppError(model.state.error);
  const details = runsOf(request.columns, model, runs);
  const columns = await planColumns(request.columns, model, runs);
  const template = commonTemplate([...details.values()]);
  const prompt = promptOf(request, model.state.facts, template.text);
  return { columns, prompt: prompt.prompt, chatTemplate: template.text, notices: [...template.notices, ...prompt.notices] };
}

/** Weights and titles alone. @throws AppError COLUMN-MODEL, RUN-UNKNOWN, ADAPTER-NONE */
export async function planColumns(columns: readonly Column[], model: ModelRecord, runs: Runs): Promise<ComparisonPlan['columns']> {
  const details = runsOf(columns, model, runs);
  return Promise.all(
    columns.map(async (column) => {
      if (column.kind === 'base') return { column, title: model.name, weights: null };
      return { column, title: titleOf(details.get(column.runId)!, column.checkpoint), weights: await runs.outcome(column.runId, column.checkpoint) };
    }),
  );
}

function runsOf(columns: readonly Column[], model: ModelRecord, runs: Runs): ReadonlyMap<string, RunDetail> {
  const details = new Map(columns.flatMap((column) => (column.kind === 'run' ? [[column.runId, runs.get(column.runId)] as const] : [])));
  for (const run of details.values()) refuseOtherModel(run, model);
  return details;
}

/** An adapter fits the weights it was trained on and no others; a tuned model is compared with what it was made of. */
function refuseOtherModel(run: RunDetail, model: ModelRecord): void {
  if (run.model.id === model.id || run.model.path === model.path) return;
  throw new AppError({
    code: 'COLUMN-MODEL',
    message: `The run ${run.name} was trained on ${run.model.name}, not on ${model.name}${run.yields === 'adapter' ? ': its adapter does not fit' : ''}.`,
    data: { runId: run.id, runModel: run.model.path, model: model.path },
    remedy: `Compare it with ${run.model.name}, or take the column away.`,
  });
}

function titleOf(run: RunDetail, checkpoint: number | null): string {
  const step = checkpoint ?? (run.hasOutcome ? null : (run.checkpoints.at(-1) ?? null));
  return `${run.name} · step ${step ?? run.step}`;
}

/** The template that the tuned columns learned with, where they agree: all columns read the same tokens. */
function commonTemplate(runs: readonly RunDetail[]): { readonly text: string | null; readonly notices: readonly string[] } {
  const templates = new Set(runs.map(({ recipe }) => recipe.chat_template));
  const own = [...templates].filter((template) => template !== null);
  if (own.length === 0) return { text: null, notices: [] };
  if (templates.size === 1) return { text: own[0]!, notices: ['The prompt is written with the chat template of the recipe, as in training.'] };
  return { text: null, notices: ["These runs were trained with different chat templates; all columns get the prompt in the model's own."] };
}

function promptOf(
  request: GenerateRequest,
  facts: ModelFacts,
  template: string | null,
): { readonly prompt: Prompt; readonly notices: readonly string[] } {
  const { prompt, plain, turns } = request;
  const system = request.system?.trim() ? request.system : null;
  const hasTemplate = facts.chatTemplate !== null || template !== null;
  const lost = [...(system === null ? [] : ['the system prompt']), ...(turns.length === 0 ? [] : ['what was said before'])].join(' and ');
  if (plain) return { prompt: { kind: 'text', text: prompt }, notices: lost === '' ? [] : [`Plain text is one prompt: ${lost} is left out.`] };
  if (lost === '') return { prompt: { kind: 'question', text: prompt }, notices: [] };
  if (!hasTemplate)
    return {
      prompt: { kind: 'question', text: prompt },
      notices: [`This model has no chat template, so ${lost} is left out and the prompt is given as plain text.`],
    };
  if (turns.length === 0) return { prompt: { kind: 'messages', messages: conversation(request, system, 0) }, notices: [] };
  return { prompt: { kind: 'chats', chats: request.columns.map((_, index) => conversation(request, system, index)) }, notices: [] };
}

/** What one column is asked: the turns with its own answers, then the prompt. @throws AppError COMPARE-TURNS */
function conversation({ prompt, turns }: GenerateRequest, system: string | null, column: number): Message[] {
  const said = turns.flatMap((turn) => {
    const answer = turn.answers[column];
    if (answer === undefined)
      throw new AppError({
        code: 'COMPARE-TURNS',
        message: `An earlier turn has ${turn.answers.length} answers, which is fewer than there are columns.`,
        remedy: 'Start a new conversation: columns that were added have said nothing yet.',
      });
    return [
      { role: 'user', content: turn.prompt },
      { role: 'assistant', content: answer },
    ];
  });
  return [...(system === null ? [] : [{ role: 'system', content: system }]), ...said, { role: 'user', content: prompt }];
}

/** Two columns may not be told apart by what is asked, only by their place. */
export function columnName(column: Column, index: number): string {
  return column.kind === 'base' ? `${index}:base` : `${index}:${column.runId}`;
}
