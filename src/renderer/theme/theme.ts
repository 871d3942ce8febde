import {
  Badge,
  Button,
  Card,
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  Modal,
  NavLink,
  Paper,
  Table,
  Tabs,
  Tooltip,
} from '@mantine/core';
import { COLOUR_TOKENS, SIZES } from './tokens.ts';

const ACCENT: MantineColorsTuple = ['#e6f7f3', '#cdeee7', '#a0dfd2', '#70cfbd', '#4bc2ac', '#3ec9b3', '#1b9c89', '#0f7669', '#0b5f55', '#074840'];
/** For what cannot be undone and what has failed; white on it reads. */
const RED: MantineColorsTuple = ['#fdeeec', '#fbdad6', '#f5b3ab', '#ef897d', '#e96455', '#dd4a3a', '#c93a2c', '#b02a2a', '#8f2120', '#701817'];
const DARK: MantineColorsTuple = ['#e4e6e9', '#c2c7ce', '#9aa1ab', '#737b86', '#3d434b', '#2a2e34', '#20242a', '#191c20', '#121417', '#0d0f11'];
const GRAY: MantineColorsTuple = ['#fafaf9', '#f2f2f0', '#e3e3df', '#d6d6d1', '#cfcfc9', '#a5a8ad', '#72777f', '#5b6068', '#33373d', '#1c1f23'];

/** Named, or their shapes come by chance. A CJK font of Noto takes Japanese shapes where `lang` says so. */
const HAN = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', 'WenQuanYi Micro Hei'";

/** Help stands under the input, so that inputs beside each other stand on one line however long it is. */
const INPUT = { defaultProps: { size: 'xs', inputWrapperOrder: ['label', 'input', 'error', 'description'] } };

/** How every component looks where a screen says nothing else. */
export const theme = createTheme({
  primaryColor: 'accent',
  // White on it reads in both schemes (5.4:1); accents on dark ground are the token `accent`.
  primaryShade: 7,
  autoContrast: true,
  colors: { accent: ACCENT, dark: DARK, gray: GRAY, red: RED },
  fontFamily: `'Inter Variable', system-ui, 'Noto Sans', ${HAN}, sans-serif`,
  fontFamilyMonospace: `'JetBrains Mono Variable', ui-monospace, 'Noto Sans Mono', ${HAN}, monospace`,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.45', xl: '1.35' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '36px' },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '22px', lineHeight: '1.3' },
      h2: { fontSize: '16px', lineHeight: '1.4' },
      h3: { fontSize: '14px', lineHeight: '1.4' },
      h4: { fontSize: '13px', lineHeight: '1.4' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    ...Object.fromEntries(
      ['TextInput', 'NumberInput', 'PasswordInput', 'Select', 'MultiSelect', 'TagsInput', 'Textarea'].map((name) => [name, INPUT]),
    ),
    Switch: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs', radius: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Text: { defaultProps: { size: 'sm' } },
    Anchor: { defaultProps: { size: 'sm', underline: 'hover' } },
    Card: Card.extend({ defaultProps: { padding: 'md', withBorder: true, shadow: 'none' } }),
    Paper: Paper.extend({ defaultProps: { withBorder: true, shadow: 'none' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm', fz: 'sm' } }),
    // Room for a scroll bar below a table only where there is one.
    TableScrollContainer: { defaultProps: { scrollAreaProps: { offsetScrollbars: 'present' } } },
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    Badge: Badge.extend({ defaultProps: { size: 'sm', variant: 'light', tt: 'none', fw: 500 } }),
    NavLink: NavLink.extend({ defaultProps: { variant: 'light' } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 120 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true, fz: 'xs', multiline: true, maw: 320 } }),
  },
});

const entries = Object.entries(COLOUR_TOKENS);
/** Mantine's soft notices and badges in the colours of the tokens. */
const light = (mantine: string, name: 'warning' | 'bad' | 'good', index: 0 | 1) => ({
  [`--mantine-color-${mantine}-light`]: COLOUR_TOKENS[`${name}-soft`][index],
  [`--mantine-color-${mantine}-light-hover`]: COLOUR_TOKENS[`${name}-soft`][index],
  [`--mantine-color-${mantine}-light-color`]: COLOUR_TOKENS[name][index],
});
const scheme = (index: 0 | 1) => ({
  ...Object.fromEntries(entries.map(([name, pair]) => [`--ts-${name}`, pair[index]])),
  '--mantine-color-body': COLOUR_TOKENS.surface[index],
  '--mantine-color-text': COLOUR_TOKENS.text[index],
  '--mantine-color-dimmed': COLOUR_TOKENS['text-soft'][index],
  '--mantine-color-placeholder': COLOUR_TOKENS['text-soft'][index],
  '--mantine-color-default-border': COLOUR_TOKENS.line[index],
  '--mantine-color-anchor': COLOUR_TOKENS.accent[index],
  '--mantine-color-error': COLOUR_TOKENS.bad[index],
  // Plain buttons would be black or white.
  '--mantine-color-default-color': COLOUR_TOKENS.text[index],
  ...light('yellow', 'warning', index),
  ...light('red', 'bad', index),
  ...light('green', 'good', index),
});

/** The tokens as CSS variables, by scheme. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: Object.fromEntries(Object.entries(SIZES).map(([name, value]) => [`--ts-${name}`, value])),
  light: scheme(0),
  dark: scheme(1),
});
