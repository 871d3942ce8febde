import { capital, type Question, withArticle } from './question.ts';
import { PLACES, SEASONS, SKIES } from './world/places.ts';
import { FOODS, JOBS, THINGS } from './world/things.ts';

/** Everything that may be asked of food, things, work, places, weather and seasons. */
export function thingQuestions(): Question[] {
  return [...foods(), ...things(), ...jobs(), ...places(), ...skies(), ...seasons()];
}

function foods(): Question[] {
  return FOODS.flatMap(({ name, kind, colour, taste, origin, use, plural }) => {
    const [is, do_, N] = plural ? ['are', 'do', capital(name)] : ['is', 'does', capital(name)];
    const key = (attribute: string) => `food ${name} ${attribute}`;
    const what = plural
      ? kind
          .replace(/^an? /, '')
          .replace(/fruit$/, 'fruits')
          .replace(/vegetable$/, 'vegetables')
          .replace(/food$/, 'foods')
      : kind;
    return [
      {
        key: key('what'),
        asks: [`What ${is} ${name}?`, `Tell me what ${name} ${is}.`, `Can you explain what ${name} ${is}?`],
        answers: [`${N} ${is} ${what}. The taste is ${taste}.`, `${N} ${is} ${what}, and the colour is ${colour}.`],
      },
      {
        key: key('colour'),
        asks: [`What colour ${is} ${name}?`, `Which colour ${do_} ${name} have?`],
        answers: [`${N} ${is} ${colour}.`, `The colour of ${name} is ${colour}.`],
      },
      {
        key: key('taste'),
        asks: [`How ${do_} ${name} taste?`, `What ${do_} ${name} taste like?`, `What is the taste of ${name}?`],
        answers: [`The taste of ${name} is ${taste}.`, `${N} ${plural ? 'taste' : 'tastes'} ${taste}.`],
      },
      {
        key: key('origin'),
        asks: [`Where ${do_} ${name} come from?`, `How do we get ${name}?`, `Tell me where ${name} ${plural ? 'come' : 'comes'} from.`],
        answers: [`${N} ${origin}.`],
      },
      {
        key: key('use'),
        asks: [`What can I do with ${name}?`, `What ${is} ${name} good for?`, `Why do people like ${name}?`],
        answers: [`You can use ${name} to ${use}.`, `People use ${name} to ${use}.`],
      },
    ];
  });
}

function things(): Question[] {
  return THINGS.flatMap(({ name, group, use, material, place }) => {
    const a = withArticle(name);
    const A = capital(a);
    const many = name === 'boots' || name === 'gloves';
    const [is, do_, it] = many ? ['are', 'do', 'them'] : ['is', 'does', 'it'];
    const key = (attribute: string) => `thing ${name} ${attribute}`;
    return [
      {
        key: key('what'),
        asks: [`What ${is} ${a}?`, `Tell me what ${a} ${is}.`, `Can you explain what ${a} ${is}?`],
        answers: [`${A} ${is} ${withArticle(group)}. People use ${it} to ${use}.`, `${A} ${is} ${withArticle(group)} made of ${material}.`],
      },
      {
        key: key('use'),
        asks: [`What ${is} ${a} for?`, `What do people do with ${a}?`, `Why do people use ${a}?`, `How can I use ${a}?`, `Why would I need ${a}?`],
        answers: [`People use ${a} to ${use}.`, `You can use ${a} to ${use}.`, `With ${a} you can ${use}.`],
      },
      { key: key('material'), asks: [`What ${is} ${a} made of?`, `What do people make ${a} from?`], answers: [`${A} ${is} made of ${material}.`] },
      {
        key: key('place'),
        asks: [`Where can I find ${a}?`, `Where ${do_} people keep ${a}?`.replace('does people', 'do people'), `Where ${is} ${a} kept?`],
        answers: [`You can find ${a} ${place}.`, `People keep ${a} ${place}.`],
      },
      {
        key: key('need'),
        asks: [`What do I need to ${use}?`, `What helps people to ${use}?`, `I want to ${use}. What should I use?`],
        answers: [`You can use ${a} to ${use}.`, `You need ${a}.`],
      },
    ];
  });
}

