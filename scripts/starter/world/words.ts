/** @file Opposites, colours, numbers, days, months and rhymes of the starter model's small world. Tables. */

export const OPPOSITES: readonly (readonly [string, string])[] = [
  ['hot', 'cold'], ['big', 'small'], ['tall', 'short'], ['fast', 'slow'], ['day', 'night'], ['up', 'down'], ['happy', 'sad'], ['wet', 'dry'],
  ['light', 'dark'], ['hard', 'soft'], ['old', 'young'], ['new', 'old'], ['open', 'closed'], ['full', 'empty'], ['heavy', 'light'], ['high', 'low'],
  ['loud', 'quiet'], ['clean', 'dirty'], ['rich', 'poor'], ['strong', 'weak'], ['long', 'short'], ['wide', 'narrow'], ['early', 'late'],
  ['near', 'far'], ['good', 'bad'], ['sweet', 'sour'], ['thick', 'thin'], ['deep', 'shallow'], ['brave', 'afraid'], ['inside', 'outside'],
  ['left', 'right'], ['first', 'last'], ['north', 'south'], ['east', 'west'], ['summer', 'winter'], ['begin', 'end'], ['give', 'take'],
  ['push', 'pull'], ['buy', 'sell'], ['win', 'lose'], ['laugh', 'cry'], ['awake', 'asleep'], ['smooth', 'rough'], ['kind', 'mean'],
  ['easy', 'difficult'], ['above', 'below'], ['warm', 'cool'], ['land', 'sea'], ['black', 'white'], ['yes', 'no'],
];

export const COLOURS: readonly { readonly name: string; readonly things: readonly string[]; readonly mix: readonly [string, string] | null }[] = [
  { name: 'red', things: ['a ripe tomato', 'a rose', 'a fire engine', 'a cherry'], mix: null },
  { name: 'blue', things: ['the clear sky', 'the deep sea', 'a blueberry'], mix: null },
  { name: 'yellow', things: ['the sun', 'a lemon', 'a banana', 'butter'], mix: null },
  { name: 'green', things: ['grass', 'a leaf', 'a frog', 'a pea'], mix: ['blue', 'yellow'] },
  { name: 'orange', things: ['a carrot', 'a pumpkin', 'an orange'], mix: ['red', 'yellow'] },
  { name: 'purple', things: ['a plum', 'some grapes', 'a violet'], mix: ['red', 'blue'] },
  { name: 'pink', things: ['a pig', 'some flowers', 'the morning sky'], mix: ['red', 'white'] },
  { name: 'brown', things: ['wood', 'a bear', 'earth', 'chocolate'], mix: ['red', 'green'] },
  { name: 'grey', things: ['a rain cloud', 'an elephant', 'a stone'], mix: ['black', 'white'] },
  { name: 'white', things: ['snow', 'milk', 'a swan', 'salt'], mix: null },
  { name: 'black', things: ['the night sky', 'coal', 'a crow'], mix: null },
  { name: 'silver', things: ['a fish', 'a new coin', 'the moon'], mix: null },
];

export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const;

export const NUMBERS = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen',
  'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty',
] as const;

export const RHYMES: readonly (readonly string[])[] = [
  ['cat', 'hat', 'mat'], ['tree', 'sea', 'bee'], ['house', 'mouse'], ['moon', 'spoon', 'soon'], ['night', 'light', 'bright'],
  ['day', 'play', 'hay'], ['ball', 'wall', 'tall'], ['king', 'ring', 'sing'], ['boat', 'coat', 'goat'], ['rain', 'train'],
  ['star', 'far', 'jar'], ['fox', 'box'], ['bear', 'chair', 'pear'], ['snow', 'grow', 'slow'], ['cake', 'lake'], ['bell', 'shell', 'well'],
  ['fish', 'dish', 'wish'], ['sun', 'run', 'fun'], ['hen', 'pen', 'ten'], ['book', 'cook', 'look'],
];

export const BODY: readonly (readonly [part: string, use: string, plural: boolean])[] = [
  ['eyes', 'see', true], ['ears', 'hear', true], ['nose', 'smell', false], ['mouth', 'eat and speak', false], ['hands', 'hold things', true],
  ['feet', 'walk', true], ['legs', 'run and jump', true], ['teeth', 'bite food', true], ['tongue', 'taste food', false],
  ['heart', 'move the blood around', false], ['brain', 'think', false], ['skin', 'feel', false], ['lungs', 'breathe', true],
];
