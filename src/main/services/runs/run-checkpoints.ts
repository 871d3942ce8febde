/** @file Which checkpoint a run goes on from: the newest that is as it was written. The engine looks; what it finds is told, whatever it is. */
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { type CheckpointSurvey, startJob } from '../../engine-host/engine-host.ts';
import type { RunFolder } from './run-folder.ts';

/** What a person is told as the run goes on. */
export interface RunNotice {
  readonly level: 'info' | 'warning';
  readonly message: string;
}

export interface SoundCheckpoint {
  /** Null where nothing has been saved yet. */
  readonly checkpoint: { readonly path: string; readonly step: number } | null;
  readonly notices: readonly RunNotice[];
}

/** @throws AppError CHECKPOINTS-DAMAGED where there are checkpoints and none is good; ENGINE-LOST */
export async function soundCheckpoint({ dir, recipe }: Pick<RunFolder, 'dir' | 'recipe'>): Promise<SoundCheckpoint> {
  const names = await readdir(dir);
  if (!names.some((name) => /^\.?checkpoint/i.test(name))) return { checkpoint: null, notices: [] };
  let survey: CheckpointSurvey = { checkpoints: [], strays: [] };
  const last = await startJob({ kind: 'checkpoints', recipe, outDir: dir }, (event) => {
    if (event.kind === 'checkpoints') survey = event.survey;
  }).ended;
  if (last.kind === 'failed') throw new AppError(last.error);
  const good = survey.checkpoints.find(({ kind }) => kind !== 'bad') ?? null;
  const bad = survey.checkpoints.flatMap((each) => (each.kind === 'bad' ? [each] : []));
  if (good === null && bad.length > 0) throw noneIsGood(dir, bad);
  return {
    checkpoint: good && { path: good.path, step: good.step },
    notices: [
      ...bad.map(({ path, problem }): RunNotice => ({ level: 'warning', message: `${path} is damaged and is not used: ${problem}.` })),
      ...(good?.kind === 'unsealed'
        ? [
            {
              level: 'info' as const,
              message: `${basename(good.path)} was written by an older version, without a seal: it was checked as far as that can be done.`,
            },
          ]
        : []),
      ...(survey.strays.length === 0
        ? []
        : [
            {
              level: 'warning' as const,
              message: `${dir} also holds ${survey.strays.join(', ')}: not a checkpoint that Tunesmith wrote, and left alone.`,
            },
          ]),
    ],
  };
}

function noneIsGood(dir: string, bad: readonly { readonly path: string; readonly problem: string }[]): AppError {
  const each = bad.map(({ path, problem }) => `${basename(path)}: ${problem}`).join('; ');
  return new AppError({
    code: 'CHECKPOINTS-DAMAGED',
    message: `${dir}: ${bad.length === 1 ? 'its checkpoint is' : `all ${bad.length} of its checkpoints are`} damaged, so the run cannot go on. ${each}.`,
    data: { dir, checkpoints: bad },
    remedy:
      'Put back a copy of a checkpoint, if there is one. Or start again: repeat the run on its page, or "tunesmith train --recipe DIR/recipe.json --out NEW".',
  });
}
