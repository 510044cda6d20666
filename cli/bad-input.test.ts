// Bad input to `payable logits`, `generate` and `eval`: each kind ends in exit code 1 and one line.

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { adapterPath, modelPath } from '../tests/support/fixtures.ts';
import { payable } from '../tests/support/payable-command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const llama3 = modelPath('llama3');
const engine = (model = llama3) => ['--model', model, '--device', 'reference'];
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
};

/** A copy of a golden model with one file changed. */
function broken(name: string, path: string, change: (bytes: Buffer) => string | Uint8Array | null): string {
  const folder = join(scratch, name.replace(/\W+/g, '-'));
  cpSync(llama3, folder, { recursive: true });
  const target = join(folder, path);
  const content = change(readFileSync(target));
  if (content === null) rmSync(target);
  else writeFileSync(target, content);
  return folder;
}

const config = (change: object) => (bytes: Buffer) =>
  JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), ...change });
const lengthOf = (n: bigint) => (bytes: Buffer) => {
  bytes.writeBigUInt64LE(n);
  return bytes;
};

describe('bad input ends in exit code 1 and one line', () => {
  const out = join(scratch, 'never.f32');
  const logits = (model: string, ...more: string[]) => [
    'logits',
    ...engine(model),
    '--ids',
    '1,2',
    '--out',
    out,
    ...more,
  ];
  const broke = (name: string, path: string, change: (bytes: Buffer) => string | Uint8Array | null) =>
    logits(broken(name, path, change));
  const family = (index: object) => {
    const folder = mkdtempSync(join(scratch, 'family-'));
    writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
    return folder;
  };
  const line = (value: object) => [
    'generate',
    ...engine(),
    '--json',
    '--requests',
    file('bad.jsonl', JSON.stringify(value)),
  ];

  test.each<[string, () => string[], RegExp]>([
    ['an unknown command', () => ['fly'], /no command "fly".*Commands: logits/],
    ['an unknown option', () => logits(llama3, '--fast'), /--fast/],
    ['a stray word', () => logits(llama3, 'word'), /"word" is not an option/],
    ['no model', () => ['logits', '--ids', '1', '--out', out], /--model is missing/],
    ['no such model', () => logits('/no/such'), /\/no\/such: there is no such directory/],
    ['a model that is a file', () => logits(join(llama3, 'config.json')), /not a directory/],
    ['no ids', () => ['logits', ...engine(), '--out', out], /--ids is missing/],
    ['ids of text', () => ['logits', ...engine(), '--ids', '1,x', '--out', out], /--ids holds "x"/],
    ['an id beyond the vocabulary', () => ['logits', ...engine(), '--ids', '308', '--out', out], /308/],
    [
      'an output folder that is not there',
      () => ['logits', ...engine(), '--ids', '1', '--out', '/no/such/file'],
      /\/no\/such: there is no such directory/,
    ],
    [
      'an output that is a folder',
      () => ['logits', ...engine(), '--ids', '1', '--out', scratch],
      /this is a directory/,
    ],
    ['an unknown dtype', () => logits(llama3, '--dtype', 'q3'), /--dtype is "q3".*f32, f16, q8, q4/],
    ['an unknown device', () => logits(llama3, '--device', 'tpu'), /--device is "tpu"/],
    ['unknown limits', () => logits(llama3, '--limits', 'none'), /--limits is "none"/],
    ['no such adapter', () => logits(llama3, '--adapter', '/no/such'), /\/no\/such: there is no such directory/],
    ['a scale of text', () => logits(llama3, '--adapter', `${adapterPath('llama3', 'lora')}:much`), /scale "much"/],
    [
      'an adapter for another base',
      () => logits(llama3, '--adapter', adapterPath('llama2', 'lora')),
      /made for another base/,
    ],
    [
      'an adapter for more layers',
      () => logits(llama3, '--adapter', adapterPath('gemma3', 'lora')),
      /made for another base/,
    ],
    ['a model as an adapter', () => logits(llama3, '--adapter', llama3), /no file "adapter_config.json"/],
    ['no config', () => broke('no config', 'config.json', () => null), /no file "config.json"/],
    ['a config that is no JSON', () => broke('no json', 'config.json', () => '{"a"'), /config.json: not valid JSON/],
    [
      'an absurd config',
      () => broke('absurd', 'config.json', config({ hidden_size: 1e12 })),
      /config.json: field "hidden_size"/,
    ],
    [
      'a config of another width',
      () => broke('width', 'config.json', config({ intermediate_size: 100 })),
      /mlp\.\w+_proj\.weight" in model.safetensors has shape/,
    ],
    [
      'an unknown family',
      () => broke('family', 'config.json', config({ model_type: 'bert' })),
      /"model_type" is "bert".*Supported: llama/,
    ],
    [
      'quantised weights',
      () => broke('quantised', 'config.json', config({ quantization_config: {} })),
      /"quantization_config" is set/,
    ],
    ['no weights', () => broke('no weights', 'model.safetensors', () => null), /no file "model.safetensors"/],
    [
      'truncated weights',
      () => broke('truncated', 'model.safetensors', (b) => b.subarray(0, -4)),
      /model.safetensors.*only/,
    ],
    [
      'a truncated header',
      () => broke('header', 'model.safetensors', (b) => b.subarray(0, 100)),
      /past the end of the file/,
    ],
    ['a header of gigabytes', () => broke('long', 'model.safetensors', lengthOf(1n << 40n)), /header length/],
    ['a header that lies', () => broke('lies', 'model.safetensors', lengthOf(16n)), /not valid JSON/],
    [
      'empty weights',
      () => broke('empty', 'model.safetensors', () => encodeSafetensors([])),
      /"model.embed_tokens.weight" is missing/,
    ],
    ['no prompt', () => ['generate', ...engine()], /no prompt/],
    [
      'two prompts',
      () => ['generate', ...engine(), '--ids', '1', '--prompt', 'x'],
      /--prompt and --ids exclude each other/,
    ],
    ['text for a model without a tokenizer', () => ['generate', ...engine(), '--prompt', 'x'], /no tokenizer.json/],
    [
      'a chat file that is not there',
      () => ['generate', ...engine(), '--chat', '/no.json'],
      /\/no.json: there is no such file/,
    ],
    [
      'a chat file that is no chat',
      () => ['generate', ...engine(), '--chat', file('chat.json', '{"a":1}')],
      /no list of messages/,
    ],
    [
      'a chat with a message of no role',
      () => ['generate', ...engine(), '--chat', file('chat2.json', '[{"content":"x"}]')],
      /message 1: field "role" is missing/,
    ],
    [
      'a temperature of text',
      () => ['generate', ...engine(), '--ids', '1', '--temperature', 'hot'],
      /--temperature is "hot"/,
    ],
    [
      'a penalty of nothing',
      () => ['generate', ...engine(), '--ids', '1', '--repetition-penalty', '0'],
      /--repetition-penalty is "0"/,
    ],
    ['half a token', () => ['generate', ...engine(), '--ids', '1', '--max-tokens', '1.5'], /--max-tokens is "1.5"/],
    ['requests without --json', () => ['generate', ...engine(), '--requests', 'x'], /needs --json/],
    [
      'requests with a prompt',
      () => ['generate', ...engine(), '--requests', 'x', '--json', '--prompt', 'y'],
      /exclude each other/,
    ],
    [
      'an empty requests file',
      () => ['generate', ...engine(), '--json', '--requests', file('none.jsonl', '\n')],
      /no request/,
    ],
    [
      'a line that is no JSON',
      () => ['generate', ...engine(), '--json', '--requests', file('no.jsonl', '{}\n{')],
      /line 1: field "id"|line 2: not valid JSON/,
    ],
    ['a request without an id', () => line({ ids: [1], maxTokens: 1 }), /line 1: field "id" is missing/],
    ['a request without a prompt', () => line({ id: 1, maxTokens: 1 }), /field "prompt" must be there/],
    [
      'a request with an unknown field',
      () => line({ id: 1, ids: [1], maxTokens: 1, topk: 3 }),
      /field "topk" is not known/,
    ],
    ['a request without a length', () => line({ id: 1, ids: [1] }), /field "maxTokens" is missing/],
    [
      'a request with a wrong adapter',
      () => line({ id: 1, ids: [1], maxTokens: 1, adapter: [['x']] }),
      /field "adapter" holds an entry/,
    ],
    [
      'an index without adapters',
      () => ['eval', '--model', family({ base: 'base' })],
      /field "adapters" is not a list/,
    ],
    [
      'an index that leads out',
      () => ['eval', '--model', family({ adapters: [{ id: 'x', path: '../up' }] })],
      /"adapters\[0\].path" is not a path below it/,
    ],
    [
      'an index whose adapter is missing',
      () => ['eval', '--model', family({ adapters: [{ id: 'x', path: 'no' }] })],
      /there is no such directory/,
    ],
    [
      'an evaluation of nothing',
      () => ['eval', '--model', scratch, '--device', 'reference'],
      /no model with an index.json/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, out: said, lines } = await payable(...args());
    expect(lines).toEqual([expect.stringMatching(message)]);
    expect([code, said, lines[0]?.includes('internal error'), lines[0]?.includes('\n')]).toEqual([1, '', false, false]);
    expect(existsSync(out)).toBe(false);
  });

  test('weights that are not numbers', async () => {
    const folder = broken('nan', 'model.safetensors', (b) => {
      const end = 8 + Number(b.readBigUInt64LE());
      for (let i = end; i + 4 <= b.length; i += 4) b.writeUInt32LE(0x7fc00000, i);
      return b;
    });
    const { code, lines } = await payable('generate', ...engine(folder), '--ids', '1,2', '--max-tokens', '2');
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(/not finite|NaN/);
  });
});

test('the short name of a model that is not bundled is a missing directory', async () => {
  const { code, lines } = await payable('logits', '--model', 'nothere', '--ids', '1', '--out', join(scratch, 'x'));
  expect([code, lines[0]]).toEqual([1, expect.stringMatching(/nothere: there is no such directory/)]);
});
