/** @file The animals of the starter model's small world. A table: one line an animal, true in plain words. */

export interface Animal {
  readonly one: string;
  readonly many: string;
  /** What it is: "a bird". */
  readonly kind: string;
  readonly colour: string;
  /** 1 is an ant, 9 is a whale: for comparisons. */
  readonly size: number;
  /** With its preposition: "in the forest". */
  readonly home: string;
  readonly food: string;
  /** Verb of its voice or null: "barks". */
  readonly sound: string | null;
  /** How it moves, and the bare verb: "runs fast". */
  readonly moves: string;
  readonly young: string;
  readonly legs: string;
  readonly feature: string;
  /** What it can do, bare verbs out of fly, swim, climb, run, jump. */
  readonly can: readonly string[];
}

const animal = (
  one: string, many: string, kind: string, colour: string, size: number, home: string, food: string, sound: string | null,
  moves: string, young: string, legs: string, feature: string, can: string,
): Animal => ({ one, many, kind, colour, size, home, food, sound, moves, young, legs, feature, can: can.split(' ') });

export const ANIMALS: readonly Animal[] = [
  animal('fox', 'foxes', 'wild animal', 'red', 5, 'in the forest', 'mice and berries', 'barks', 'runs quietly', 'cub', 'four', 'a long bushy tail', 'run jump swim'),
  animal('wolf', 'wolves', 'wild animal', 'grey', 6, 'in the forest', 'deer and rabbits', 'howls', 'runs far', 'pup', 'four', 'sharp teeth', 'run jump swim'),
  animal('bear', 'bears', 'wild animal', 'brown', 7, 'in the forest', 'fish and honey', 'growls', 'walks slowly', 'cub', 'four', 'thick fur', 'run climb swim'),
  animal('deer', 'deer', 'wild animal', 'brown', 6, 'in the forest', 'grass and leaves', null, 'runs fast', 'fawn', 'four', 'long thin legs', 'run jump swim'),
  animal('squirrel', 'squirrels', 'wild animal', 'red', 3, 'in the trees', 'nuts and seeds', 'chatters', 'jumps from tree to tree', 'kitten', 'four', 'a big soft tail', 'run jump climb'),
  animal('rabbit', 'rabbits', 'small animal', 'brown', 4, 'in a hole in the field', 'grass and carrots', null, 'hops', 'kit', 'four', 'long ears', 'run jump'),
  animal('hedgehog', 'hedgehogs', 'small animal', 'brown', 3, 'in the garden', 'worms and beetles', 'snuffles', 'walks slowly', 'hoglet', 'four', 'sharp spines', 'climb swim'),
  animal('mouse', 'mice', 'small animal', 'grey', 2, 'in the barn', 'seeds and cheese', 'squeaks', 'runs quickly', 'pup', 'four', 'a long thin tail', 'run jump climb'),
  animal('badger', 'badgers', 'wild animal', 'black and white', 5, 'under the ground', 'worms and roots', 'growls', 'digs well', 'cub', 'four', 'strong claws', 'run swim'),
  animal('dog', 'dogs', 'pet', 'brown', 5, 'in a house', 'meat and bones', 'barks', 'runs fast', 'puppy', 'four', 'a wet nose', 'run jump swim'),
  animal('cat', 'cats', 'pet', 'black', 4, 'in a house', 'fish and mice', 'purrs', 'walks softly', 'kitten', 'four', 'soft fur', 'run jump climb'),
  animal('horse', 'horses', 'farm animal', 'brown', 7, 'on the farm', 'hay and apples', 'neighs', 'gallops', 'foal', 'four', 'a long mane', 'run jump swim'),
  animal('cow', 'cows', 'farm animal', 'black and white', 7, 'on the farm', 'grass and hay', 'moos', 'walks slowly', 'calf', 'four', 'two horns', 'run swim'),
  animal('sheep', 'sheep', 'farm animal', 'white', 5, 'on the farm', 'grass', 'bleats', 'walks with its flock', 'lamb', 'four', 'thick wool', 'run jump'),
  animal('goat', 'goats', 'farm animal', 'white', 5, 'on the hills', 'leaves and grass', 'bleats', 'climbs on rocks', 'kid', 'four', 'a small beard', 'run jump climb'),
  animal('pig', 'pigs', 'farm animal', 'pink', 5, 'on the farm', 'roots and apples', 'grunts', 'rolls in the mud', 'piglet', 'four', 'a round nose', 'run swim'),
  animal('donkey', 'donkeys', 'farm animal', 'grey', 6, 'on the farm', 'hay and grass', 'brays', 'walks slowly', 'foal', 'four', 'very long ears', 'run'),
  animal('hen', 'hens', 'farm bird', 'brown', 4, 'on the farm', 'seeds and corn', 'clucks', 'walks about', 'chick', 'two', 'a red comb', 'run'),
  animal('duck', 'ducks', 'bird', 'green and brown', 4, 'on the pond', 'plants and snails', 'quacks', 'swims', 'duckling', 'two', 'flat feet', 'fly swim'),
  animal('goose', 'geese', 'bird', 'white', 4, 'near the lake', 'grass and corn', 'honks', 'flies far', 'gosling', 'two', 'a long neck', 'fly swim'),
  animal('swan', 'swans', 'bird', 'white', 5, 'on the lake', 'water plants', 'hisses', 'swims slowly', 'cygnet', 'two', 'a very long neck', 'fly swim'),
  animal('owl', 'owls', 'bird', 'brown', 4, 'in an old tree', 'mice', 'hoots', 'flies at night', 'owlet', 'two', 'big round eyes', 'fly'),
  animal('eagle', 'eagles', 'bird', 'brown', 5, 'in the mountains', 'fish and rabbits', 'screams', 'flies very high', 'eaglet', 'two', 'wide wings', 'fly'),
  animal('crow', 'crows', 'bird', 'black', 3, 'in the fields', 'seeds and insects', 'caws', 'flies', 'chick', 'two', 'shiny feathers', 'fly'),
  animal('robin', 'robins', 'bird', 'brown and red', 3, 'in the garden', 'worms and berries', 'sings', 'flies', 'chick', 'two', 'a red breast', 'fly'),
  animal('parrot', 'parrots', 'bird', 'green', 3, 'in the jungle', 'fruit and nuts', 'talks', 'flies', 'chick', 'two', 'a curved beak', 'fly climb'),
  animal('gull', 'gulls', 'bird', 'white and grey', 4, 'by the sea', 'fish', 'cries', 'flies over the waves', 'chick', 'two', 'a yellow beak', 'fly swim'),
  animal('penguin', 'penguins', 'bird', 'black and white', 4, 'on the ice', 'fish', 'honks', 'swims fast', 'chick', 'two', 'short wings', 'swim'),
  animal('frog', 'frogs', 'water animal', 'green', 2, 'in the pond', 'flies and worms', 'croaks', 'hops', 'tadpole', 'four', 'smooth wet skin', 'jump swim'),
  animal('turtle', 'turtles', 'water animal', 'green', 5, 'in the sea', 'sea grass', null, 'swims slowly', 'baby turtle', 'four', 'a hard shell', 'swim'),
  animal('snake', 'snakes', 'wild animal', 'green', 4, 'in the long grass', 'mice and eggs', 'hisses', 'slides on the ground', 'baby snake', 'no', 'smooth skin', 'swim climb'),
  animal('fish', 'fish', 'water animal', 'silver', 3, 'in the river', 'worms and plants', null, 'swims', 'baby fish', 'no', 'shiny scales', 'swim'),
  animal('shark', 'sharks', 'sea animal', 'grey', 8, 'in the sea', 'fish', null, 'swims fast', 'pup', 'no', 'many sharp teeth', 'swim'),
  animal('whale', 'whales', 'sea animal', 'blue', 9, 'in the sea', 'tiny sea animals', 'sings', 'swims far', 'calf', 'no', 'a huge tail', 'swim'),
  animal('dolphin', 'dolphins', 'sea animal', 'grey', 7, 'in the sea', 'fish', 'whistles', 'jumps over the waves', 'calf', 'no', 'a friendly face', 'swim jump'),
  animal('crab', 'crabs', 'sea animal', 'red', 2, 'on the beach', 'small sea animals', null, 'walks sideways', 'baby crab', 'ten', 'two big claws', 'swim'),
  animal('octopus', 'octopuses', 'sea animal', 'orange', 5, 'in the sea', 'crabs and fish', null, 'swims backwards', 'baby octopus', 'no', 'eight long arms', 'swim'),
  animal('bee', 'bees', 'insect', 'yellow and black', 1, 'in a hive', 'sweet juice from flowers', 'buzzes', 'flies from flower to flower', 'young bee', 'six', 'a sharp sting', 'fly'),
  animal('ant', 'ants', 'insect', 'black', 1, 'under the ground', 'seeds and crumbs', null, 'walks in a line', 'young ant', 'six', 'a very strong body', 'climb'),
  animal('butterfly', 'butterflies', 'insect', 'orange', 1, 'in the meadow', 'sweet juice from flowers', null, 'flies gently', 'caterpillar', 'six', 'bright wings', 'fly'),
  animal('spider', 'spiders', 'small animal', 'black', 1, 'in its web', 'flies', null, 'climbs on thin threads', 'baby spider', 'eight', 'a web of silk', 'climb'),
  animal('snail', 'snails', 'small animal', 'brown', 1, 'in the garden', 'leaves', null, 'moves very slowly', 'baby snail', 'no', 'a round shell', 'climb'),
  animal('lion', 'lions', 'wild cat', 'yellow', 7, 'on the grassland', 'zebras and deer', 'roars', 'runs fast', 'cub', 'four', 'a big mane', 'run jump climb'),
  animal('tiger', 'tigers', 'wild cat', 'orange and black', 7, 'in the jungle', 'deer and pigs', 'roars', 'walks quietly', 'cub', 'four', 'dark stripes', 'run jump swim climb'),
  animal('zebra', 'zebras', 'wild animal', 'black and white', 7, 'on the grassland', 'grass', 'brays', 'runs fast', 'foal', 'four', 'many stripes', 'run'),
  animal('elephant', 'elephants', 'wild animal', 'grey', 8, 'on the grassland', 'leaves and grass', 'trumpets', 'walks slowly', 'calf', 'four', 'a long trunk', 'run swim'),
  animal('giraffe', 'giraffes', 'wild animal', 'yellow and brown', 8, 'on the grassland', 'leaves from tall trees', null, 'walks slowly', 'calf', 'four', 'a very long neck', 'run'),
  animal('monkey', 'monkeys', 'wild animal', 'brown', 5, 'in the jungle', 'fruit and nuts', 'chatters', 'swings in the trees', 'baby monkey', 'two', 'clever hands', 'run jump climb'),
  animal('camel', 'camels', 'desert animal', 'yellow', 7, 'in the desert', 'dry plants', 'grunts', 'walks far', 'calf', 'four', 'a hump on its back', 'run'),
  animal('kangaroo', 'kangaroos', 'wild animal', 'brown', 6, 'on the dry plains', 'grass', null, 'jumps far', 'joey', 'two', 'a pouch for its baby', 'jump swim'),
  animal('bat', 'bats', 'small animal', 'black', 2, 'in a cave', 'insects', 'squeaks', 'flies at night', 'pup', 'two', 'wings of thin skin', 'fly'),
];
