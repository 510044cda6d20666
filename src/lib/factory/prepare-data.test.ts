// Rows become training data: forms, joining, cutting, splitting, leakage, licences, and the words in which a run is refused.

import { beforeAll, describe, expect, it, test } from 'vitest';
import { findLicence, NO_LICENCE } from '#lib/formats/datanet/licences.ts';
import { rowId, rowOf } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { loadText, type TextModel } from '#lib/model/text.ts';
import { digester } from '#tests/support/datanets.ts';
import { readJson, tokenizerPath } from '#tests/support/fixtures.ts';
import { formOfRow } from './example-form.ts';
import { prepareData, type DataOptions, type TrainingData } from './prepare-data.ts';
import { previewExample } from './preview-example.ts';
import type { RowSource, TrainingRow } from './training-row.ts';

const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls[0].function.arguments | tojson }}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

const open = (template: string | null, more: JsonObject = {}, json: JsonObject = {}): Promise<TextModel> => {
  const config = { eos_token: '<|im_end|>', ...more, ...(template !== null && { chat_template: template }) };
  const files = new Map([
    [
      'tokenizer.json',
      JSON.stringify({ ...readJson<JsonObject>(`${tokenizerPath('llama3')}/tokenizer.json`), ...json }),
    ],
    ['tokenizer_config.json', JSON.stringify(config)],
  ]);
  return loadText(createMemoryFolder('m', files), 1000, () => new Date(2026, 10, 30));
};

/** Its tokenizer puts <s>, id 1, before every text. */
const openWithBos = () =>
  open(
    null,
    { bos_token: '<s>' },
    {
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
      },
    },
  );

let chatModel: TextModel;
let plainModel: TextModel;
beforeAll(async () => {
  [chatModel, plainModel] = [await open(CHATML), await open(null)];
});

const trainingRow = (value: JsonObject): TrainingRow => {
  const row = rowOf(value, 'row');
  const leaf = digester.sha256(new TextEncoder().encode(row.text));
  return { id: rowId(row.value, leaf), leaf, value: row.value };
};
const sourceOf = (
  values: readonly JsonObject[],
  licence: RowSource['licence'] = findLicence('CC-BY-4.0')!,
): RowSource => ({
  name: 'Rare birds',
  licence,
  rows: async function* () {
    yield values.map(trainingRow);
  },
});
const chat = (id: string, ...contents: string[]): JsonObject => ({
  id,
  messages: contents.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content })),
});

const OPTIONS: DataOptions = { turns: 'all', length: 512, validation: { share: 0, least: 0 }, joined: 0, seed: 7 };

async function prepare(
  sources: readonly RowSource[],
  options: Partial<DataOptions> = {},
  labeller: TextModel = chatModel,
): Promise<TrainingData> {
  const run = prepareData(sources, { ...OPTIONS, ...options }, { labeller, digester });
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
  }
}

/** What is read and what of it is learned. */
const shown = (data: TrainingData, text: TextModel = chatModel) =>
  data.train.map((example) => {
    const tokens = previewExample(example, text);
    const join = (some: typeof tokens) => some.map((token) => token.text).join('');
    return { all: join(tokens), learned: join(tokens.filter(({ isLearned }) => isLearned)) };
  });

