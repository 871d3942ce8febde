import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import type { RowEdit } from '../../../shared/domain/dataset-record.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';

/** Refuses an edit that would leave a row nothing can be learned from. @throws AppError ROW-UNKNOWN, ROW-KIND, ROW-EMPTY */
export function checkRowEdit(edit: RowEdit, kind: CanonicalRow['kind'], has: (key: number) => boolean): void {
  const keys = edit.kind === 'add' ? [] : edit.kind === 'delete' ? edit.keys : [edit.key];
  const missing = keys.find((key) => !has(key));
  if (missing !== undefined)
    throw new AppError({
      code: 'ROW-UNKNOWN',
      message: 'The row is not there any more.',
      data: { key: missing },
      remedy: 'Reload the dataset and try again.',
    });
  if (edit.kind === 'delete') return;
  if (edit.row.kind !== kind)
    throw new AppError({
      code: 'ROW-KIND',
      message: `The dataset holds rows of kind ${kind}, and this one is ${edit.row.kind}.`,
      remedy: 'All rows of a dataset are of one kind.',
    });
  const problem = emptiness(edit.row);
  if (problem !== null) throw new AppError({ code: 'ROW-EMPTY', message: problem, remedy: 'Write something, or delete the row.' });
}

/**
 * The edit with the text without turns brought up to date: the page changes turns, and a model without a chat template must not
 * be trained on what stood there before. A row that is no longer one question and one answer has no such text.
 */
export function withPlainText(edit: RowEdit, ofPairs: boolean): RowEdit {
  if (edit.kind === 'delete' || edit.row.kind !== 'chat-prompt-completion' || (!ofPairs && edit.row.plain === undefined)) return edit;
  const { plain, ...row } = edit.row;
  const [asked, answer] = [textOfOnly(row.prompt, 'user'), textOfOnly(row.completion, 'assistant')];
  if (asked === null || answer === null) return { ...edit, row };
  const joined = (text: string) => text.replaceAll('\n', '');
  // Without turns an instruction and its input may stand together without a line break.
  const prompt = plain !== undefined && joined(plain.prompt) === joined(asked) ? plain.prompt : asked;
  return { ...edit, row: { ...row, plain: { prompt, completion: answer } } };
}

function textOfOnly(messages: readonly Message[], role: string): string | null {
  const [first, ...others] = messages;
  return first !== undefined && others.length === 0 && first.role === role && typeof first.content === 'string' ? first.content : null;
}

/** As the import refuses them: a row whose answer is blank teaches nothing but to stop. */
function emptiness(row: CanonicalRow): string | null {
  switch (row.kind) {
    case 'text':
      return isBlank(row.text) ? 'The text is empty.' : null;
    case 'messages':
      return row.messages.length === 0 ? 'The conversation has no turn.' : blankTurn(row.messages);
    case 'prompt-completion':
      return isBlank(row.completion) ? 'The completion is empty.' : isBlank(row.prompt) ? 'The prompt is empty.' : null;
    case 'chat-prompt-completion':
      return row.completion.length === 0 ? 'The completion has no turn.' : blankTurn([...row.prompt, ...row.completion]);
    default:
      return assertNever(row);
  }
}

/** A turn that only calls tools has no text of its own; turns a person writes have. */
function blankTurn(messages: readonly Message[]): string | null {
  const at = messages.findIndex(
    ({ role, content, tool_calls: calls }) =>
      (role === 'assistant' || role === 'user') && calls === undefined && (content === null || (typeof content === 'string' && isBlank(content))),
  );
  return at === -1 ? null : `Turn ${at + 1} (${messages[at]!.role}) is empty.`;
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
