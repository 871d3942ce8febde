/** @file Numbers, sizes and times in words, by the language of the page. */

/** Of the document: i18n sets it with the language. */
function language(): string {
  return document.documentElement.lang || 'en';
}

function number(value: number, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language(), options).format(value);
}

/** A whole number with separators. */
export function formatCount(value: number): string {
  return number(value, { maximumFractionDigits: 0 });
}

/** Four significant digits; very small or large ones with an exponent, as learning rates are written. */
export function formatNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7))
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return number(value, { maximumSignificantDigits: 4 });
}

/** Two decimals: what the eye can compare. */
export function formatLoss(value: number): string {
  return number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** `4.8 M`, `1.5 B`. */
export function formatCompact(value: number): string {
  return number(value, { notation: 'compact', maximumFractionDigits: 1 });
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${number(bytes / 1024 ** power, { maximumFractionDigits: power === 0 ? 0 : 1 })} ${UNITS[power]}`;
}

export function formatPercent(share: number): string {
  return number(share, { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 });
}

/** Seconds as `0.4s`, `42s`, `3m 5s`, `2h 10m`: on one line of a table. */
export function formatDuration(seconds: number): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour', digits = 0) =>
    number(value, { style: 'unit', unit: name, unitDisplay: 'narrow', maximumFractionDigits: digits });
  if (seconds < 10) return unit(seconds, 'second', 1);
  const whole = Math.round(seconds);
  if (whole < 60) return unit(whole, 'second');
  if (whole < 3600) return `${unit(Math.floor(whole / 60), 'minute')} ${unit(whole % 60, 'second')}`;
  return `${unit(Math.floor(whole / 3600), 'hour')} ${unit(Math.floor((whole % 3600) / 60), 'minute')}`;
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** `5 minutes ago`; the date once it is more than a month. */
export function formatRelativeTime(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return formatDate(iso);
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}
