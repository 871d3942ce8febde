import { capital, listed, type Question, withArticle } from './question.ts';
import { ANIMALS, type Animal } from './world/animals.ts';

const ABILITIES = ['fly', 'swim', 'climb', 'run', 'jump'] as const;

/** Everything that may be asked of the animals. */
export function animalQuestions(): Question[] {
  return [...ANIMALS.flatMap(factsOf), ...comparisons(), ...ANIMALS.flatMap(guesses)];
}

function factsOf(animal: Animal): Question[] {
  const { one, many, kind, colour, home, food, sound, moves, young, legs, feature } = animal;
  const a = withArticle(one);
  const A = capital(a);
  const M = capital(many);
  const all = `${withArticle(kind)}`;
  const key = (attribute: string) => `animal ${one} ${attribute}`;
  const questions: Question[] = [
    {
      key: key('what'),
      asks: [`What is ${a}?`, `What kind of animal is ${a}?`, `Tell me what ${a} is.`, `Can you explain what ${a} is?`],
      answers: [`${A} is ${all} with ${feature}.`, `${A} is ${all}. It lives ${home}.`, `${A} is ${all} that eats ${food}.`],
    },
    {
      key: key('home'),
      asks: [
        `Where does ${a} live?`,
        `Where do ${many} live?`,
        `Where can I find ${a}?`,
        `Where is the home of ${a}?`,
        `In which place does ${a} live?`,
      ],
      answers: [`${A} lives ${home}.`, `${M} live ${home}.`, `You can find ${many} ${home}.`],
    },
    {
      key: key('food'),
      asks: [`What does ${a} eat?`, `What do ${many} eat?`, `What is the food of ${a}?`, `What does ${a} like to eat?`, `What should I feed ${a}?`],
      answers: [`${A} eats ${food}.`, `${M} eat ${food}.`, `${M} like to eat ${food}.`],
    },
    {
      key: key('colour'),
      asks: [`What colour is ${a}?`, `What colour are ${many}?`, `Which colour does ${a} have?`, `Tell me the colour of ${a}.`],
      answers: [`${A} is ${colour}.`, `Most ${many} are ${colour}.`, `The colour of ${a} is ${colour}.`],
    },
    { key: key('moves'), asks: [`How does ${a} move?`, `How do ${many} move?`, `Tell me how ${a} moves.`], answers: [`${A} ${moves}.`] },
    {
      key: key('young'),
      asks: [`What is a young ${one} called?`, `What do we call a baby ${one}?`, `What is the name for the young of ${a}?`],
      answers: [`A young ${one} is called ${withArticle(young)}.`, `The young of ${a} is called ${withArticle(young)}.`],
    },
    {
      key: key('legs'),
      asks: [`How many legs does ${a} have?`, `How many legs do ${many} have?`, `Count the legs of ${a}.`],
      answers: [`${A} has ${legs} legs.`, `${M} have ${legs} legs.`],
    },
    {
      key: key('looks'),
      asks: [`What does ${a} look like?`, `Describe ${a}.`, `Please describe ${a} for me.`, `How can I know ${a} when I see it?`],
      answers: [`${A} is ${colour} and has ${feature}.`, `${A} has ${feature}. It is ${colour}.`],
    },
    {
      key: key('about'),
      asks: [`Tell me about ${many}.`, `What do you know about ${many}?`, `Tell me something about ${a}.`, `I want to learn about ${many}.`],
      answers: [
        `${A} is ${all}. It lives ${home} and eats ${food}.`,
        `${M} live ${home}. They eat ${food}.`,
        `${A} has ${feature}. It lives ${home}.`,
      ],
    },
  ];
  if (sound !== null) {
    questions.push({
      key: key('sound'),
      asks: [`What sound does ${a} make?`, `What noise do ${many} make?`, `How does ${a} sound?`],
      answers: [`${A} ${sound}.`, `When ${a} makes a sound, it ${sound}.`],
    });
  }
  return [...questions, ...abilities(animal)];
}

function abilities({ one, many, can }: Animal): Question[] {
  const a = withArticle(one);
  return ABILITIES.map((verb) => ({
    key: `animal ${one} can ${verb}`,
    asks: [`Can ${a} ${verb}?`, `Can ${many} ${verb}?`, `Is ${a} able to ${verb}?`],
    answers: can.includes(verb)
      ? [`Yes, ${a} can ${verb}.`, `Yes, ${many} can ${verb}.`]
      : [`No, ${a} cannot ${verb}.`, `No, ${many} cannot ${verb}.`],
  }));
}

/** Only pairs two sizes apart, where nobody would argue. */
function comparisons(): Question[] {
  return ANIMALS.flatMap((x) =>
    ANIMALS.filter((y) => x.size >= y.size + 2).map((y) => {
      const [a, b] = [withArticle(x.one), withArticle(y.one)];
      return {
        key: `compare ${x.one} ${y.one}`,
        asks: [
          `Which is bigger, ${a} or ${b}?`,
          `Which is bigger, ${b} or ${a}?`,
          `Is ${a} bigger than ${b}?`,
          `Which animal is larger, ${b} or ${a}?`,
        ],
        answers: [`${capital(a)} is bigger than ${b}.`],
      };
    }),
  );
}

/** Riddles: from what it is to its name. */
function guesses({ one, feature, home, food, sound }: Animal): Question[] {
  const a = withArticle(one);
  const asks = [`Which animal lives ${home} and has ${feature}?`, `I have ${feature} and I eat ${food}. What am I?`];
  if (sound !== null) asks.push(`Which animal ${sound} and has ${feature}?`);
  return [{ key: `guess ${one}`, asks, answers: [`It is ${a}.`, `That is ${a}.`, `The answer is ${a}.`] }];
}

/** For conversations in which "it" is the animal named before. */
export function animalFollowUps(animal: Animal): readonly (readonly [ask: string, answer: string])[] {
  return [
    ['Where does it live?', `It lives ${animal.home}.`],
    ['What does it eat?', `It eats ${animal.food}.`],
    ['What colour is it?', `It is ${animal.colour}.`],
    ['How many legs does it have?', `It has ${animal.legs} legs.`],
    ['What is its young called?', `Its young is called ${withArticle(animal.young)}.`],
    ['What can it do?', `It can ${listed(animal.can)}.`],
  ];
}
