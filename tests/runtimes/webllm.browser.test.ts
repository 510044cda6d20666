// web-llm in Chromium, with random weights for one of its compiled libraries. The library and the weights are no part of the repository:
// PAYABLE_MLC_LIBRARY is the path of the .wasm file, PAYABLE_MLC_WEIGHTS that of a folder in web-llm's format. Without them a test
// says what stays unproven.

import { expect, it } from 'vitest';
import type { PrebuiltModel } from '#lib/engine/prebuilt-model.ts';
import { startRuntime } from '#lib/engine/shell/client.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import { describeContract } from '../support/runtime-contract.ts';

const { PAYABLE_MLC_LIBRARY: library, PAYABLE_MLC_WEIGHTS: weights } = import.meta.env as Record<string, string>;
const start = () =>
  startRuntime('web-llm', (error) => {
    throw error;
  }).runtime;

async function pinned(url: string, path: string): Promise<PinnedFile> {
  const bytes = await (await fetch(url)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { path, bytes: bytes.byteLength, hash: `sha256:${digest.toHex()}` };
}

async function model(libraryPath: string, weightsPath: string): Promise<PrebuiltModel> {
  const root = new URL(`/@fs${weightsPath}/`, location.href).href;
  const libraryUrl = new URL(`/@fs${libraryPath}`, location.href).href;
  const { records } = (await (await fetch(`${root}ndarray-cache.json`)).json()) as { records: { dataPath: string }[] };
  const paths = ['mlc-chat-config.json', 'ndarray-cache.json', 'tokenizer.json', ...records.map((one) => one.dataPath)];
  const files = [];
  for (const path of paths) files.push(await pinned(root + path, path));
  return {
    id: 'random',
    weights: { kind: 'url', url: root, files },
    library: { ...(await pinned(libraryUrl, 'library.wasm')), url: libraryUrl },
    gpuMegabytes: 1,
    features: [],
    original: null,
  };
}

if (library && weights) {
  describeContract('web-llm', async () => {
    const runtime = start();
    const request = { model: await model(library, weights), contextLength: 1024 };
    const phases = new Set<string>();
    for await (const event of runtime.load(request)) if (event.type === 'progress') phases.add(event.phase);
    expect(phases).toContain('weights');
    return { runtime, empty: start(), prompt: { text: '0123456789' } };
  });
} else {
  it('answers of web-llm stay unproven here: PAYABLE_MLC_LIBRARY and PAYABLE_MLC_WEIGHTS name no files', async () => {
    // What holds without them: the worker starts, has no model, and refuses an address that is not encrypted.
    const runtime = start();
    const answer = runtime.generate({ prompt: { text: 'Hello' }, maxTokens: 1 });
    await expect(answer[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'engine/no-model' });
    const none: PinnedFile = { path: 'library.wasm', bytes: 1, hash: `sha256:${'0'.repeat(64)}` };
    const open = (url: string): PrebuiltModel => ({
      id: 'none',
      weights: { kind: 'url', url, files: [] },
      library: { ...none, url },
      gpuMegabytes: 1,
      features: [],
      original: null,
    });
    const loading = runtime.load({ model: open('http://models.example/') })[Symbol.asyncIterator]();
    await expect(loading.next()).rejects.toMatchObject({ code: 'shell/prebuilt-files' });
  });
}
