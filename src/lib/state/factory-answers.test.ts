// Base and adapters side by side: one seed for all, the model opened once, and freed at the end.

import { expect, it } from 'vitest';
import type { GenerateEvent, GenerateRequest } from '#lib/engine/engine.ts';
import { FactoryAnswers } from './factory-answers.svelte.ts';
import type { FactoryRun } from './factory-run.ts';

const run = { base: { kind: 'demo', name: 'Nano' } } as FactoryRun;

it('asks the base and each adapter with the same seed', async () => {
  const asked: GenerateRequest[] = [];
  const calls: string[] = [];
  const engine = {
    async *generate(request: GenerateRequest): AsyncGenerator<GenerateEvent<number | null>> {
      asked.push(request);
      const text = request.adapters?.[0]?.id ?? 'base';
      yield { type: 'token', id: 1, text: text.slice(0, 1) };
      yield { type: 'done', finish: 'stop', ids: [1], text, timings: {} as never };
    },
  };
  const answers = new FactoryAnswers(async () => {
    calls.push('opened');
    const adapters = [{ id: 'x', name: 'Birds' }];
    return { engine, adapters, model: { hasChatTemplate: false }, close: () => calls.push('closed') };
  });
  answers.seed = 7;
  await answers.ask(run, 'Which?');
  await answers.ask(run, 'And now?');
  expect(answers.asked).toEqual({
    question: 'And now?',
    answers: [
      { name: 'Nano alone', text: 'base', isWriting: false },
      { name: 'Birds', text: 'x', isWriting: false },
    ],
  });
  expect(asked.map(({ sampling, adapters }) => [sampling?.seed, adapters?.length])).toEqual(
    [0, 1, 0, 1].map((count) => [7, count]),
  );
  expect(asked[0]!.prompt).toEqual({ text: 'Which?' });
  answers.close();
  expect(calls).toEqual(['opened', 'closed']);
});
