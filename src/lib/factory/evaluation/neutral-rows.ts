// Everyday questions and sentences that no training set is about. An adapter whose loss on them is far above that of its base has
// forgotten what the base knew. The texts were written for this purpose and may be used by anyone (CC0).

import type { JsonObject } from '#lib/formats/json/json-file.ts';

const QUESTIONS: readonly (readonly [question: string, answer: string])[] = [
  ['What colour is the sky on a clear day?', 'On a clear day the sky is blue.'],
  ['How many days are in a week?', 'There are seven days in a week.'],
  ['What do bees make?', 'Bees make honey and wax.'],
  ['Which season comes after winter?', 'Spring comes after winter.'],
  ['What is ice made of?', 'Ice is made of frozen water.'],
  ['Why do people use umbrellas?', 'People use umbrellas to stay dry in the rain.'],
  ['What is the opposite of hot?', 'The opposite of hot is cold.'],
  ['Where does bread come from?', 'Bread is baked from flour, water and yeast.'],
  ['What do we see with?', 'We see with our eyes.'],
  ['How many legs does a dog have?', 'A dog has four legs.'],
  ['Which is larger, a mouse or a horse?', 'A horse is larger than a mouse.'],
  ['What does a clock show?', 'A clock shows the time of day.'],
  ['What grows on an apple tree?', 'Apples grow on an apple tree.'],
  ['When does the sun rise?', 'The sun rises in the morning.'],
  ['What is a library for?', 'A library keeps books that people can read and borrow.'],
  ['How do fish breathe?', 'Fish breathe with gills under water.'],
  ['What do you need to write a letter?', 'You need paper and a pen to write a letter.'],
  ['What is two plus three?', 'Two plus three is five.'],
  ['Where do birds lay their eggs?', 'Birds lay their eggs in a nest.'],
  ['What happens to snow in warm weather?', 'Snow melts in warm weather and becomes water.'],
  ['What is a bridge for?', 'A bridge lets people cross a river or a road.'],
  ['Which animal says meow?', 'A cat says meow.'],
  ['What do trees give us?', 'Trees give us shade, wood and fruit.'],
  ['How many months are in a year?', 'There are twelve months in a year.'],
  ['What is salt used for?', 'Salt is used to season food.'],
];

const TEXTS: readonly string[] = [
  'The train left the station at noon and reached the coast in the evening.',
  'She opened the window, because the room was warm.',
  'Rain fell all night, and in the morning the garden was green.',
  'The children played football in the park until it was dark.',
  'He put the keys on the table and went to bed.',
  'Every summer the family spends two weeks in the mountains.',
  'The baker sells fresh rolls before the town wakes up.',
  'A small boat crossed the lake without a sound.',
  'They painted the kitchen yellow and the hall white.',
  'The teacher wrote a question on the board and waited for an answer.',
  'My neighbour grows tomatoes and beans behind the house.',
  'The old clock in the tower is five minutes late.',
  'After the storm the road was covered with leaves.',
  'The cat sleeps on the chair next to the fire.',
  'We walked along the river and counted the bridges.',
  'The soup needs more salt and a little pepper.',
  'On Sunday the shops are closed, but the museum is open.',
  'He forgot his coat on the bus and had to walk home in the cold.',
  'The moon was so bright that the trees had shadows.',
  'She read the letter twice and put it back into the drawer.',
  'The farmer looked at the clouds and brought in the hay.',
  'Two friends shared a sandwich on a bench in the sun.',
  'The music stopped, and the people began to talk again.',
  'It takes an hour to drive from the village to the city.',
  'The doctor told him to drink more water and to sleep longer.',
];

export const NEUTRAL_ROWS: readonly { id: string; value: JsonObject }[] = [
  ...QUESTIONS.map(([question, answer]) => ({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  })),
  ...TEXTS.map((text) => ({ text })),
].map((value, i) => ({ id: `neutral-${i + 1}`, value }));
