/** `strftime_now`: the C locale's names, whatever the computer's language, because the text reaches the model. */
import { replaceEach } from './find-text.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

const padded = (value: number, width = 2): string => String(value).padStart(width, '0');
const dayOfYear = (d: Date): number =>
  Math.round((Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) - Date.UTC(d.getFullYear(), 0, 0)) / 86_400_000);

type Directive = (date: Date) => string;

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: (d) => padded(d.getFullYear(), 4),
  y: (d) => padded(d.getFullYear() % 100),
  m: (d) => padded(d.getMonth() + 1),
  d: (d) => padded(d.getDate()),
  e: (d) => String(d.getDate()).padStart(2, ' '),
  H: (d) => padded(d.getHours()),
  I: (d) => padded(d.getHours() % 12 || 12),
  M: (d) => padded(d.getMinutes()),
  S: (d) => padded(d.getSeconds()),
  p: (d) => (d.getHours() < 12 ? 'AM' : 'PM'),
  A: (d) => DAYS[d.getDay()] ?? '',
  a: (d) => (DAYS[d.getDay()] ?? '').slice(0, 3),
  B: (d) => MONTHS[d.getMonth()] ?? '',
  b: (d) => (MONTHS[d.getMonth()] ?? '').slice(0, 3),
  j: (d) => padded(dayOfYear(d), 3),
  F: (d) => `${padded(d.getFullYear(), 4)}-${padded(d.getMonth() + 1)}-${padded(d.getDate())}`,
  T: (d) => `${padded(d.getHours())}:${padded(d.getMinutes())}:${padded(d.getSeconds())}`,
  '%': () => '%',
};

/** Formats local time. An unknown directive stays as written, as glibc does. */
export function strftime(date: Date, format: string): string {
  return replaceEach(format, /%[A-Za-z%]/g, (whole) => {
    const letter = whole.charAt(1);
    return Object.hasOwn(DIRECTIVES, letter) ? (DIRECTIVES[letter] as Directive)(date) : whole;
  });
}
