/**
 * @file Design tokens: the only raw colours and sizes of the page. `theme.ts` hands them to Mantine, and every one is a CSS
 * variable (`--ts-...`) for style modules and for charts. Pairs are chosen for a contrast of 4.5:1 or better for text.
 */

/** A token's value in the light and in the dark scheme. */
type Pair = readonly [light: string, dark: string];

export const COLOUR_TOKENS = {
  surface: ['#fafaf9', '#121417'],
  raised: ['#ffffff', '#191c20'],
  sunken: ['#f2f2f0', '#0d0f11'],
  line: ['#e3e3df', '#2a2e34'],
  'line-strong': ['#cfcfc9', '#3d434b'],
  text: ['#1c1f23', '#e4e6e9'],
  'text-soft': ['#5b6068', '#9aa1ab'],
  accent: ['#0f7669', '#3ec9b3'],
  'accent-soft': ['#e0f2ee', '#12332e'],
  // Runs.
  running: ['#1d5fbf', '#7db1f5'],
  'running-soft': ['#e4eefb', '#152740'],
  good: ['#1c6b3f', '#6fcf97'],
  'good-soft': ['#e1f3e8', '#13301f'],
  warning: ['#835300', '#e5b95c'],
  'warning-soft': ['#fbf0d9', '#362a10'],
  bad: ['#b02a2a', '#f59a92'],
  'bad-soft': ['#fce8e6', '#3d1a18'],
  idle: ['#5b6068', '#9aa1ab'],
  'idle-soft': ['#eeeeeb', '#23272c'],
  // Tokens of the inspector: background and ink.
  trained: ['#cdeede', '#14493a'],
  'trained-ink': ['#0b4a35', '#b7f0d8'],
  masked: ['#ececf0', '#26292f'],
  'masked-ink': ['#4d525b', '#a3aab4'],
  cut: ['#fbe3df', '#45211e'],
  'cut-ink': ['#8f2a1f', '#f6b3aa'],
  // The same as bars, where no text stands on them.
  'trained-bar': ['#1f9d75', '#37b48b'],
  'masked-bar': ['#a9adb6', '#5c636e'],
  'cut-bar': ['#c4513f', '#e07a6c'],
  // Differences between answers.
  added: ['#d3efd9', '#153d27'],
  removed: ['#fadcd8', '#4a2320'],
  // Curves: Okabe and Ito's colours, lighter in the dark; distinct to the colour-blind.
  'chart-1': ['#0072b2', '#56b4e9'],
  'chart-2': ['#d55e00', '#f28e4b'],
  'chart-3': ['#008f6b', '#3ccfa4'],
  'chart-4': ['#b0508d', '#e09ac6'],
  'chart-5': ['#8a6d00', '#e8d24a'],
  'chart-6': ['#5a4fcf', '#a59cf5'],
  'chart-7': ['#7a4a2b', '#d3a07f'],
  'chart-8': ['#44546a', '#aab6c6'],
  'chart-faint': ['#7f9db5', '#8aa9c0'],
  'chart-grid': ['#ebebe7', '#23272c'],
  'chart-axis': ['#5b6068', '#9aa1ab'],
} as const satisfies Readonly<Record<string, Pair>>;

export type ColourToken = keyof typeof COLOUR_TOKENS;
export type ChartColor = Extract<ColourToken, `chart-${string}`>;
export const CHART_SERIES: readonly ChartColor[] = ['chart-1', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6', 'chart-7', 'chart-8'];

export const SIZES = {
  'nav-width': '208px',
  'nav-width-narrow': '56px',
  'content-max': '1760px',
  'row-height': '36px',
  motion: '140ms',
} as const;

/** A token for style attributes and canvases that take CSS. */
export function token(name: ColourToken): string {
  return `var(--ts-${name})`;
}
