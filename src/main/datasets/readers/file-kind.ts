/** @file Files that are no text whatever they are called, told by their first bytes. */
import { AppError } from '../../../shared/lib/app-error.ts';

interface Kind {
  readonly what: string;
  readonly is: (head: Buffer) => boolean;
  readonly remedy: string;
}

const startsWith =
  (...bytes: readonly number[]) =>
  (head: Buffer) =>
    bytes.every((byte, index) => head[index] === byte);
const startsWithText = (text: string) => (head: Buffer) => head.toString('latin1', 0, text.length).toLowerCase() === text;
const EXPORT =
  'Export it as JSONL or CSV (in Python: pandas.read_parquet(…).to_json("rows.jsonl", orient="records", lines=True, force_ascii=False)).';

const KINDS: readonly Kind[] = [
  {
    what: 'a Git LFS pointer: the few lines that stand for a file that was not downloaded',
    is: startsWithText('version https://git-lfs'),
    remedy: 'Run "git lfs pull" in its folder, or download the file itself.',
  },
  { what: 'a Parquet file', is: startsWithText('par1'), remedy: EXPORT },
  {
    what: 'an Arrow file',
    is: startsWithText('arrow1'),
    remedy: 'Export it as JSONL or CSV (in Python: datasets.load_from_disk(…).to_json("rows.jsonl")).',
  },
  {
    what: 'a ZIP archive (an Excel workbook is one too)',
    is: startsWith(0x50, 0x4b, 0x03, 0x04),
    remedy: 'Unpack it and choose the file inside; a workbook is saved as CSV UTF-8 from Excel.',
  },
  { what: 'compressed with gzip', is: startsWith(0x1f, 0x8b), remedy: 'Unpack it first.' },
  { what: 'compressed with Zstandard', is: startsWith(0x28, 0xb5, 0x2f, 0xfd), remedy: 'Unpack it first.' },
  { what: 'an old Excel workbook', is: startsWith(0xd0, 0xcf, 0x11, 0xe0), remedy: 'Save it as CSV UTF-8 from Excel.' },
  {
    what: 'a Python pickle, which could run code when it is opened',
    is: (head) => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5 && (head[2] === 0x95 || /[}\]c(X]/.test(String.fromCharCode(head[2] ?? 0))),
    remedy: 'Write its rows as JSONL from the program that made it.',
  },
  { what: 'a SQLite database', is: startsWithText('sqlite format 3'), remedy: 'Export the table as CSV.' },
  { what: 'a PDF document', is: startsWithText('%pdf'), remedy: 'Write its text as rows of JSONL or CSV.' },
  {
    what: 'a web page (HTML), perhaps a page that asked to sign in',
    is: (head) => /^\s*<(?:!doctype html|html)/i.test(head.toString('latin1')),
    remedy: 'Download the file itself, not the page that shows it.',
  },
];

/** @throws AppError E-FILE-KIND that names what the file is */
export function refuseForeignKinds(file: string, head: Buffer): void {
  const kind = KINDS.find(({ is }) => is(head));
  if (kind === undefined) return;
  throw new AppError({ code: 'E-FILE-KIND', message: `${file} is ${kind.what}.`, data: { file }, remedy: kind.remedy });
}