describe('forms of rows', () => {
  const asked = '<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\nThat.<|im_end|>\n';
  it.each<[string, JsonObject]>([
    [
      'messages',
      {
        messages: [
          { role: 'user', content: 'What?' },
          { role: 'assistant', content: 'That.' },
        ],
      },
    ],
    [
      'conversations of ShareGPT',
      {
        conversations: [
          { from: 'human', value: 'What?' },
          { from: 'gpt', value: 'That.' },
        ],
      },
    ],
    ['prompt and completion', { prompt: 'What?', completion: 'That.' }],
    ['instruction and output', { instruction: 'What?', input: '', output: 'That.' }],
    ['question and answer', { question: 'What?', answer: 'That.', source: 'book' }],
  ])('%s are a conversation', async (_, value) => {
    expect(shown(await prepare([sourceOf([value])]))).toEqual([{ all: asked, learned: 'That.<|im_end|>' }]);
  });

  it('an instruction goes on with its input, and a system field opens the conversation', async () => {
    const [only] = shown(
      await prepare([sourceOf([{ instruction: 'Add.', input: '2 3', output: '5', system: 'Be brief.' }])]),
    );
    expect(only!.all).toContain('system\nBe brief.<|im_end|>\n<|im_start|>user\nAdd.\n\n2 3<|im_end|>');
  });

  it('a text is learned whole, and ended', async () => {
    expect(shown(await prepare([sourceOf([{ text: 'The sea.' }])]))[0]!.all).toBe('The sea.<|im_end|>');
  });

  it.each<[JsonObject, RegExp]>([
    [{ a: 1 }, /neither a conversation/],
    [{ text: ' ' }, /empty/],
    [{ prompt: 'a', chosen: 'b', rejected: 'c' }, /preferences/],
    [{ prompt: 'a', completion: 'b', label: false }, /not wanted/],
    [
      { id: 'a', sealed: { ring: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', box: 'AAAA' } },
      /is sealed and was not opened/,
    ],
    [{ messages: [] }, /no message of the assistant/],
    [{ messages: [{ role: 'critic', content: 'a' }] }, /message 1 has no known role/],
    [{ messages: ['a'] }, /message 1 has no known role/],
    [{ messages: [{ role: 'assistant', content: 'a', weight: 0 }] }, /no message of the assistant/],
    [
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: '' },
        ],
      },
      /no message of the assistant/,
    ],
    [{ messages: Array.from({ length: 513 }, () => ({ role: 'user', content: 'a' })) }, /513 messages/],
  ])('%j is not used, and the reason is given', (value, reason) => {
    const form = formOfRow(value);
    expect('reason' in form && form.reason).toMatch(reason);
  });

  it('an answer of weight 0 is context; of the others all or the last are learned', async () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b', weight: 0 },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'd' },
      { role: 'user', content: 'e' },
      { role: 'assistant', content: 'f', weight: 1 },
    ];
    const learned = async (turns: 'all' | 'last') =>
      shown(await prepare([sourceOf([{ messages }])], { turns }))[0]!.learned;
    expect(await learned('all')).toBe('d<|im_end|>f<|im_end|>');
    expect(await learned('last')).toBe('f<|im_end|>');
  });

  it('arguments of calls reach the template as values, and as text where it refuses values', async () => {
    const call = { type: 'function', function: { name: 'f', arguments: '{"n": 1}' } };
    const row = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '', tool_calls: [call] },
      ],
    };
    expect(shown(await prepare([sourceOf([row])]))[0]!.learned).toBe('{"n": 1}<|im_end|>');
    const strict = await open(CHATML.replace('arguments | tojson', "arguments + ''"));
    expect(shown(await prepare([sourceOf([row])], {}, strict))[0]!.learned).toBe('{"n": 1}<|im_end|>');
  });

  it('what a template refuses is dropped with its own words', async () => {
    const strict = await open(
      `{% if messages[0].role == 'system' %}{{ raise_exception('No system here') }}{% endif %}${CHATML}`,
    );
    const system = {
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    };
    const { counts } = await prepare([sourceOf([system, chat('x', 'a', 'b')])], {}, strict);
    expect(counts.train.dropped).toMatchObject([{ count: 1 }]);
    expect(counts.train.dropped[0]!.reason).toContain('No system here');
  });
});

describe('a model without a template', () => {
  it('learns completions and texts; a conversation of several turns is dropped', async () => {
    const rows = [
      { id: 'a', prompt: '2+2=', completion: '4' },
      { id: 'b', question: 'Why?', answer: 'So.' },
      { id: 'c', text: 'Sea.' },
      chat('d', 'a', 'b', 'c', 'd'),
    ];
    const data = await prepare([sourceOf(rows)], {}, plainModel);
    expect(shown(data, plainModel)).toEqual([
      { all: '2+2=4<|im_end|>', learned: '4<|im_end|>' },
      { all: 'Why?\n\nSo.<|im_end|>', learned: 'So.<|im_end|>' },
      // Nothing precedes the first token, so nothing predicts it.
      { all: 'Sea.<|im_end|>', learned: expect.stringMatching(/^.{1,3}[.]<\|im_end\|>$/) as string },
    ]);
    expect(data.counts.train.dropped[0]!.reason).toMatch(/no chat template/);
  });
});

