// A model of a runtime without adapters opens as events: progress, the model, done.

import { expect, it } from 'vitest';
import { createPromptApiRuntime } from '#lib/engine/shell/prompt-api.ts';
import { createFakeLanguageModel } from '#tests/support/fake-language-model.ts';
import { openBaseOnly } from './open-base-only.ts';

it('passes on progress and ends with the model opened', async () => {
  const runtime = createPromptApiRuntime({ model: createFakeLanguageModel([]), now: () => 0 });
  const events = [];
  const { signal } = new AbortController();
  for await (const event of openBaseOnly({ runtime }, {}, { signal })) events.push(event);
  expect(events).toMatchObject([
    { type: 'progress', loadedBytes: 50 },
    { type: 'model', model: { device: { kind: 'browser' } } },
    { type: 'opened', keptHere: true },
  ]);
});

it('a stopped opening fails as stopped', async () => {
  const runtime = createPromptApiRuntime({ model: createFakeLanguageModel([]), now: () => 0 });
  const opening = openBaseOnly({ runtime }, {}, { signal: AbortSignal.abort() });
  await expect(opening.next()).rejects.toMatchObject({ code: 'core/aborted' });
});
