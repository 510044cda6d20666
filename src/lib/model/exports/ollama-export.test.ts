// Chat forms against the templates of known families, and the Modelfile of a model with each kind of base.

import { describe, expect, it, test } from 'vitest';
import forms from '#tests/fixtures/chat-templates.json' with { type: 'json' };
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { adapterPath, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { writtenExport } from '#tests/support/export-folder.ts';
import { tinyAdapter, tinyChatModel } from '#tests/support/tiny-chat-model.ts';
import { createChatTemplate } from '../chat-template.ts';
import { findChatForm, goTemplate, type ChatForm } from './chat-form.ts';
import { exportOllama } from './ollama-export.ts';

const today = () => new Date(2026, 10, 30);
const formOf = (template: string, specials: Record<string, string> = {}) => {
  const chat = createChatTemplate(template, specials, 'm');
  return findChatForm((messages) => chat.render({ messages }, today));
};
const known = (name: string): ChatForm | null => {
  const { template, specials } = forms.find((form) => form.name === name)!;
  return formOf(template, specials);
};

describe('the form of a known template', () => {
  it.each([
    ['chatml', { start: '<|im_start|>assistant\n', defaultSystem: null }],
    ['llama3', { start: '<|start_header_id|>assistant<|end_header_id|>\n\n', defaultSystem: null }],
    ['gemma', { system: 'none', start: '<start_of_turn>model\n' }],
    ['gemma3', { system: 'with-user', start: '<start_of_turn>model\n' }],
  ])('%s is found', (name, form) => {
    expect(known(name)).toMatchObject(form);
  });

  it.each(['llama2', 'phi3', 'deepseek-r1'])('%s is none of those that are said in Go', (name) => {
    expect(known(name)).toBeNull();
  });

  const mistral = (space: string) =>
    `{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }}${space}[/INST]` +
    "{% elif m.role == 'assistant' %} {{ m.content }}</s>{% else %}{{ raise_exception('no system') }}{% endif %}{% endfor %}";

  it('Mistral, in both spacings', () => {
    for (const space of [' ', ''])
      expect(formOf(mistral(space), { bos_token: '<s>' })?.turns.user).toEqual(['[INST] ', `${space}[/INST]`]);
  });

  it('with a default system turn', () => {
    const chatml = forms.find((form) => form.name === 'chatml')!.template;
    const withDefault = `{% if messages[0].role != 'system' %}{{ '<|im_start|>system\\nBe kind.<|im_end|>\\n' }}{% endif %}${chatml}`;
    expect(formOf(withDefault)).toMatchObject({ defaultSystem: 'Be kind.' });
    expect(goTemplate(formOf(withDefault)!)).toMatch(
      /^\{\{ if not \.System \}\}<\|im_start\|>system\nBe kind\.<\|im_end\|>\n\{\{ end \}\}/,
    );
    expect(goTemplate({ ...formOf(withDefault)!, defaultSystem: '{{ .Secret }}' })).toBeNull();
  });

  it('one more word anywhere makes it none', () => {
    const chatml = forms.find((form) => form.name === 'chatml')!.template;
    expect(formOf(`Hi ${chatml}`)).toBeNull();
    expect(formOf(`${chatml} `)).toBeNull();
    expect(formOf('{{ messages[0].content }}')).toBeNull();
  });
});

test('templates in Go name each role once and end with what the model goes on from', () => {
  expect(goTemplate(known('chatml')!)).toBe(
    '{{ range $i, $m := .Messages }}{{ if eq $m.Role "system" }}<|im_start|>system\n{{ $m.Content }}<|im_end|>\n' +
      '{{ else if eq $m.Role "user" }}<|im_start|>user\n{{ $m.Content }}<|im_end|>\n' +
      '{{ else if eq $m.Role "assistant" }}<|im_start|>assistant\n{{ $m.Content }}<|im_end|>\n{{ end }}{{ end }}' +
      '<|im_start|>assistant\n',
  );
  expect(goTemplate(known('gemma3')!)).toContain(
    '{{ if eq $m.Role "user" }}<start_of_turn>user\n{{ if and $.System (eq $i 1) }}{{ $.System }}\n\n{{ end }}{{ $m.Content }}',
  );
});

const memory = async (name: string, files: { path: string; file: Blob }[]) =>
  createMemoryFolder(
    name,
    new Map(
      await Promise.all(files.map(async ({ path, file }) => [path, new Uint8Array(await file.arrayBuffer())] as const)),
    ),
  );

test('a Modelfile beside a GGUF base has the adapter; beside another base it names the merged model', async () => {
  const given = { model: await memory('tiny', tinyChatModel()), adapter: await memory('a', tinyAdapter(1)), today };
  const beside = await writtenExport(await exportOllama({ ...given, ggufPath: '/models/my base.gguf' }));
  const modelfile = new TextDecoder().decode(beside.files.get('Modelfile'));
  expect([...beside.files.keys()]).toEqual(['Modelfile', 'adapter.gguf']);
  expect(modelfile).toMatch(/^FROM \/models\/my base\.gguf\nADAPTER \.\/adapter\.gguf\nTEMPLATE """\{\{ range /);
  expect(modelfile).toContain('\nPARAMETER stop "<|im_end|>"\n');
  expect(modelfile).not.toContain('SYSTEM');

  const merged = await writtenExport(await exportOllama({ ...given, ggufPath: null }));
  expect(new TextDecoder().decode(merged.files.get('Modelfile'))).toMatch(/^FROM \.\/merged\n/);
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])
    expect(merged.files.has(`merged/${name}`)).toBe(true);
});

test('an adapter that llama.cpp cannot apply is merged, and the reason is a note', async () => {
  const model = openFixture(modelPath('llama3'));
  const adapter = openFixture(adapterPath('llama3', 'dora'));
  const { files, notes } = await exportOllama({ model, adapter, ggufPath: '/models/base.gguf', today });
  expect(notes.join('\n')).toMatch(/The adapter is merged: .*is a DoRA[^]*TEMPLATE is left out/);
  expect(files.map(({ path }) => path)).toContain('merged/model.safetensors');
});
