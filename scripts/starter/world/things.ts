/** @file Foods, things and people's work in the starter model's small world. Tables: one line an entry. */

export interface Food {
  readonly name: string;
  readonly kind: string;
  readonly colour: string;
  readonly taste: string;
  /** Where it comes from: "grows on trees". */
  readonly origin: string;
  readonly use: string;
  readonly plural: boolean;
}

const food = (name: string, kind: string, colour: string, taste: string, origin: string, use: string, plural = true): Food =>
  ({ name, kind, colour, taste, origin, use, plural });

export const FOODS: readonly Food[] = [
  food('apples', 'a fruit', 'red or green', 'sweet', 'grow on trees', 'bake a pie'),
  food('pears', 'a fruit', 'green', 'sweet', 'grow on trees', 'make a cake'),
  food('bananas', 'a fruit', 'yellow', 'sweet', 'grow in warm lands', 'make a milk shake'),
  food('lemons', 'a fruit', 'yellow', 'sour', 'grow on trees', 'make a cold drink'),
  food('oranges', 'a fruit', 'orange', 'sweet and fresh', 'grow on trees', 'make juice'),
  food('plums', 'a fruit', 'purple', 'sweet', 'grow on trees', 'make jam'),
  food('cherries', 'a fruit', 'red', 'sweet', 'grow on trees', 'bake a cake'),
  food('strawberries', 'a fruit', 'red', 'very sweet', 'grow near the ground', 'make jam'),
  food('grapes', 'a fruit', 'green or purple', 'sweet', 'grow on vines', 'make juice'),
  food('melons', 'a fruit', 'green', 'sweet and fresh', 'grow on the ground', 'cool down in summer'),
  food('carrots', 'a vegetable', 'orange', 'sweet', 'grow under the ground', 'make soup'),
  food('potatoes', 'a vegetable', 'brown', 'mild', 'grow under the ground', 'make a warm dinner'),
  food('onions', 'a vegetable', 'white', 'strong', 'grow under the ground', 'make soup'),
  food('tomatoes', 'a vegetable', 'red', 'fresh', 'grow in the sun', 'make a sauce'),
  food('peas', 'a vegetable', 'green', 'sweet', 'grow in small pods', 'make soup'),
  food('beans', 'a vegetable', 'green', 'mild', 'grow in long pods', 'make a stew'),
  food('pumpkins', 'a vegetable', 'orange', 'mild', 'grow on the ground', 'make a pie'),
  food('mushrooms', 'a food', 'brown', 'mild', 'grow in the forest', 'make a stew'),
  food('cabbage', 'a vegetable', 'green', 'mild', 'grows in the field', 'make soup', false),
  food('bread', 'a food', 'brown', 'mild', 'is baked from flour', 'make a sandwich', false),
  food('butter', 'a food', 'yellow', 'mild', 'is made from milk', 'put on bread', false),
  food('cheese', 'a food', 'yellow', 'salty', 'is made from milk', 'make a sandwich', false),
  food('milk', 'a drink', 'white', 'mild', 'comes from cows', 'drink at breakfast', false),
  food('honey', 'a food', 'gold', 'very sweet', 'is made by bees', 'put in tea', false),
  food('jam', 'a food', 'red', 'very sweet', 'is made from fruit', 'put on bread', false),
  food('soup', 'a warm food', 'brown', 'salty', 'is cooked in a pot', 'warm up in winter', false),
  food('rice', 'a food', 'white', 'mild', 'grows in wet fields', 'make a dinner', false),
  food('chocolate', 'a sweet food', 'brown', 'sweet', 'is made from beans of a tree', 'make a cake', false),
  food('tea', 'a hot drink', 'brown', 'a little bitter', 'is made from dry leaves', 'warm up on a cold day', false),
  food('ice cream', 'a cold food', 'white', 'sweet', 'is made from cold milk', 'cool down in summer', false),
  food('salt', 'a white powder', 'white', 'salty', 'comes from the sea', 'cook', false),
  food('eggs', 'a food', 'white or brown', 'mild', 'come from hens', 'bake a cake'),
];

export interface Thing {
  readonly name: string;
  readonly group: string;
  /** After "used to": "cut wood". */
  readonly use: string;
  readonly material: string;
  readonly place: string;
}

const thing = (name: string, group: string, use: string, material: string, place: string): Thing => ({ name, group, use, material, place });