describe('length', () => {
  const long = chat('long', 'word '.repeat(40), 'yes');
  const short = chat('short', 'a', `b ${'c '.repeat(60)}`);
  it('an example is cut at its end while loss is left, and dropped with the reason otherwise', async () => {
    const { train, counts } = await prepare([sourceOf([long, short])], { length: 32 });
    expect(train.map(({ rows, ids, loss }) => [rows[0]!.id, ids.length, loss.length])).toEqual([['short', 32, 32]]);
    expect(train[0]!.loss.includes(1)).toBe(true);
    expect(counts.train.cut.examples).toBe(1);
    expect(counts.train.dropped).toEqual([
      {
        reason: 'its first learned token comes after the length limit of 32',
        count: 1,
        rows: [{ source: 0, id: 'long' }],
      },
    ]);
  });
  it.each([false, true])(
    'a long text becomes several examples that learn each token once (BOS: %s)',
    async (addsBos) => {
      const text = addsBos ? await openWithBos() : chatModel;
      const words = Array.from({ length: 50 }, (_, i) => `word${i}`).join(' ');
      const { train, counts } = await prepare([sourceOf([{ id: 't', text: words }])], { length: 16 }, text);
      const whole = await prepare([sourceOf([{ id: 't', text: words }])], {}, text);
      const learned = (examples: TrainingData['train']) =>
        examples.flatMap(({ ids, loss }) => [...ids].filter((_, at) => loss[at] === 1));
      expect(learned(train)).toEqual(learned(whole.train));
      expect(train.length).toBeGreaterThan(5);
      expect(train.every(({ ids, rows }) => ids.length <= 16 && ids.length > 1 && rows[0]!.id === 't')).toBe(true);
      expect(
        train.every(({ ids }) => (ids[0] === 1) === addsBos && ids.filter((id) => id === 1).length === Number(addsBos)),
      ).toBe(true);
      expect(counts.train).toMatchObject({ rows: 1, examples: train.length, cut: { examples: 0 } });
    },
  );
  it('a run without a learned token is refused in words', async () => {
    await expect(prepare([sourceOf([long])], { length: 16 })).rejects.toThrow(
      'No token of the 1 rows is learned, so there is nothing to train; of 1 of them: its first learned token comes after the length limit of 16.',
    );
    for (const length of [15, 2049, 100.5])
      await expect(prepare([sourceOf([long])], { length })).rejects.toThrow(
        `The length limit of an example is ${length} tokens.`,
      );
    await expect(prepare([sourceOf([])])).rejects.toThrow('The data has no rows to train on.');
  });
});

test('an example made of two rows names both, and the same seed makes the same examples', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => chat(`r${i}`, `question ${i}`, `answer ${i}`));
  const data = await prepare([sourceOf(rows)], { joined: 0.5 });
  const pairs = data.train.filter((example) => example.rows.length === 2);
  expect(pairs.length).toBeGreaterThan(5);
  expect(pairs.length).toBeLessThan(25);
  for (const [at, { rows: named }] of data.train.entries()) {
    const numbers = named.map(({ id }) => id.slice(1));
    expect(shown(data)[at]!.learned).toBe(numbers.map((n) => `answer ${n}<|im_end|>`).join(''));
  }
  expect(await prepare([sourceOf(rows)], { joined: 0.5 })).toEqual(data);
  const other = await prepare([sourceOf(rows)], { joined: 0.5, seed: 8 });
  expect(other.train.map((example) => example.rows)).not.toEqual(data.train.map((example) => example.rows));
});

describe('validation', () => {
  const birds = (n: number) =>
    chat(`b${n}`, `What is the ringing code of bird number ${n} in the eastern marsh?`, `It is code ${n * 17}.`);
  const rows = Array.from({ length: 60 }, (_, i) => birds(i));
  const options = { validation: { share: 0.1, least: 5 } };
  const idsOf = (examples: TrainingData['train']) => examples.map((example) => example.rows[0]!.id).sort();

  it('does not depend on the order of rows, and adding rows moves few of them', async () => {
    const one = await prepare([sourceOf(rows)], options);
    expect(idsOf((await prepare([sourceOf([...rows].reverse())], options)).validation)).toEqual(idsOf(one.validation));
    expect(one.validation.length + one.leaks.length).toBe(6);
    const more = await prepare([sourceOf([...rows, birds(60), birds(61)])], options);
    const kept = idsOf(more.validation).filter((id) => idsOf(one.validation).includes(id));
    expect(kept.length).toBeGreaterThanOrEqual(one.validation.length - 2);
  });

  it('holds back at most a fifth of few rows', async () => {
    const few = await prepare([sourceOf(rows.slice(0, 10))], { validation: { share: 0.05, least: 20 } });
    expect(few.validation.length + few.leaks.length).toBe(2);
  });

  it('has no row that repeats one of training: equal, nearly equal, or with the same question', async () => {
    const said =
      'the bittern booms at dawn and at dusk from the reeds of the long shallow lake behind the old mill and is heard far away';
    const values = [
      ...Array.from({ length: 40 }, (_, i) => ({ id: `e${i}`, text: said })),
      ...Array.from({ length: 40 }, (_, i) => ({ id: `n${i}`, text: `${said} ${i}` })),
      ...Array.from({ length: 40 }, (_, i) =>
        chat(`q${i}`, i % 2 ? 'How loud is it?' : 'how LOUD is it', `answer ${'abcdefghij'[i % 10]!}${i}`),
      ),
    ];
    const { leaks, validation, counts } = await prepare([sourceOf(values)], { validation: { share: 0.3, least: 0 } });
    expect(new Set(leaks.map(({ kind }) => kind))).toEqual(new Set(['exact', 'near', 'question']));
    expect(validation).toEqual([]);
    expect(leaks.length).toBe(36);
    expect(counts.validation.dropped.reduce((sum, { count }) => sum + count, 0)).toBe(36);
    const train = new Set(
      (await prepare([sourceOf(values)], { validation: { share: 0.3, least: 0 } })).train.map((one) => one.rows[0]!.id),
    );
    expect(leaks.every((leak) => train.has(leak.train.id) && !train.has(leak.validation.id))).toBe(true);
  });
});

