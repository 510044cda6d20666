// Chats, pairs, preferences and texts of every common form become rows; no field of a record is lost.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { imported, jsonl } from '#tests/support/imported.ts';
import { memoryFile } from '#tests/support/import-files.ts';
import { readDatasetInfo } from './dataset-info.ts';
import { previewImport, type ImportOptions } from './import-rows.ts';
import { shapeOf, type Mapping } from '#lib/dataset/records/shapes.ts';

const read = (records: readonly unknown[], options?: ImportOptions) =>
  imported(memoryFile('a.jsonl', jsonl(records)), options);
const rowOf = async (record: object, options?: ImportOptions) => (await read([record], options)).rows[0];

const user = (content: unknown, more: object = {}) => ({ ...more, role: 'user', content });
const assistant = (content: unknown, more: object = {}) => ({ ...more, role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });
const chat = (asked: string, answered: string, more: object = {}) => ({
  ...more,
  messages: [user(asked), assistant(answered)],
});
const call = { id: 'c1', type: 'function', function: { name: 'find', arguments: '{"to":"Lund"}' } };
const turn = (from: string, value: unknown, more: object = {}) => ({ from, value, ...more });

describe('a record is read by its own shape', () => {
  test.each<[string, object, object]>([
    ['chat', { ...chat('a', 'b'), id: 1 }, chat('a', 'b', { id: 1 })],
    [
      'chat',
      {
        messages: [
          { role: 'user', text: 'a' },
          { role: 'Assistant', text: 'b' },
        ],
      },
      chat('a', 'b'),
    ],
    ['chat', { messages: JSON.stringify(chat('a', 'b').messages), id: 'x' }, chat('a', 'b', { id: 'x' })],
    [
      'sharegpt',
      { conversations: [turn('human', 'a'), turn('gpt', 'b')], source: 'x' },
      chat('a', 'b', { source: 'x' }),
    ],
    ['alpaca', { instruction: 'a', input: '', output: 'b' }, chat('a', 'b')],
    ['alpaca', { instruction: 'a', input: 'c', output: 'b', topic: 't' }, chat('a\n\nc', 'b', { topic: 't' })],
    ['alpaca', { instruction: 'a', context: 'c', response: 'b' }, chat('a\n\nc', 'b')],
    ['alpaca', { instruction: 'a', output: 'b', text: 'rendered' }, chat('a', 'b', { text: 'rendered' })],
    ['prompt-completion', { prompt: 'a', completion: 'b' }, chat('a', 'b')],
    ['prompt-completion', { question: 'a', answer: 'b' }, chat('a', 'b')],
    ['prompt-completion', { question: 'a', answer: 72 }, chat('a', '72')],
    ['prompt-completion', { prompt: [user('a')], completion: [assistant('b')] }, chat('a', 'b')],
    ['preference', { prompt: 'a', chosen: 'b', rejected: 'c' }, { prompt: 'a', chosen: 'b', rejected: 'c' }],
    [
      'preference',
      { chosen: [user('a'), assistant('b')], rejected: [user('a'), assistant('c')], margin: 2 },
      { chosen: [user('a'), assistant('b')], rejected: [user('a'), assistant('c')], margin: 2 },
    ],
    [
      'preference',
      { conversations: [turn('human', 'a')], chosen: turn('gpt', 'b'), rejected: turn('gpt', 'c') },
      { conversations: [turn('human', 'a')], chosen: turn('gpt', 'b'), rejected: turn('gpt', 'c') },
    ],
    ['text', { text: 'a', title: 't' }, { text: 'a', title: 't' }],
    ['text', { content: 'a' }, { text: 'a' }],
  ])('%s: %j', async (name, record, row) => {
    expect(shapeOf(record as Record<string, unknown>)?.name).toBe(name);
    expect(await read([record, record])).toMatchObject({ rows: [row, row], issues: [] });
  });

  it('at any position in the file', async () => {
    const early = Array.from({ length: 80 }, (_, n) => ({ instruction: `i${n}`, output: 'o' }));
    const late = { instruction: 'i', input: 'in', system: 's', output: 'o', history: [['before', 'then']] };
    const { rows } = await read([...early, late, { text: 'prose' }, chat('a', 'b')]);
    expect(rows.slice(80)).toEqual([
      { messages: [system('s'), user('before'), assistant('then'), user('i\n\nin'), assistant('o')] },
      { text: 'prose' },
      chat('a', 'b'),
    ]);
    expect((await read([...Array<object>(90).fill({ odd: 1 }), { text: 'a' }])).rows).toEqual([{ text: 'a' }]);
  });
});

