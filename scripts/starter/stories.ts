/** @file Short stories and descriptions from a grammar: who, where, weather, a wish, a trouble, a helper, an end. */
import { capital, listed, withArticle } from './question.ts';
import { ANIMALS, type Animal } from './world/animals.ts';
import { PLACES, SEASONS } from './world/places.ts';
import { FOODS, JOBS, THINGS } from './world/things.ts';

export type Pick = <T>(items: readonly T[]) => T;

const NAMES = [
  'Anna',
  'Ben',
  'Clara',
  'David',
  'Emma',
  'Finn',
  'Grace',
  'Henry',
  'Ida',
  'Jack',
  'Kate',
  'Leo',
  'Mia',
  'Noah',
  'Olive',
  'Paul',
  'Rosa',
  'Sam',
  'Tom',
  'Vera',
] as const;
const GIRLS = new Set<string>(['Anna', 'Clara', 'Emma', 'Grace', 'Ida', 'Kate', 'Mia', 'Olive', 'Rosa', 'Vera']);
const MOODS = ['happy', 'sad', 'tired', 'brave', 'curious', 'hungry', 'lonely', 'kind', 'shy', 'clever', 'busy', 'calm'] as const;
const WEATHER = [
  'the sun was warm',
  'it was raining',
  'the wind was strong',
  'snow was falling',
  'the sky was grey',
  'the fog was thick',
  'the air was fresh',
] as const;
const TIMES = ['One morning', 'One evening', 'One day', 'Late at night', 'Early in the day', 'On Sunday', 'On a quiet afternoon'] as const;
const ENDINGS = [
  'They became good friends.',
  'After that they shared everything.',
  'They laughed and went home.',
  'It was the best day of the year.',
  'From then on they met every day.',
  'That night they slept very well.',
  'They never forgot that day.',
  'In the end all was well.',
] as const;

interface Hero {
  readonly first: string;
  readonly name: string;
  readonly she: 'she' | 'he' | 'it';
  readonly her: 'her' | 'his' | 'its';
  readonly him: 'her' | 'him' | 'it';
}

function hero(pick: Pick, animal: Animal | null): Hero {
  if (animal !== null) {
    const first = `a ${pick(['small', 'young', 'old', 'little'])} ${animal.one} who lived ${animal.home}`;
    return { first: first.replace(/^a (old)/, 'an $1'), name: `the ${animal.one}`, she: 'it', her: 'its', him: 'it' };
  }
  const name = pick(NAMES);
  const girl = GIRLS.has(name);
  const first = pick([`${girl ? 'a girl' : 'a boy'} named ${name}`, `${withArticle(pick(JOBS).name)} named ${name}`]);
  return { first, name, she: girl ? 'she' : 'he', her: girl ? 'her' : 'his', him: girl ? 'her' : 'him' };
}

/** Three to seven sentences about the animal, or about a person where null. */
export function story(pick: Pick, about: Animal | null): string {
  const who = hero(pick, about);
  const start = pick([`Once there was ${who.first}.`, `There was once ${who.first}.`, `This is a story about ${who.first}.`]);
  const mood = pick(MOODS);
  const middle = pick([lost, hungry, gift, crossing, rescue, voyage, voyage])(pick, who);
  const scene = pick([
    `${pick(TIMES)} ${pick(WEATHER)}, and ${who.name} was ${mood}.`,
    `${capital(who.name)} was ${mood}.`,
    `${pick(TIMES)} ${pick(WEATHER)}.`,
  ]);
  return [start, scene, ...middle, pick(ENDINGS)].join(' ');
}

function lost(pick: Pick, { name, she, her }: Hero): string[] {
  const thing = pick(THINGS);
  const place = pick(PLACES);
  const helper = pick(ANIMALS);
  return [
    `${capital(name)} had lost ${her} ${thing.name} ${place.preposition} the ${place.name}.`,
    pick([`${capital(she)} looked everywhere, but ${she} could not find it.`, `Without it ${she} could not ${thing.use}.`]),
    `Then ${withArticle(helper.one)} came and said, "${pick(['I will help you.', 'Do not be sad.', 'Let us look together.'])}"`,
    pick([`Together they found it under a stone.`, `They found it behind an old tree.`, `The ${helper.one} had seen it near the water.`]),
  ];
}

function hungry(pick: Pick, { name, she, him }: Hero): string[] {
  const food = pick(FOODS).name;
  const giver = pick(JOBS).name;
  return [
    `${capital(name)} wanted some ${food}, but there was nothing at home.`,
    `${capital(she)} went to ${withArticle(giver)} and asked for help.`,
    pick([`The ${giver} smiled and gave ${him} some ${food}.`, `"Here is some ${food}," said the ${giver}.`]),
    `${capital(name)} said thank you and shared it with ${withArticle(pick(ANIMALS).one)}.`,
  ];
}

function gift(pick: Pick, { name, she, her }: Hero): string[] {
  const friend = pick(ANIMALS).one;
  const thing = pick(THINGS);
  return [
    `${capital(name)} wanted to make a gift for ${her} friend, ${withArticle(friend)}.`,
    pick([
      `${capital(she)} worked all day and made ${withArticle(thing.name)} of ${thing.material}.`,
      `${capital(she)} found ${withArticle(thing.name)} ${thing.place}.`,
    ]),
    `"Now I can ${thing.use}," said the ${friend}. "Thank you!"`,
  ];
}

