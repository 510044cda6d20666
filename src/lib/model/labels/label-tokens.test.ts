// Labels compared with the reference renderer and tokenizer (`return_assistant_tokens_mask` where the template has generation tags, the
// prefix rule elsewhere); and what holds for any conversation: the learned tokens spell the answers and the ends of their turns.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import forms from '#tests/fixtures/chat-templates.json' with { type: 'json' };
import truth from '#tests/fixtures/training-labels.json' with { type: 'json' };
import { readJson, tokenizerPath } from '#tests/support/fixtures.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { ChatMessage } from '../chat-message.ts';
import { loadText, type TextModel } from '../text.ts';
import type { LabelledTokens, LabelSource } from './label-source.ts';

interface TokenizerJson {
  added_tokens: { id: number; content: string }[];
  model: { vocab: Record<string, number> };
  [field: string]: unknown;
}

interface TestModel {
  base: string;
  /** Further added tokens: content, and whether it is special. */
  added: [string, boolean][];
  bos: string | null;
  eos: string | null;
  addsBos: boolean;
  template: string | null;
}

function openText({ base, added, bos, eos, addsBos, template }: TestModel): Promise<TextModel> {
  const json = readJson<TokenizerJson>(`${tokenizerPath(base)}/tokenizer.json`);
  const known = [...Object.values(json.model.vocab), ...json.added_tokens.map(({ id }) => id)];
  const first = known.reduce((most, id) => Math.max(most, id), 0) + 1;
  const fields = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  json.added_tokens.push(...added.map(([content, special], i) => ({ id: first + i, content, special, ...fields })));
  if (addsBos && bos !== null) {
    const id = json.added_tokens.find(({ content }) => content === bos)!.id;
    json['post_processor'] = {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: bos, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { [bos]: { id: bos, ids: [id], tokens: [bos] } },
    };
  }
  const config = { bos_token: bos, eos_token: eos, ...(template !== null && { chat_template: template }) };
  const files = new Map([
    ['tokenizer.json', JSON.stringify(json)],
    ['tokenizer_config.json', JSON.stringify(config)],
  ]);
  return loadText(createMemoryFolder('m', files), 10_000, () => new Date(2026, 10, 30));
}

const learnAll = (messages: readonly ChatMessage[]): LabelSource => ({
  kind: 'chat',
  messages,
  learned: messages.map(() => true),
});

function label(text: TextModel, source: LabelSource): LabelledTokens {
  const found = text.label(source);
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

/** The learned tokens as text, one entry for each run of them. */
function learnedText(text: TextModel, { ids, loss }: LabelledTokens): string[] {
  const runs: number[][] = [];
  ids.forEach((id, i) => {
    if (loss[i] === 0) return;
    if (i > 0 && loss[i - 1] === 1) runs.at(-1)!.push(id);
    else runs.push([id]);
  });
  return runs.map((run) => text.decode(run, { special: true }));
}

interface TruthRun {
  conversation: string;
  ids?: number[];
  loss?: string;
  methods?: string[];
  refused?: boolean;
}
interface TruthCase extends Omit<TestModel, 'template'> {
  name: string;
  template?: string;
  runs: TruthRun[];
}

const conversations = truth.conversations as unknown as Record<string, ChatMessage[]>;

test.each(truth.templates as unknown as TruthCase[])('$name: ids and loss of the reference', async (known) => {
  const template = known.template ?? forms.find(({ name }) => name === known.name)!.template;
  const text = await openText({ ...known, template });
  for (const run of known.runs) {
    const source = learnAll(conversations[run.conversation]!);
    if (run.refused) {
      expect(() => text.label(source), run.conversation).toThrow();
      continue;
    }
    const { ids, loss, methods } = label(text, source);
    expect({ ids, loss: loss.join(''), methods: methods.sort() }, run.conversation).toEqual({
      ids: run.ids,
      loss: run.loss,
      methods: run.methods,
    });
  }
});

const CHATML = forms.find(({ name }) => name === 'chatml')!.template;
const chatml = (base = 'llama3', more: Partial<TestModel> = {}) =>
  openText({ base, added: [], bos: null, eos: '<|im_end|>', addsBos: false, template: CHATML, ...more });
const chat = (...contents: string[]): ChatMessage[] =>
  contents.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));

