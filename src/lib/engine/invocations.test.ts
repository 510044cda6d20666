// How an invocation gets into a prompt, and where it is found there.

import { expect, it } from 'vitest';
import type { ChatPrompt } from '#lib/model/chat-message.ts';
import type { TextModel } from '#lib/model/text.ts';
import type { GenerateRequest } from './engine.ts';
import { lastOccurrence, withInvocation } from './invocations.ts';
import { readInvokedPrompt } from './invoked-prompt.ts';

it.each<[string, number[], number[], number | null]>([
  ['once', [1, 2, 3, 4], [2, 3], 1],
  ['twice: the last', [2, 3, 1, 2, 3], [2, 3], 3],
  ['overlapping: the last', [5, 5, 5, 1], [5, 5], 1],
  ['begun at the end only', [1, 2], [2, 3], null],
  ['longer than the prompt', [2], [2, 3], null],
  ['in no place', [1, 4], [2], null],
])('an invocation is found %s', (_, ids, invocation, at) => {
  expect(lastOccurrence(ids, invocation)).toBe(at);
});

it.each<[string, number[], number[], number | undefined, number[]]>([
  ['is put at the end', [1, 2], [8, 9], undefined, [1, 2, 8, 9]],
  ['is put there also when an earlier turn holds it', [8, 9, 1, 2], [8, 9], undefined, [8, 9, 1, 2, 8, 9]],
  ['stays where the prompt ends with it', [1, 8, 9], [8, 9], undefined, [1, 8, 9]],
  ['follows the start of the answer', [1, 2, 50, 51], [8, 9], 2, [1, 2, 50, 51, 8, 9]],
  ['stays where the start of the answer holds it', [1, 2, 50, 51], [50], 2, [1, 2, 50, 51]],
  ['takes the place of a start that begins alike', [1, 2, 50, 51], [50, 77], 2, [1, 2, 50, 77]],
])('an invocation %s', (_, ids, invocation, body, wanted) => {
  expect(withInvocation(ids, invocation, body)).toEqual(wanted);
});

/** Each message is 10 and its number, the start of an answer 50, 51; text is the ids joined. */
const text = {
  readPrompt(prompt: ChatPrompt) {
    const turns = prompt.messages.flatMap(({ content }) => [10, Number(content)]);
    const ids = prompt.addGenerationPrompt === false ? turns : [...turns, 50, 51];
    return { ids, text: ids.join(' ') };
  },
  decode: (ids: number[]) => ids.join(' '),
} as unknown as TextModel;
const invocations: Record<string, number[] | null> = { plain: null, one: [8, 9], turn: [50, 77], two: [7] };
const read = (names: string[], more: Partial<GenerateRequest> = {}) =>
  readInvokedPrompt(
    text,
    { invocationOf: (id) => invocations[id]! },
    {
      prompt: { messages: [{ role: 'user', content: '1' }] },
      adapters: names.map((id) => ({ id, weight: 1 })),
      maxTokens: 1,
      invoke: true,
      ...more,
    },
  );

it('the prompt of a conversation ends with the invocation of its adapter', () => {
  expect(read([])).toEqual({ ids: [10, 1, 50, 51], text: '10 1 50 51', notInvoked: [] });
  expect(read(['plain'])).toEqual(read([]));
  expect(read(['one'])).toEqual({ ids: [10, 1, 50, 51, 8, 9], text: '10 1 50 51 8 9', notInvoked: [] });
  expect(read(['turn'])).toEqual({ ids: [10, 1, 50, 77], text: '10 1 50 77', notInvoked: [] });
});

it('several adapters are invoked in their order, also behind one that takes the place of the start', () => {
  expect(read(['one', 'plain', 'two']).ids).toEqual([10, 1, 50, 51, 8, 9, 7]);
  expect(read(['turn', 'one']).ids).toEqual([10, 1, 50, 77, 8, 9]);
});

it('a request that does not invoke is left as it is, and says which adapters are missing', () => {
  expect(read(['one', 'two', 'plain'], { invoke: false })).toEqual({
    ids: [10, 1, 50, 51],
    text: '10 1 50 51',
    notInvoked: ['one', 'two'],
  });
});

it('a message that is continued ends with the invocation', () => {
  const prompt = { messages: [{ role: 'user', content: '1' }], continueFinalMessage: true };
  expect(read(['turn'], { prompt }).ids).toEqual([10, 1, 50, 51, 50, 77]);
});