export const THINGS: readonly Thing[] = [
  thing('hammer', 'tool', 'hit nails', 'metal and wood', 'in the workshop'),
  thing('saw', 'tool', 'cut wood', 'metal', 'in the workshop'),
  thing('axe', 'tool', 'chop wood', 'metal and wood', 'in the shed'),
  thing('spade', 'tool', 'dig holes', 'metal and wood', 'in the garden'),
  thing('rake', 'tool', 'gather leaves', 'metal and wood', 'in the garden'),
  thing('ladder', 'tool', 'climb up high', 'wood', 'in the shed'),
  thing('rope', 'tool', 'tie things together', 'strong thread', 'on a boat'),
  thing('broom', 'tool', 'sweep the floor', 'wood and straw', 'in the kitchen'),
  thing('bucket', 'tool', 'carry water', 'metal', 'in the garden'),
  thing('needle', 'tool', 'sew clothes', 'metal', 'in a sewing box'),
  thing('knife', 'tool', 'cut bread', 'metal', 'in the kitchen'),
  thing('spoon', 'kitchen thing', 'eat soup', 'metal', 'in the kitchen'),
  thing('fork', 'kitchen thing', 'eat dinner', 'metal', 'in the kitchen'),
  thing('cup', 'kitchen thing', 'drink tea', 'clay', 'in the kitchen'),
  thing('pot', 'kitchen thing', 'cook soup', 'metal', 'in the kitchen'),
  thing('oven', 'kitchen thing', 'bake bread', 'metal', 'in the kitchen'),
  thing('chair', 'piece of furniture', 'sit down', 'wood', 'in the kitchen'),
  thing('table', 'piece of furniture', 'eat together', 'wood', 'in the kitchen'),
  thing('bed', 'piece of furniture', 'sleep', 'wood', 'in the bedroom'),
  thing('lamp', 'piece of furniture', 'give light', 'metal and glass', 'in the bedroom'),
  thing('candle', 'small thing', 'give light', 'wax', 'on the table'),
  thing('mirror', 'small thing', 'see your face', 'glass', 'in the bathroom'),
  thing('soap', 'small thing', 'wash your hands', 'oil', 'in the bathroom'),
  thing('clock', 'small thing', 'tell the time', 'metal', 'on the wall'),
  thing('key', 'small thing', 'open a door', 'metal', 'in a pocket'),
  thing('bell', 'small thing', 'call people', 'metal', 'in a tower'),
  thing('book', 'small thing', 'read stories', 'paper', 'in the library'),
  thing('pencil', 'small thing', 'write words', 'wood', 'at school'),
  thing('map', 'small thing', 'find the way', 'paper', 'in a bag'),
  thing('compass', 'tool', 'find north', 'metal and glass', 'on a ship'),
  thing('umbrella', 'small thing', 'stay dry in the rain', 'cloth and metal', 'by the door'),
  thing('kite', 'toy', 'play in the wind', 'paper and wood', 'in the park'),
  thing('ball', 'toy', 'play games', 'rubber', 'in the park'),
  thing('drum', 'music instrument', 'make a beat', 'wood and skin', 'in the music room'),
  thing('flute', 'music instrument', 'play soft music', 'wood', 'in the music room'),
  thing('piano', 'music instrument', 'play songs', 'wood', 'in the music room'),
  thing('coat', 'piece of clothing', 'stay warm', 'wool', 'on a hook'),
  thing('hat', 'piece of clothing', 'cover your head', 'wool', 'on a hook'),
  thing('scarf', 'piece of clothing', 'keep your neck warm', 'wool', 'on a hook'),
  thing('boots', 'pair of shoes', 'walk in the mud', 'leather', 'by the door'),
  thing('gloves', 'piece of clothing', 'keep your hands warm', 'wool', 'in a pocket'),
  thing('boat', 'vehicle', 'cross the water', 'wood', 'on the lake'),
  thing('ship', 'vehicle', 'cross the sea', 'metal', 'in the harbour'),
  thing('train', 'vehicle', 'travel far on rails', 'metal', 'at the station'),
  thing('bus', 'vehicle', 'carry many people', 'metal', 'in the town'),
  thing('bicycle', 'vehicle', 'ride to school', 'metal', 'in the street'),
  thing('plane', 'vehicle', 'fly over the clouds', 'metal', 'at the airport'),
  thing('cart', 'vehicle', 'carry hay', 'wood', 'on the farm'),
  thing('sled', 'vehicle', 'slide over the snow', 'wood', 'on the hill'),
  thing('tent', 'shelter', 'sleep outside', 'cloth', 'in the forest'),
  thing('net', 'tool', 'catch fish', 'thin rope', 'on a boat'),
  thing('anchor', 'tool', 'hold a ship in place', 'iron', 'on a ship'),
];

export interface Job {
  readonly name: string;
  /** Third person: "bakes bread". */
  readonly does: string;
  readonly place: string;
  readonly tool: string;
}

const job = (name: string, does: string, place: string, tool: string): Job => ({ name, does, place, tool });

export const JOBS: readonly Job[] = [
  job('baker', 'bakes bread', 'in a bakery', 'an oven'),
  job('farmer', 'grows food', 'on a farm', 'a spade'),
  job('teacher', 'helps children learn', 'at school', 'books'),
  job('doctor', 'helps sick people', 'in a hospital', 'medicine'),
  job('nurse', 'cares for sick people', 'in a hospital', 'clean cloth'),
  job('sailor', 'works on a ship', 'at sea', 'ropes'),
  job('captain', 'leads a ship', 'at sea', 'a compass'),
  job('fisherman', 'catches fish', 'on a boat', 'a net'),
  job('cook', 'makes meals', 'in a kitchen', 'pots'),
  job('carpenter', 'makes things from wood', 'in a workshop', 'a saw'),
  job('tailor', 'sews clothes', 'in a shop', 'a needle'),
  job('gardener', 'takes care of plants', 'in a garden', 'a rake'),
  job('painter', 'paints pictures', 'in a bright room', 'brushes'),
  job('singer', 'sings songs', 'on a stage', 'a strong voice'),
  job('pilot', 'flies a plane', 'in the sky', 'maps'),
  job('driver', 'drives a bus', 'in the town', 'a bus'),
  job('shepherd', 'looks after sheep', 'on the hills', 'a stick'),
  job('miller', 'makes flour', 'in a mill', 'heavy stones'),
  job('blacksmith', 'shapes hot iron', 'in a forge', 'a hammer'),
  job('librarian', 'takes care of books', 'in a library', 'shelves'),
  job('postman', 'brings letters', 'in the streets', 'a bag'),
  job('firefighter', 'puts out fires', 'in the town', 'water'),
  job('vet', 'helps sick animals', 'in a clinic', 'medicine'),
  job('builder', 'builds houses', 'in the town', 'bricks'),
  job('writer', 'writes stories', 'at a desk', 'a pen'),
  job('clown', 'makes people laugh', 'in a circus', 'funny clothes'),
];
