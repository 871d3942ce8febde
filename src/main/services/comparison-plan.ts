/** @file What a comparison asks of the engine: adapters, titles, prompt and template, settled before anything is loaded. */
import type { Column, GenerateRequest } from '../../shared/domain/generation.ts';
import type { ModelFacts, ModelRecord } from '../../shared/domain/model.ts';
import type { RunDetail } from '../../shared/domain/run-record.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import type { ComparedColumn } from './comparison-transcript.ts';
import type { Prompt } from './playground.ts';
import type { RunLibrary } from './run-library.ts';

export interface ComparisonPlan {
  readonly columns: readonly (ComparedColumn & { readonly adapter: string | null })[];
  readonly prompt: Prompt;
  readonly chatTemplate: string | null;
  readonly notices: readonly string[];
}

/** @throws AppError of the model, COLUMN-MODEL, RUN-UNKNOWN, ADAPTER-NONE */
export async function planComparison(request: GenerateRequest, model: ModelRecord, runs: Pick<RunLibrary, 'get' | 'adapterFolder'>): Promise<ComparisonPlan> {
  if (model.state.kind === 'unusable') throw new AppError(model.state.error);
  const details = new Map(request.columns.flatMap((column) => (column.kind === 'run' ? [[column.runId, runs.get(column.runId)] as const] : [])));
  for (const run of details.values()) refuseOtherModel(run, model);
  const columns = await Promise.all(request.columns.map(async (column) => {
    if (column.kind === 'base') return { column, title: model.name, adapter: null };
    return { column, title: titleOf(details.get(column.runId)!, column.checkpoint), adapter: await runs.adapterFolder(column.runId, column.checkpoint) };
  }));
  const template = commonTemplate([...details.values()]);
  const prompt = promptOf(request, model.state.facts, template.text);
  return { columns, prompt: prompt.prompt, chatTemplate: template.text, notices: [...template.notices, ...prompt.notices] };
}

/** An adapter fits the weights it was trained on and no others. */
function refuseOtherModel(run: RunDetail, model: ModelRecord): void {
  if (run.model.id === model.id || run.model.path === model.path) return;
  throw new AppError({
    code: 'COLUMN-MODEL',
    message: `The run ${run.name} was trained on ${run.model.name}, not on ${model.name}: its adapter does not fit.`,
    data: { runId: run.id, runModel: run.model.path, model: model.path },
    remedy: `Compare it with ${run.model.name}, or take the column away.`,
  });
}

function titleOf(run: RunDetail, checkpoint: number | null): string {
  const step = checkpoint ?? (run.hasAdapter ? null : (run.checkpoints.at(-1) ?? null));
  return `${run.name} · step ${step ?? run.step}`;
}

/** The template that the tuned columns learned with, where they agree: all columns read the same tokens. */
function commonTemplate(runs: readonly RunDetail[]): { readonly text: string | null; readonly notices: readonly string[] } {
  const templates = new Set(runs.map(({ recipe }) => recipe.chat_template));
  const own = [...templates].filter((template) => template !== null);
  if (own.length === 0) return { text: null, notices: [] };
  if (templates.size === 1) return { text: own[0]!, notices: ['The prompt is written with the chat template of the recipe, as in training.'] };
  return { text: null, notices: ['These runs were trained with different chat templates; all columns get the prompt in the model\'s own.'] };
}

function promptOf({ prompt, system, plain }: GenerateRequest, facts: ModelFacts, template: string | null): { readonly prompt: Prompt; readonly notices: readonly string[] } {
  if (plain) return { prompt: { kind: 'text', text: prompt }, notices: system === null || system.trim() === '' ? [] : ['Plain text has no system prompt: it is left out.'] };
  if (system === null || system.trim() === '') return { prompt: { kind: 'question', text: prompt }, notices: [] };
  if (facts.chatTemplate === null && template === null) {
    return { prompt: { kind: 'question', text: prompt }, notices: ['This model has no chat template, so the system prompt is left out and the prompt is given as plain text.'] };
  }
  return { prompt: { kind: 'messages', messages: [{ role: 'system', content: system }, { role: 'user', content: prompt }] }, notices: [] };
}

/** Two columns may not be told apart by what is asked, only by their place. */
export function columnName(column: Column, index: number): string {
  return column.kind === 'base' ? `${index}:base` : `${index}:${column.runId}`;
}
