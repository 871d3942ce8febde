import { AppError } from '../../shared/lib/app-error.ts';

/** The process ended without a last word. @param how completes "The engine process ..." @param output what it had printed */
export function lostEngine(how: string, output: string, remedy: string): AppError {
  const printed = output.trim();
  return new AppError({
    code: 'ENGINE-LOST',
    message: `The engine process ${how}, without a last word.${printed ? ` It had printed: ${printed}` : ''}`,
    data: { output: printed },
    remedy,
  });
}