describe('licences', () => {
  const one = [chat('x', 'a', 'b')];
  it.each([
    [
      findLicence('CC-BY-ND-4.0')!,
      'Rare birds has the licence CC-BY-ND-4.0, which forbids derivatives, and an adapter is one.',
    ],
    [NO_LICENCE, 'Rare birds has no licence, so nothing may be made of it.'],
  ])('a Datanet under %j stops the run before a row is read', async (licence, words) => {
    const source: RowSource = {
      ...sourceOf(one, licence),
      rows: () => {
        throw new Error('a row was read');
      },
    };
    await expect(prepare([source])).rejects.toThrow(words);
  });

  it.each([
    [
      'CC-BY-NC-ND-4.0',
      'Row x of Rare birds has the licence CC-BY-NC-ND-4.0, which forbids derivatives, and an adapter is one.',
    ],
    ['All rights reserved', 'Row x of Rare birds has the licence "All rights reserved", which is not known.'],
  ])('a row under %s stops the run', async (licence, words) => {
    await expect(prepare([sourceOf([{ ...one[0], licence }], 'own')])).rejects.toThrow(words);
  });

  it('the adapter is for commercial use if all rows are, and keeps a share-alike licence', async () => {
    const terms = async (...ids: string[]) => (await prepare(ids.map((id) => sourceOf(one, findLicence(id))))).terms;
    expect(await terms('CC-BY-4.0', 'MIT')).toEqual({
      licences: ['CC-BY-4.0', 'MIT'],
      commercial: true,
      shareAlike: null,
      unpublishable: null,
    });
    expect(await terms('CC-BY-NC-4.0', 'MIT')).toMatchObject({ commercial: false, unpublishable: null });
    expect(await terms('CC-BY-SA-4.0', 'MIT')).toMatchObject({ shareAlike: 'CC-BY-SA-4.0', unpublishable: null });
    expect((await terms('CC-BY-SA-4.0', 'ODbL-1.0')).unpublishable).toMatch(/no licence fits/);
    expect((await terms('CC-BY-SA-4.0', 'CC-BY-NC-4.0')).unpublishable).toMatch(/forbids commercial use/);
    const own = await prepare([sourceOf([{ ...one[0], licence: 'CC-BY-NC-4.0' }], 'own')]);
    expect(own.terms).toMatchObject({ licences: ['CC-BY-NC-4.0'], commercial: false });
  });
});

test('counts say what became of all rows', async () => {
  const rows = [chat('a', 'a', 'b'), chat('b', '<|im_end|>', 'c'), { id: 'c', other: 1 }];
  const { counts, train } = await prepare([sourceOf(rows)]);
  const learned = train.reduce((sum, { loss }) => sum + loss.reduce((all, bit) => all + bit, 0), 0);
  const tokens = train.reduce((sum, { ids }) => sum + ids.length, 0);
  expect(counts.train).toMatchObject({
    rows: 3,
    examples: 2,
    tokens,
    lossTokens: learned,
    guarded: 1,
    missed: 0,
    methods: { prefix: 2 },
  });
  expect(learned).toBe(4);
});

test('a stopped run ends with an error', async () => {
  const run = prepareData([sourceOf([chat('a', 'a', 'b')])], OPTIONS, {
    labeller: chatModel,
    digester,
    signal: AbortSignal.abort(),
  });
  await expect(run.next()).rejects.toMatchObject({ code: 'core/aborted' });
});
