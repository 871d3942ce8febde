/** @file Places, weather, seasons and the sky in the starter model's small world. Tables: one line an entry. */

export interface Place {
  readonly name: string;
  readonly what: string;
  readonly find: string;
  readonly activity: string;
  readonly preposition: string;
  readonly feel: string;
}

const place = (name: string, what: string, find: string, activity: string, feel: string, preposition = 'in'): Place =>
  ({ name, what, find, activity, preposition, feel });

export const PLACES: readonly Place[] = [
  place('forest', 'a place with many trees', 'tall trees, moss and birds', 'walk under the trees', 'cool and quiet'),
  place('desert', 'a dry place with much sand', 'sand, rocks and camels', 'ride a camel', 'hot and dry'),
  place('beach', 'the sandy land beside the sea', 'sand, shells and crabs', 'build castles of sand', 'warm and sunny', 'on'),
  place('sea', 'a very large body of salt water', 'fish, whales and ships', 'sail a boat', 'deep and blue'),
  place('lake', 'a large body of water with land around it', 'fish, ducks and reeds', 'row a boat', 'calm and clear', 'on'),
  place('river', 'water that flows to the sea', 'fish, stones and fast water', 'catch fish', 'cold and fast'),
  place('mountain', 'a very high piece of land', 'rocks, snow and eagles', 'climb to the top', 'cold and windy', 'on'),
  place('cave', 'a dark hole in the rock', 'bats, stones and cold water', 'explore with a lamp', 'dark and cold'),
  place('island', 'a piece of land with water all around', 'beaches, palm trees and gulls', 'rest by the sea', 'warm and quiet', 'on'),
  place('jungle', 'a hot and wet forest', 'monkeys, parrots and tigers', 'look for bright birds', 'hot and wet'),
  place('meadow', 'a field of grass and flowers', 'flowers, bees and butterflies', 'lie in the grass', 'soft and green'),
  place('farm', 'a place where people grow food', 'cows, hens and hay', 'feed the animals', 'busy and green', 'on'),
  place('garden', 'a place where plants grow near a house', 'flowers, worms and robins', 'water the flowers', 'green and pretty'),
  place('village', 'a small group of houses', 'small houses, a well and friendly people', 'visit the neighbours', 'small and friendly'),
  place('town', 'a place with many houses and shops', 'shops, streets and people', 'buy new things', 'busy and loud'),
  place('market', 'a place where people buy and sell things', 'fruit, bread and cheese', 'buy fresh food', 'busy and bright', 'at'),
  place('school', 'a place where children learn', 'books, desks and teachers', 'learn to read', 'busy and bright', 'at'),
  place('library', 'a place full of books', 'books, chairs and quiet corners', 'read stories', 'quiet and warm'),
  place('hospital', 'a place where sick people get help', 'beds, doctors and nurses', 'get well again', 'clean and bright'),
  place('harbour', 'a safe place for ships', 'ships, ropes and sailors', 'watch the ships', 'windy and busy'),
  place('station', 'a place where trains stop', 'trains, clocks and travellers', 'wait for a train', 'loud and busy', 'at'),
  place('park', 'a green place in a town', 'trees, benches and ducks', 'play with a ball', 'green and open'),
  place('castle', 'a big house with strong walls', 'towers, gates and long halls', 'walk along the walls', 'old and grand'),
  place('bakery', 'a shop that sells bread', 'bread, cakes and a hot oven', 'buy warm bread', 'warm and sweet', 'at'),
  place('kitchen', 'a room where people cook', 'pots, spoons and an oven', 'cook dinner', 'warm and bright'),
  place('pond', 'a small body of still water', 'frogs, ducks and water plants', 'watch the frogs', 'still and green', 'at'),
  place('museum', 'a place that keeps old things', 'old coins, bones and pictures', 'learn about the past', 'quiet and old', 'at'),
  place('lighthouse', 'a tower that guides ships with light', 'a bright lamp and many stairs', 'look over the sea', 'tall and bright', 'at'),
];

export interface Sky {
  readonly name: string;
  readonly plain: string;
  readonly feels: string;
  /** After "When it ..., ": advice. */
  readonly wear: string;
  readonly cause: string;
}

const sky = (name: string, plain: string, feels: string, wear: string, cause: string): Sky => ({ name, plain, feels, wear, cause });

export const SKIES: readonly Sky[] = [
  sky('rain', 'water that falls from the clouds', 'wet', 'take an umbrella', 'the drops in the clouds grow heavy and fall'),
  sky('snow', 'soft white ice that falls from the clouds', 'cold', 'wear gloves and a warm coat', 'the water in the clouds freezes'),
  sky('wind', 'air that moves', 'fresh', 'hold on to your hat', 'warm air rises and cool air takes its place'),
  sky('fog', 'a cloud that lies on the ground', 'damp', 'walk slowly', 'wet air becomes cool near the ground'),
  sky('a storm', 'very strong wind with rain', 'wild', 'stay inside', 'warm and cold air meet'),
  sky('thunder', 'the loud sound of lightning', 'loud', 'stay inside', 'lightning heats the air very fast'),
  sky('lightning', 'a bright flash in the sky', 'bright', 'stay away from tall trees', 'the clouds are full of electric charge'),
  sky('ice', 'water that is frozen', 'cold and hard', 'walk with care', 'water becomes very cold'),
  sky('a rainbow', 'a bow of colours in the sky', 'bright', 'look up and enjoy it', 'sunlight shines through the rain'),
  sky('a cloud', 'many tiny drops of water in the sky', 'soft', 'look at its shape', 'warm wet air rises and cools'),
  sky('the sun', 'a very hot star that gives us light', 'hot and bright', 'wear a hat', 'it burns with great heat'),
  sky('the moon', 'a ball of rock that moves around the earth', 'cold and bright', 'look up at night', 'the sun shines on it'),
  sky('a star', 'a far away sun', 'hot and bright', 'look up on a clear night', 'it burns with great heat'),
  sky('frost', 'thin white ice on the ground', 'cold', 'wear warm boots', 'the night is clear and cold'),
];

export interface Season {
  readonly name: string;
  readonly feels: string;
  readonly sign: string;
  readonly activity: string;
  readonly next: string;
  readonly before: string;
}

export const SEASONS: readonly Season[] = [
  { name: 'spring', feels: 'mild and fresh', sign: 'flowers open and birds build nests', activity: 'plant seeds', next: 'summer', before: 'winter' },
  { name: 'summer', feels: 'hot and sunny', sign: 'the days are long and the sun is strong', activity: 'swim in the lake', next: 'autumn', before: 'spring' },
  { name: 'autumn', feels: 'cool and windy', sign: 'the leaves turn red and fall', activity: 'gather apples', next: 'winter', before: 'summer' },
  { name: 'winter', feels: 'cold and dark', sign: 'snow falls and the lakes freeze', activity: 'ride a sled', next: 'spring', before: 'autumn' },
];