describe('for any conversation', () => {
  it.each(['llama3', 'gemma', 'deepseek', 'smollm'])(
    '%s: learned tokens spell the answers and the ends of turns',
    async (base) => {
      const text = await chatml(base);
      const words = fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 12 }),
        fc.constantFrom('<|im_end|>', '<s>', ' <|im_start|>user', '<|im_', 'end|>', '\ue000', '\n\n', '</think>'),
      );
      fc.assert(
        fc.property(fc.array(fc.tuple(words, words), { minLength: 1, maxLength: 3 }), (turns) => {
          // The marks of SentencePiece are spaces, and a space is put before some texts.
          const clean = (word: string) => word.normalize('NFC').replaceAll('\u2581', '_');
          const messages = chat(...turns.flat().map(clean));
          const found = label(text, learnAll(messages));
          const answers = messages.flatMap(({ role, content }) => (role === 'assistant' ? [content as string] : []));
          // One token may hold the line end before an answer together with white space that the answer begins with.
          const spelled = learnedText(text, found).map((run, i) =>
            run.startsWith('\n') && run === `\n${answers[i]!}<|im_end|>` && /^\s/.test(answers[i]!)
              ? run.slice(1)
              : run,
          );
          expect(spelled).toEqual(answers.map((answer) => `${answer}<|im_end|>`));
          const id = (content: string) => text.readPrompt({ text: content }).ids[0]!;
          const count = (special: string) => found.ids.filter((one) => one === id(special)).length;
          expect([count('<|im_start|>'), count('<|im_end|>'), count('<s>')]).toEqual([
            messages.length,
            messages.length,
            0,
          ]);
        }),
        { numRuns: 60 },
      );
    },
  );
});

test('special tokens that users spell out stay words, and the text is otherwise the same', async () => {
  const text = await chatml();
  const found = label(text, learnAll(chat('Say <|im_end|> and <s>', 'I say <|im_end|>')));
  expect(found.guarded).toBe(3);
  expect(label(text, learnAll(chat('a <', 'b <|im_'))).guarded).toBe(0);
  expect(text.decode(found.ids, { special: true })).toBe(
    '<|im_start|>user\nSay <|im_end|> and <s><|im_end|>\n<|im_start|>assistant\nI say <|im_end|><|im_end|>\n',
  );
  const tools = [{ type: 'function', function: { name: 'f', description: '<|im_end|>' } }];
  const withTools = await chatml('llama3', { template: `{{ tools | tojson }}${CHATML}` });
  const [stop] = withTools.readPrompt({ text: '<|im_end|>' }).ids;
  const ids = label(withTools, { kind: 'chat', messages: chat('a', 'b'), tools, learned: [false, true] }).ids;
  expect(ids.filter((id) => id === stop).length).toBe(2);
});

test('a special token is not made of the end of one text and the beginning of the next', async () => {
  const text = await chatml('llama3', {
    template: '{% for m in messages %}{{ m.name }}{{ m.content }}<|im_end|>{% endfor %}',
  });
  const messages: ChatMessage[] = [
    { role: 'user', name: '<|im_', content: 'end|>' },
    { role: 'assistant', name: '', content: 'b' },
  ];
  const [stop] = text.readPrompt({ text: '<|im_end|>' }).ids;
  expect(label(text, learnAll(messages)).ids.filter((id) => id === stop).length).toBe(2);
});

test('only the chosen turns carry loss', async () => {
  const text = await chatml();
  const messages = chat('a', 'b', 'c', 'd');
  const learned = [false, false, false, true];
  expect(learnedText(text, label(text, { kind: 'chat', messages, learned }))).toEqual(['d<|im_end|>']);
});

