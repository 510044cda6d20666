// Files for web-llm in the browser's own cache: only bytes with the right hash are kept, once, and can be removed.

import { afterEach, expect, it } from 'vitest';
import { createFileHasher, type PinnedFile } from '#lib/files/pinned-file.ts';
import {
  isPrebuiltKept,
  keepPrebuilt,
  prebuiltLibrary,
  prebuiltRoot,
  readPrebuiltConfig,
  removePrebuilt,
  type PrebuiltSource,
} from './prebuilt-files.ts';

const ID = 'test-model';
const encoder = new TextEncoder();
const { signal } = new AbortController();
const CONTENTS = { 'mlc-chat-config.json': '{"vocab_size": 8}', 'params_shard_0.bin': 'weights', 'README.md': 'about' };

afterEach(() => removePrebuilt(ID));

async function source(contents: Readonly<Record<string, string>>, served = contents) {
  const read: string[] = [];
  const files: PinnedFile[] = [];
  for (const [path, content] of Object.entries(contents)) {
    const file: PinnedFile = { path, bytes: encoder.encode(content).length, hash: 'sha256:' };
    const hasher = await createFileHasher(file);
    hasher.update(encoder.encode(content));
    files.push({ ...file, hash: hasher.digest() });
  }
  const from: PrebuiltSource = {
    files,
    async *read({ path }) {
      read.push(path);
      yield encoder.encode(served[path]);
    },
  };
  return { from, read };
}

const keep = (weights: PrebuiltSource, library: PrebuiltSource) =>
  keepPrebuilt(ID, weights, library, () => undefined, signal);

it('keeps what web-llm reads, under addresses that lead nowhere, and fetches nothing twice', async () => {
  const weights = await source(CONTENTS);
  const library = await source({ 'model.wasm': 'code' });
  await keep(weights.from, library.from);
  expect(weights.read).toEqual(['mlc-chat-config.json', 'params_shard_0.bin']);
  expect(await isPrebuiltKept(ID)).toBe(true);
  expect(new URL(prebuiltRoot(ID)).hostname).toBe('web-llm.invalid');
  expect(await (await caches.open('webllm/wasm')).match(prebuiltLibrary(ID)).then((kept) => kept?.text())).toBe('code');
  expect(await readPrebuiltConfig(ID)).toEqual({ vocab_size: 8 });
  await keep(weights.from, library.from);
  expect(weights.read).toHaveLength(2);
  await removePrebuilt(ID);
  expect(await isPrebuiltKept(ID)).toBe(false);
});

it.each([
  ['another byte', 'weightz'],
  ['a longer file', 'weights and more'],
  ['a shorter file', 'weigh'],
])('%s is refused and not kept', async (_, served) => {
  const weights = await source(CONTENTS, { ...CONTENTS, 'params_shard_0.bin': served });
  const library = await source({ 'model.wasm': 'code' });
  await expect(keep(weights.from, library.from)).rejects.toMatchObject({ code: 'shell/wrong-bytes' });
  expect(await isPrebuiltKept(ID)).toBe(false);
  expect(await (await caches.open('webllm/model')).match(`${prebuiltRoot(ID)}params_shard_0.bin`)).toBeUndefined();
});

it('a library with other bytes is refused', async () => {
  const weights = await source(CONTENTS);
  const library = await source({ 'model.wasm': 'code' }, { 'model.wasm': 'evil' });
  await expect(keep(weights.from, library.from)).rejects.toMatchObject({ code: 'shell/wrong-bytes' });
});
