import { datasetFormatSchema, type DatasetFormat } from '../../shared/domain/dataset.ts';
import { asList, fieldOf, formatFields, type ColumnMapping } from './import-plan.ts';
import { isJsonObject, type JsonObject } from './readers/source-record.ts';

/** Whether a row has a format's columns with values of the right kind; its finer faults are the converter's to name. */
export function fitsFormat(row: JsonObject, format: DatasetFormat, columns: ColumnMapping): boolean {
  switch (format) {
    case 'messages':
      return firstHas(fieldOf(row, columns, 'messages'), 'role');
    case 'conversations':
      return isJsonObject(asList(fieldOf(row, columns, 'conversations'))?.[0]) || firstHas(fieldOf(row, columns, 'messages'), 'from', 'value');
    case 'prompt-completion': {
      const prompt = fieldOf(row, columns, 'prompt');
      const completion = fieldOf(row, columns, 'completion');
      return (typeof prompt === 'string' && typeof completion === 'string') || isConversational(row, columns);
    }
    default:
      // Strings only: an integer label, as in a classification set, is not an answer to learn.
      return formatFields[format].required.every((field) => typeof fieldOf(row, columns, field) === 'string');
  }
}

/** The formats whose usual columns a row has, in the order of detection. */
export function fittingFormats(row: JsonObject): readonly DatasetFormat[] {
  return datasetFormatSchema.options.filter((format) => fitsFormat(row, format, {}));
}

/** Both sides of a prompt-completion row are lists of messages (spec 1.3, but all present keys have to agree). */
export function isConversational(row: JsonObject, columns: ColumnMapping): boolean {
  return isChat(fieldOf(row, columns, 'prompt')) && isChat(fieldOf(row, columns, 'completion'));
}

function isChat(value: unknown): boolean {
  return firstHas(value, 'role') || firstHas(value, 'from', 'value');
}

function firstHas(value: unknown, ...keys: readonly string[]): boolean {
  const first = asList(value)?.[0];
  return isJsonObject(first) && keys.every((key) => Object.hasOwn(first, key));
}
