import { AppError } from '../../../shared/lib/app-error.ts';

export function configError(file: string, what: string): AppError {
  return new AppError({
    code: 'MODEL-CONFIG',
    message: `${file}: ${what}.`,
    data: { file },
    remedy: 'The file does not describe a usable model. Download the model again.',
  });
}

export function unsupported(file: string, what: string): AppError {
  return new AppError({
    code: 'MODEL-UNSUPPORTED',
    message: `${file}: not supported: ${what}.`,
    data: { file },
    remedy: 'Choose another model, or an unquantised or plain variant of this one.',
  });
}
