// The product's own engine, on its reference kernels.

import { it } from 'vitest';
import type { FolderRef } from '#lib/core/folder.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { testHost } from '../support/host.ts';
import { describeContract, expectAdapted } from '../support/runtime-contract.ts';
import { TINY_ANSWER, TINY_LONG_QUESTION, TINY_QUESTION, tinyChatModel } from '../support/tiny-chat-model.ts';

const host = {
  ...testHost(null),
  openFolder: (ref: FolderRef) => createBlobFolder('tiny', ref.kind === 'files' ? ref.files : []),
};
const request = { model: { kind: 'files', name: 'tiny', files: tinyChatModel() }, dtype: 'f32' } as const;

describeContract('reference', async () => {
  const runtime = createEngine(host);

  for await (const event of runtime.load(request)) void event;
  return {
    runtime,
    empty: createEngine(host),
    prompt: TINY_QUESTION,
    longPrompt: TINY_LONG_QUESTION,
    expected: TINY_ANSWER,
  };
});

it('adapters change the answer of the tiny model, alone and together', async () => {
  const runtime = createEngine(host);
  for await (const event of runtime.load(request)) void event;
  await expectAdapted(runtime);
});