describe('a message keeps all its fields', () => {
  it('tool calls, their results, names, weights, reasoning, loss', async () => {
    const messages = [
      system('You book trains.'),
      user('Train to Lund?', { name: 'Ana' }),
      assistant('', { tool_calls: [call] }),
      { role: 'tool', tool_call_id: 'c1', name: 'find', content: '{"dep":"09:04"}' },
      assistant('09:04.', { weight: 0, reasoning_content: 'looks', loss: false }),
      assistant(null, { tool_calls: [call] }),
    ];
    expect(await rowOf({ messages, tools: [{ type: 'function' }] })).toEqual({
      messages,
      tools: [{ type: 'function' }],
    });
  });

  it('null content without words, also when the file omits it', async () => {
    const record = { messages: [user('q'), { role: 'assistant', tool_calls: [call] }, { role: 'tool', content: '1' }] };
    expect(await rowOf(record)).toEqual({
      messages: [user('q'), assistant(null, { tool_calls: [call] }), record.messages[2]],
    });
    await expect(read([{ messages: [user('q'), { role: 'assistant' }] }])).rejects.toThrow(
      'message 2: field "content" is not a text',
    );
  });

  it('parts of a content, pictures among them, as parts', async () => {
    const parts = [
      { type: 'image_url', image_url: { url: 'x.png' } },
      { type: 'text', text: 'And this?' },
    ];
    expect(await rowOf({ messages: [user(parts), assistant('A dog')] })).toEqual({
      messages: [user(parts), assistant('A dog')],
    });
  });

  it('fields named like those of a row, under another name', async () => {
    const record = { conversations: [turn('human', 'a', { role: 'x' }), turn('gpt', 'b', { content: 'y' })] };
    expect(await rowOf(record)).toEqual({
      messages: [user('a', { file_role: 'x' }), assistant('b', { file_content: 'y' })],
    });
  });

  it('any other fields', async () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'name', 'weight', 'toString', 'tool_calls'));
    const more = fc.dictionary(
      name.filter((one) => one !== 'role' && one !== 'content'),
      fc.jsonValue({ maxDepth: 2 }),
    );
    await fc.assert(
      fc.asyncProperty(more, fc.string(), async (fields, said) => {
        const record = { messages: [user('q'), assistant(said, fields)] };
        const source = JSON.stringify(record);
        expect(await imported(memoryFile('a.jsonl', source))).toMatchObject({ rows: [JSON.parse(source)], issues: [] });
      }),
      { numRuns: 60 },
    );
  });
});

