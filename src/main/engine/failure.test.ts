import { expect, it } from 'vitest';
import { AppError } from '../../shared/lib/app-error.ts';
import { describeFailure } from './failure.ts';

it("a library's own words stand beside the message, with their stack, and an AppError stays as it is", () => {
  const native = new Error('Non-zero status code returned while running GatherElements node. Status Message: indices element out of data bounds');
  expect(describeFailure(native)).toMatchObject({
    code: 'INTERNAL',
    message: expect.not.stringContaining('GatherElements') as string,
    remedy: expect.any(String) as string,
    data: { detail: native.message, stack: expect.stringContaining('failure.test.ts') as string },
  });
  const said = { code: 'E-NAN', message: 'm', data: { a: 1 }, remedy: 'r' };
  expect(describeFailure(new AppError(said))).toEqual(said);
});
