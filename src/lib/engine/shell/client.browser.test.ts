// The engine in a worker of its own: it answers as the engine does, and calls under way fail when it is closed.

import { expect, it } from 'vitest';
import llama3 from '#tests/fixtures/models/llama3/expected.json';
import { startRuntime } from './client.ts';

it('loads a model in its worker, gives the golden tokens, and refuses calls once it is closed', async () => {
  const gone: string[] = [];
  const { runtime: engine, kind, close } = startRuntime('reference', ({ message }) => gone.push(message));
  expect(kind).toBe('reference');
  await expect(engine.stats()).rejects.toMatchObject({ code: 'engine/no-model' });

  const url = new URL('/tests/fixtures/models/llama3', location.href).href;
  for await (const event of engine.load({ model: { kind: 'url', url }, dtype: 'f32' })) {
    if (event.type === 'ready') expect(event.model.device.kind).toBe('reference');
  }
  const ids: number[] = [];
  for await (const event of engine.generate({ prompt: { ids: llama3.ids }, maxTokens: 4 })) {
    if (event.type === 'done') ids.push(...event.ids);
  }
  expect(ids).toEqual(llama3.greedy.base.slice(0, 4));

  const open = engine.listAdapters();
  close();
  await expect(open).rejects.toMatchObject({ code: 'shell/engine-gone' });
  // Closing it is no accident.
  expect(gone).toEqual([]);
});