describe('roles', () => {
  it("are known by LLaMA-Factory's and other names; a call written as JSON becomes a call", async () => {
    const record = {
      conversations: [
        turn('human', 'Weather?'),
        turn('function_call', '{"name":"weather","arguments":{"city":"Oslo"}}'),
        turn('observation', '{"t":4}'),
        turn('gpt', 'Four degrees.', { loss: true }),
        turn('function-call', 'not JSON'),
        turn('function_call', '[{"name":"a","arguments":{}},{"name":"b","arguments":"{}"}]'),
        turn('tool_response', 'r'),
        turn('Human', 'h'),
      ],
    };
    const called = (name: string, given: string) => ({ type: 'function', function: { name, arguments: given } });
    expect(await rowOf(record)).toEqual({
      messages: [
        user('Weather?'),
        assistant(null, { tool_calls: [called('weather', '{"city":"Oslo"}')] }),
        { role: 'tool', content: '{"t":4}' },
        assistant('Four degrees.', { loss: true }),
        assistant('not JSON'),
        assistant(null, { tool_calls: [called('a', '{}'), called('b', '{}')] }),
        { role: 'tool', content: 'r' },
        user('h'),
      ],
    });
  });

  it('can be mapped', async () => {
    const record = {
      messages: [
        { role: 'Q', content: 'a' },
        { role: 'A', content: 'b' },
      ],
    };
    await expect(read([record])).rejects.toThrow('message 1: field "role" is "Q", which is not a known role');
    const roles = { q: 'user', a: 'assistant' } as const;
    expect(await rowOf(record, { roles })).toEqual(chat('a', 'b'));
    const mapping = { kind: 'messages', list: 'said', role: 'who', content: 'what', system: null } as const;
    const named = {
      said: [
        { who: 'Q', what: 'a' },
        { who: 'A', what: 'b' },
      ],
    };
    expect(await rowOf(named, { mapping, roles })).toEqual(chat('a', 'b'));
  });

  it('developer stays developer', async () => {
    const messages = [{ role: 'developer', content: 'd' }, user('a'), assistant('b')];
    expect(await rowOf({ messages })).toEqual({ messages });
  });
});

describe('the system', () => {
  test.each([
    ['', [user('a')], [user('a')]],
    ['s', [user('a')], [system('s'), user('a')]],
    ['s', [system('s'), user('a')], [system('s'), user('a')]],
    ['s', [system('t'), user('a')], [system('s\n\nt'), user('a')]],
    [
      's',
      [{ role: 'system', content: [{ type: 'text', text: 't' }] }],
      [
        {
          role: 'system',
          content: [
            { type: 'text', text: 's' },
            { type: 'text', text: 't' },
          ],
        },
      ],
    ],
  ])('%j before %j gives one system message', async (words, messages, expected) => {
    expect(await rowOf({ system: words, messages })).toEqual({ messages: expected });
  });

  it('that is not a text is kept as a field', async () => {
    expect(await rowOf({ system: 3, ...chat('a', 'b') })).toEqual(chat('a', 'b', { system: 3 }));
  });
});

it('assistant turns before the answer get weight 0', async () => {
  const record = { prompt: [user('a'), assistant('b'), user('c')], completion: [assistant('d')] };
  expect(await rowOf(record)).toEqual({
    messages: [user('a'), assistant('b', { weight: 0 }), user('c'), assistant('d')],
  });
});

it('an invalid history is kept as a field', async () => {
  const record = { instruction: 'a', output: 'b', history: 'once upon' };
  expect(await rowOf(record)).toEqual(chat('a', 'b', { history: 'once upon' }));
});

describe('a mapping by hand', () => {
  const record = { ask: 'a', reply: 'b', note: 'n' };

  it('is required when the shape is unknown, and then used', async () => {
    expect(await previewImport(memoryFile('a.jsonl', jsonl([record])))).toMatchObject({
      shape: null,
      fields: ['ask', 'reply', 'note'],
      rows: [],
    });
    await expect(read([record])).rejects.toThrow('unknown shape; they have the fields ask, reply, note');
    const mapping: Mapping = { kind: 'turns', system: null, history: null, prompt: ['ask'], completion: 'reply' };
    expect(await rowOf(record, { mapping })).toEqual(chat('a', 'b', { note: 'n' }));
    expect(await rowOf(record, { mapping, keep: [], add: { licence: 'MIT' } })).toEqual(
      chat('a', 'b', { licence: 'MIT' }),
    );
    expect(await rowOf(record, { mapping: { kind: 'text', text: 'note' } })).toEqual({
      ask: 'a',
      reply: 'b',
      text: 'n',
    });
    expect(
      await rowOf(record, { mapping: { kind: 'preference', prompt: 'note', chosen: 'ask', rejected: 'reply' } }),
    ).toEqual({
      prompt: 'n',
      chosen: 'a',
      rejected: 'b',
    });
    expect(await rowOf(record, { mapping: { kind: 'fields' } })).toEqual(record);
  });

  it('keeps columns named like a row’s content', async () => {
    const { rows, issues } = await read([{ content: 'body', text: 'headline', messages: 'three' }], {
      mapping: { kind: 'text', text: 'content' },
    });
    expect(rows).toEqual([{ text: 'body', file_text: 'headline', file_messages: 'three' }]);
    expect(issues).toEqual([
      'a.jsonl line 1: field "text" is called as what the row says itself; it goes along as "file_text".',
      'a.jsonl line 1: field "messages" is not what the row says; it goes along as "file_messages".',
    ]);
  });
});