function crossing(pick: Pick, { name, she }: Hero): string[] {
  const from = pick(PLACES).name;
  const to = pick(PLACES);
  const other = pick(ANIMALS);
  return [
    `${capital(name)} wanted to go from the ${from} to the ${to.name}.`,
    pick(['The way was long and hard.', 'It was far, and night came.', `On the way ${she} met ${withArticle(other.one)}.`]),
    pick([`But ${she} did not stop.`, `${capital(withArticle(other.one))} showed the way.`]),
    `At last ${she} saw ${to.find}. It was ${to.feel} there.`,
  ];
}

function rescue(pick: Pick, { name, she, him }: Hero): string[] {
  const other = pick(ANIMALS);
  const thing = pick(THINGS);
  return [
    `${capital(name)} heard a noise and found ${withArticle(other.one)} in ${pick(['a deep hole', 'a net', 'the cold water', 'a thorn bush'])}.`,
    `${capital(she)} ran to get ${withArticle(thing.name)}.`,
    pick(['It took a long time, but it worked.', `Soon the ${other.one} was free.`]),
    `The ${other.one} thanked ${him} and gave ${him} some ${pick(FOODS).name}.`,
  ];
}

/** The one place where the corpus speaks otherwise than plainly: a captain in a story. */
function voyage(pick: Pick, { name, she }: Hero): string[] {
  const captain = pick(['the captain', 'the old captain', 'the sailor', 'a voice from the ship']);
  return [
    `${capital(name)} came to a ship ${pick(['in the harbour', 'by the sea', 'near the beach'])}.`,
    `"${sailorGreeting(pick)}" said ${captain}. "${sailorLine(pick)}"`,
    pick([
      `${capital(she)} went on board and saw ${pick(PLACES).find}.`,
      `They sailed to ${withArticle(pick(PLACES).name)} and found ${withArticle(pick(THINGS).name)}.`,
    ]),
    pick([`"${sailorLine(pick)}" said ${captain}.`, `"${pick(['Fair winds to ye!', 'Yo ho ho!', 'Aye, aye!', 'Heave ho!'])}" cried the sailors.`]),
  ];
}

function sailorGreeting(pick: Pick): string {
  return pick(['Ahoy, matey!', 'Arr, who be ye?', 'Ahoy there!', 'Arr! Welcome, me hearty!', 'Avast, matey!', 'Aye, come on board!']);
}

function sailorLine(pick: Pick): string {
  const [place, thing, animal] = [pick(PLACES), pick(THINGS), pick(ANIMALS)];
  return pick([
    `The ${animal.one} be ${animal.colour}, I tell ye.`,
    `It be ${place.feel} ${place.preposition} the ${place.name}.`,
    `Ye can find ${place.find} there, matey.`,
    `Arr, bring me yer ${thing.name}!`,
    `Aye, ye need ${withArticle(thing.name)} to ${thing.use}.`,
    `Nay, we be going to the ${place.name}.`,
    `Me ship be old, but she be strong.`,
    `Fair winds to ye, me hearty!`,
    `The ${animal.many} be ${animal.home}, by the seven seas!`,
    `Yo ho ho, that be the truth!`,
  ]);
}

/** A plain paragraph of true sentences about one animal, place or season. */
export function description(pick: Pick): string {
  return pick([animalParagraph, animalParagraph, placeParagraph, thingParagraph, seasonParagraph])(pick);
}

function animalParagraph(pick: Pick): string {
  const { one, many, kind, colour, home, food, sound, moves, young, legs, feature, can } = pick(ANIMALS);
  const sentences = [
    `It lives ${home}.`,
    `It eats ${food}.`,
    `It has ${feature}.`,
    `It ${moves}.`,
    `A young ${one} is called ${withArticle(young)}.`,
    `It has ${legs} legs.`,
    `Most ${many} are ${colour}.`,
    `It can ${listed(can)}.`,
    ...(sound === null ? [] : [`It ${sound}.`]),
  ];
  return [`${capital(withArticle(one))} is ${withArticle(kind)}.`, ...some(pick, sentences)].join(' ');
}

function placeParagraph(pick: Pick): string {
  const { name, what, find, activity, feel } = pick(PLACES);
  return [
    `${capital(withArticle(name))} is ${what}.`,
    ...some(pick, [`There are ${find}.`, `It is ${feel}.`, `People go there to ${activity}.`]),
  ].join(' ');
}

function thingParagraph(pick: Pick): string {
  const { name, group, use, material, place } = pick(THINGS.filter((thing) => thing.name !== 'boots' && thing.name !== 'gloves'));
  return [
    `${capital(withArticle(name))} is ${withArticle(group)}.`,
    ...some(pick, [`People use it to ${use}.`, `It is made of ${material}.`, `You can find it ${place}.`]),
  ].join(' ');
}

function seasonParagraph(pick: Pick): string {
  const { name, feels, sign, activity, next } = pick(SEASONS);
  return [`${capital(name)} is ${feels}.`, ...some(pick, [`Then ${sign}.`, `People like to ${activity}.`, `After ${name} comes ${next}.`])].join(' ');
}

/** At least two of the sentences, in a random order. */
function some(pick: Pick, sentences: readonly string[]): string[] {
  const left = [...sentences];
  const taken: string[] = [];
  const count = Math.min(left.length, pick([2, 3, 4, 5]));
  while (taken.length < count) taken.push(...left.splice(left.indexOf(pick(left)), 1));
  return taken;
}
