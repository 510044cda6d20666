// The product's own engine, on its reference kernels.

import { createEngine } from '#lib/engine/create-engine.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { testHost } from '../support/host.ts';
import { describeContract } from '../support/runtime-contract.ts';
import { TINY_ANSWER, TINY_QUESTION, tinyChatModel } from '../support/tiny-chat-model.ts';

const folder = createBlobFolder('tiny', tinyChatModel());
const host = { ...testHost(null), openFolder: () => folder };

describeContract('reference', async () => {
  const runtime = createEngine(host);

  for await (const event of runtime.load({ model: { kind: 'files', name: 'tiny', files: [] }, dtype: 'f32' }))
    void event;
  return { runtime, empty: createEngine(host), prompt: TINY_QUESTION, expected: TINY_ANSWER };
});
