// `payable render` end to end: the prompt of a chat, and one line for each kind of bad input.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tokenizerPath } from '../tests/support/fixtures.ts';
import { payable } from '../tests/support/payable-command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
};

describe('render', () => {
  const template =
    '{{ tools | tojson }}{{ documents }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ m.tool_calls | tojson if m.tool_calls }}{% endfor %}' +
    '{{ think }}{{ name }}{% if add_generation_prompt %}<assistant>{% endif %}';
  const folder = join(scratch, 'chat-model');
  cpSync(tokenizerPath('qwen'), folder, { recursive: true });
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: template }));
  const show = (...args: string[]) => payable('render', '--model', folder, ...args);

  test('prints the prompt of whole messages, with numbers as they are written', async () => {
    const messages =
      '[{"role": "user", "content": null}, {"role": "assistant", "content": "", "tool_calls": [{"n": 1.0, "big": 12345678901234567890, "10": 1, "2": 2}]}]';
    const { code, out, lines } = await show('--chat', file('whole.json', messages));
    expect([code, lines]).toEqual([0, []]);
    expect(out).toBe(
      'nullNone<user>None<assistant>[{"n": 1.0, "big": 12345678901234567890, "10": 1, "2": 2}]<assistant>\n',
    );
  });

  test('takes tools, documents and variables from options or from the file', async () => {
    const plain = file('plain.json', '[{"role": "user", "content": "Hi"}]');
    const tools = file('tools.json', '[{"name": "f"}]');
    const documents = file('documents.json', '[{"title": "T"}]');
    const options = ['--tools', tools, '--documents', documents, '--var', 'think=false', '--var', 'name=Bo'];
    const wanted = `[{"name": "f"}][{'title': 'T'}]<user>HiFalseBo\n`;
    expect((await show('--chat', plain, ...options, '--no-generation-prompt')).out).toBe(wanted);
    const all = file(
      'all.json',
      '{"messages": [{"role": "user", "content": "Hi"}], "tools": [{"name": "f"}], "documents": [{"title": "T"}], ' +
        '"chat_template_kwargs": {"think": false, "name": "Bo"}, "add_generation_prompt": false}',
    );
    expect((await show('--chat', all)).out).toBe(wanted);
    expect((await show('--chat', plain, '--continue')).out).toBe('nullNone<user>Hi\n');
    const { text, ids: read } = JSON.parse((await show('--chat', plain, '--json')).out) as {
      text: string;
      ids: number[];
    };
    expect(text).toBe('nullNone<user>Hi<assistant>');
    expect(read.length).toBeGreaterThan(5);
  });

  test.each([
    ['no model', ['render', '--chat', 'x'], /--model is missing/],
    ['no chat', ['render', '--model', folder], /--chat is missing/],
    [
      'a field that nothing reads',
      ['render', '--model', folder, '--chat', file('odd.json', '{"messages": [], "model": "x"}')],
      /field "model" is not known/,
    ],
    [
      'tools that are no list',
      [
        'render',
        '--model',
        folder,
        '--chat',
        file('t.json', '[{"role": "user"}]'),
        '--tools',
        file('no-tools.json', '{}'),
      ],
      /not a list/,
    ],
    [
      'a variable without a value',
      ['render', '--model', folder, '--chat', file('t2.json', '[{"role": "user"}]'), '--var', 'x'],
      /--var is "x"/,
    ],
    [
      'a model without a chat template',
      ['render', '--model', tokenizerPath('qwen'), '--chat', file('t3.json', '[{"role": "user"}]')],
      /no chat template/,
    ],
    ['a chat that is no JSON', ['render', '--model', folder, '--chat', file('t4.json', '[{]')], /not valid JSON/],
  ])('%s is refused in one line', async (_, args, line) => {
    const { code, out, lines } = await payable(...args);
    expect([code, out, lines.length]).toEqual([1, '', 1]);
    expect(lines[0]).toMatch(line);
  });
});