describe("LLaMA-Factory's dataset_info.json", () => {
  const info = {
    plain: { file_name: 'data/a.jsonl', columns: { prompt: 'ask', response: 'reply', history: 'past' } },
    talk: {
      file_name: 'talk.json',
      formatting: 'sharegpt',
      columns: { messages: 'talk', system: 'sys' },
      tags: { role_tag: 'who', content_tag: 'said', user_tag: 'Kunde', assistant_tag: 'Laden' },
    },
    pairs: { ranking: true, columns: { prompt: 'ask', chosen: 'good', rejected: 'bad' } },
  };

  it('maps columns and roles', async () => {
    const record = { ask: 'a', input: 'c', reply: 'b', past: [['x', 'y']] };
    expect(await rowOf(record, readDatasetInfo(info, 'i', 'a.jsonl'))).toEqual({
      messages: [user('x'), assistant('y'), user('a\n\nc'), assistant('b')],
    });
    const talk = {
      talk: [
        { who: 'Kunde', said: 'a' },
        { who: 'Laden', said: 'b' },
      ],
      sys: 's',
    };
    expect(await rowOf(talk, readDatasetInfo(info, 'i', 'x', 'talk'))).toEqual({
      messages: [system('s'), user('a'), assistant('b')],
    });
    expect(await rowOf({ ask: 'a', good: 'b', bad: 'c' }, readDatasetInfo(info, 'i', 'x', 'pairs'))).toEqual({
      prompt: 'a',
      chosen: 'b',
      rejected: 'c',
    });
  });

  it.each([
    [undefined, info, /several datasets/],
    ['none', info, /does not describe "none"/],
    ['x', { x: { formatting: 'odd' } }, /formatting is "odd"/],
    ['x', { x: { ranking: true } }, /no columns "chosen" and "rejected"/],
    ['x', { x: { columns: { prompt: 3 } } }, /column "prompt": it is not a name/],
  ])('without a usable entry is refused: %s', (dataset, of, message) => {
    expect(() => readDatasetInfo(of, 'i', 'other', dataset)).toThrow(message);
  });
});

it('an invalid id or contributor is kept under another name, and reported', async () => {
  const { rows, issues } = await read([
    { id: '', contributor: '', text: 'a' },
    { id: 1.5, contributor: 'Jane Doe', text: 'b' },
    { id: 'x', contributor: `0x${'ab'.repeat(20)}`, text: 'c', file_id: 0 },
    { id: true, text: 'd', file_id: 0 },
  ]);
  expect(rows).toEqual([
    { text: 'a' },
    { file_id: 1.5, file_contributor: 'Jane Doe', text: 'b' },
    { id: 'x', contributor: `0x${'ab'.repeat(20)}`, text: 'c', file_id: 0 },
    { file_id: 0, file_id_: true, text: 'd' },
  ]);
  expect(issues).toHaveLength(3);
  expect((await read([{ text: 'a', licence: 'mine' }], { add: { licence: 'MIT' } })).rows).toEqual([
    { text: 'a', licence: 'MIT', file_licence: 'mine' },
  ]);
});

it('the preview shows the first five rows, and the first issues', async () => {
  const many = Array.from({ length: 500 }, (_, n) => ({ text: String(n + 1) }));
  const preview = await previewImport(memoryFile('a.jsonl', jsonl([{ text: '0' }, 'no', ...many])));
  expect(preview.rows).toEqual([0, 1, 2, 3, 4].map((n) => ({ text: String(n) })));
  expect(preview.issues).toEqual([
    expect.objectContaining({ line: 2, message: expect.stringContaining('a.jsonl line 2') as string }),
  ]);
});