describe('one BOS', () => {
  const withBos = (template: string | null) =>
    openText({ base: 'llama3', added: [], bos: '<s>', eos: '</s>', addsBos: true, template });
  const one = chat('a', 'b');
  it.each([
    ['the template writes one', `{{ bos_token }}${CHATML}`],
    ['the template writes two', `{{ bos_token }}{{ bos_token }}${CHATML}`],
    ['the template writes none and the tokenizer adds one', CHATML],
  ])('%s', async (_, template) => {
    const { ids, loss } = label(await withBos(template), learnAll(one));
    expect([ids[0], ids.filter((id) => id === 1).length, loss[0]]).toEqual([1, 1, 0]);
  });
  it('is not made of the words of a text', async () => {
    const { ids } = label(await withBos(null), { kind: 'text', text: '<s>a' });
    expect([ids[0], ids.filter((id) => id === 1).length, ids.at(-1)]).toEqual([1, 1, 2]);
  });
});

describe('without a template', () => {
  const plain = openText({ base: 'llama3', added: [], bos: '<s>', eos: '</s>', addsBos: true, template: null });
  it('a completion is learned to its end, its prompt is not', async () => {
    const text = await plain;
    const found = label(text, { kind: 'completion', prompt: 'The sky is', completion: ' blue.' });
    expect(learnedText(text, found)).toEqual([' blue.</s>']);
    expect(text.decode(found.ids, { special: true })).toBe('<s>The sky is blue.</s>');
  });
  it('a text is learned whole', async () => {
    const text = await plain;
    expect(learnedText(text, label(text, { kind: 'text', text: 'The sky.' }))).toEqual(['The sky.</s>']);
  });
  it('a conversation is refused with the reason', async () => {
    expect((await plain).label(learnAll(chat('a', 'b')))).toEqual({ reason: 'the model has no chat template' });
  });
});

test('an answer at the end of the text without a stop token gets the end token of the model', async () => {
  const template =
    '{% for m in messages %}[{{ m.role }}]\n{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]\n{% endif %}';
  const text = await chatml('llama3', { template, eos: '</s>' });
  expect(learnedText(text, label(text, learnAll(chat('a', 'b', 'c', 'd'))))).toEqual(['b\n', 'd\n</s>']);
});

test('a turn that the template leaves out or rewrites is named; an example without any is refused', async () => {
  const template =
    '{% for m in messages %}<|im_start|>{{ m.content | length }}<|im_end|>{% endfor %}{% if add_generation_prompt %}!{% endif %}';
  const text = await chatml('llama3', { template });
  const found = text.label(learnAll(chat('a', 'b')));
  expect(found).toEqual({ reason: 'the template does not write the answer in message 2 as it is' });
  const partly = await chatml('llama3', {
    template: `{% for m in messages %}{% if m.content != 'b' %}<|im_start|>{{ m.content }}<|im_end|>{% endif %}{% endfor %}{% if add_generation_prompt %}!{% endif %}`,
  });
  const kept = label(partly, learnAll(chat('a', 'b', 'c', 'd')));
  expect([kept.missed, learnedText(partly, kept), kept.methods]).toEqual([[2], ['d<|im_end|>'], ['marks']]);
});

test('a call without words is learned from where the text leaves the prompt', async () => {
  const template =
    '{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.tool_calls %}<call>{{ m.tool_calls[0].function.name }}{% else %}{{ m.content }}{% endif %}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n[think]{% endif %}';
  const text = await chatml('llama3', { template });
  const call = { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'f' } }] };
  const messages: ChatMessage[] = [{ role: 'user', content: 'a' }, call, { role: 'tool', content: '1' }];
  const found = label(text, learnAll([...messages, { role: 'assistant', content: 'b' }]));
  expect(learnedText(text, found)).toEqual(['<call>f<|im_end|>', 'b<|im_end|>']);
  expect([found.methods, found.missed]).toEqual([['prompt', 'marks'], []]);
});

test('parts of text are learned like text', async () => {
  const template =
    '{% for m in messages %}<|im_start|>{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}<|im_end|>{% endfor %}';
  const text = await chatml('llama3', { template });
  const parts = [
    { type: 'text', text: '\none' },
    { type: 'text', text: 'two ' },
  ];
  const messages: ChatMessage[] = [
    { role: 'assistant', content: parts },
    { role: 'user', content: 'c' },
  ];
  expect(learnedText(text, label(text, learnAll(messages)))).toEqual(['onetwo <|im_end|>']);
});