function jobs(): Question[] {
  return JOBS.flatMap(({ name, does, place, tool }) => {
    const a = withArticle(name);
    const A = capital(a);
    return [
      {
        key: `job ${name} does`,
        asks: [`What does ${a} do?`, `What is ${a}?`, `Tell me about the work of ${a}.`, `What is the job of ${a}?`],
        answers: [`${A} ${does}.`, `${A} is a person who ${does}.`, `${A} ${does} ${place}.`],
      },
      {
        key: `job ${name} place`,
        asks: [`Where does ${a} work?`, `Where can I meet ${a}?`, `Tell me where ${a} works.`],
        answers: [`${A} works ${place}.`, `You can meet ${a} ${place}.`],
      },
      {
        key: `job ${name} tool`,
        asks: [`What does ${a} use?`, `What does ${a} need for work?`, `Which tool does ${a} use?`],
        answers: [`${A} uses ${tool}.`, `For the work ${a} needs ${tool}.`],
      },
      {
        key: `job ${name} who`,
        asks: [`Who ${does}?`, `Which person ${does}?`, `What do we call a person who ${does}?`],
        answers: [`${A} ${does}.`, `That is the work of ${a}.`],
      },
    ];
  });
}

function places(): Question[] {
  return PLACES.flatMap(({ name, what, find, activity, preposition, feel }) => {
    const a = withArticle(name);
    const there = `${preposition} the ${name}`;
    return [
      {
        key: `place ${name} what`,
        asks: [`What is ${a}?`, `Tell me what ${a} is.`, `Can you explain what ${a} is?`],
        answers: [`${capital(a)} is ${what}.`, `${capital(a)} is ${what}. You can find ${find} there.`],
      },
      {
        key: `place ${name} find`,
        asks: [`What can I find ${there}?`, `What is there ${there}?`, `What can I see ${there}?`],
        answers: [`You can find ${find} ${there}.`, `There are ${find} ${there}.`, `You can see ${find} there.`],
      },
      {
        key: `place ${name} do`,
        asks: [`What can I do ${there}?`, `What do people do ${there}?`, `Why do people go to the ${name}?`, `I am ${there}. What should I do?`],
        answers: [`You can ${activity} ${there}.`, `People go to the ${name} to ${activity}.`, `You can ${activity} there.`],
      },
      {
        key: `place ${name} feel`,
        asks: [`What is it like ${there}?`, `How is it ${there}?`, `Describe the ${name}.`, `Tell me about the ${name}.`],
        answers: [`It is ${feel} ${there}.`, `The ${name} is ${feel}. You can find ${find} there.`, `The ${name} is ${feel}.`],
      },
    ];
  });
}

function skies(): Question[] {
  return SKIES.flatMap(({ name, plain, feels, wear, cause }) => {
    const N = capital(name);
    const the = name.replace(/^a /, 'the ');
    return [
      {
        key: `sky ${name} what`,
        asks: [`What is ${name}?`, `Tell me what ${name} is.`, `Can you explain ${name}?`],
        answers: [`${N} is ${plain}.`, `${N} is ${plain}. It is ${feels}.`],
      },
      {
        key: `sky ${name} feels`,
        asks: [`What is ${name} like?`, `Describe ${name}.`, `How is ${name}?`],
        answers: [`${capital(the)} is ${feels}.`, `${N} is ${feels}. It is ${plain}.`],
      },
      {
        key: `sky ${name} wear`,
        asks: [`What should I do when I see ${name}?`, `I can see ${name}. What should I do?`, `What do people do when they see ${name}?`],
        answers: [`You should ${wear}.`, `When you see ${name}, ${wear}.`],
      },
      ...(/^the |star$/.test(name)
        ? []
        : [
            {
              key: `sky ${name} cause`,
              asks: [`Why is there ${name}?`, `How does ${name} come about?`, `What causes ${name}?`],
              answers: [`There is ${name} because ${cause}.`, `It happens because ${cause}.`],
            },
          ]),
    ];
  });
}

function seasons(): Question[] {
  return SEASONS.flatMap(({ name, feels, sign, activity, next, before }) => [
    {
      key: `season ${name} feels`,
      asks: [`What is ${name} like?`, `How is the weather in ${name}?`, `Describe ${name}.`, `Tell me about ${name}.`],
      answers: [`${capital(name)} is ${feels}.`, `In ${name} the weather is ${feels}.`, `In ${name} ${sign}.`],
    },
    { key: `season ${name} sign`, asks: [`What happens in ${name}?`, `How do I know that it is ${name}?`], answers: [`In ${name} ${sign}.`] },
    {
      key: `season ${name} do`,
      asks: [`What can I do in ${name}?`, `What do people do in ${name}?`, `What is fun in ${name}?`],
      answers: [`In ${name} you can ${activity}.`, `People like to ${activity} in ${name}.`],
    },
    {
      key: `season ${name} next`,
      asks: [`What comes after ${name}?`, `Which season comes after ${name}?`, `Which season follows ${name}?`],
      answers: [`${capital(next)} comes after ${name}.`],
    },
    {
      key: `season ${name} before`,
      asks: [`What comes before ${name}?`, `Which season comes before ${name}?`],
      answers: [`${capital(before)} comes before ${name}.`],
    },
  ]);
}
