/** @file A dataset of which nothing is left to train on is refused, with the reason that most of its rows have. */
import { AppError } from '../../../shared/lib/app-error.ts';
import type { EncodeReport } from './encode-report.ts';
import type { LossMode } from './learned-part.ts';

/** @throws AppError E-ROLES where the template refuses every row; E-NO-TARGETS */
export function requireTargets(
  report: EncodeReport,
  { loss, maxLength }: { readonly loss: LossMode; readonly maxLength: number | null },
): EncodeReport {
  if (report.targets > 0) return report;
  const { rows, longest, setAsideRows } = report;
  if (rows > 0 && setAsideRows.count === rows) {
    const [reason] = report.reasons;
    throw new AppError({
      code: 'E-ROLES',
      message: `The chat template refuses every row; row ${setAsideRows.sources[0]} of the file: ${reason?.replace(/\.+$/, '')}.`,
      data: { rows, source: setAsideRows.sources[0] },
      remedy: 'Correct the roles and contents of the rows, or choose another chat template.',
    });
  }
  const cut = maxLength !== null && longest > maxLength;
  throw new AppError({
    code: 'E-NO-TARGETS',
    message: `0 of ${rows} rows have anything to learn (loss "${loss}"; the longest row has ${longest} tokens${maxLength === null ? '' : ` and the limit is ${maxLength}`}).`,
    data: { rows, longest, maxLength, loss },
    remedy: cut
      ? `Raise the longest example (max_length) to ${longest}: what is learned stands at the end of the rows, which is cut off.`
      : LOOK[loss],
  });
}

const LOOK: Readonly<Record<LossMode, string>> = {
  'auto-all': 'The rows are empty: check the columns.',
  auto: 'The rows have no answer to learn: check that conversations hold turns of the role "assistant", or learn from everything (loss "all").',
  assistant: 'The rows have no turn of the role "assistant": check the roles, or learn from everything (loss "all").',
  completion: 'The completions are empty: check the columns, or learn from everything (loss "all").',
  all: 'The rows are empty: check the columns.',
};
