// An evaluation with scripted events: progress is shown, the figures are kept without the answers, and cancelling keeps nothing.

import { expect, it } from 'vitest';
import type { EvaluateEvent, Evaluated, Evaluation } from '#lib/flows/evaluate-adapter.ts';
import { FactoryEvaluation } from './factory-evaluation.svelte.ts';
import type { FactoryRun, RunEvaluation } from './factory-run.ts';

const run = { id: 'run1' } as FactoryRun;
const counts = { rows: 4, examples: 4 } as Evaluation['counts'];
const evaluation = {
  of: [{ name: null, answers: {} as Evaluated['answers'], texts: ['A kakapo.'], losses: null, neutral: null }],
  ...{ questions: [{ prompt: { text: 'Which?' }, expected: 'A kakapo.' }], counts, unscored: null },
};
const progress: EvaluateEvent = { type: 'progress', stage: 'answers', done: 1, of: 4, perSecond: 2, secondsLeft: 1.5 };

function created(events: (signal: AbortSignal) => AsyncIterable<EvaluateEvent>, isFree = true) {
  const kept: RunEvaluation[] = [];
  const state = new FactoryEvaluation({
    whileFree: async (_run, work) => {
      if (isFree) await work();
      return isFree;
    },
    evaluate: (_run, { signal }) => events(signal),
    keep: async (_run, figures) => void kept.push(figures),
    today: () => 7,
  });
  return { state, kept };
}

it('shows how far it is and keeps the figures', async () => {
  const { state, kept } = created(async function* () {
    yield progress;
    expect(state.progress).toEqual(progress);
    yield { type: 'done', evaluation };
  });
  await state.measure(run);
  expect([state.of, state.task.isRunning, state.task.problem]).toEqual(['run1', false, null]);
  expect(kept).toHaveLength(1);
  expect(kept[0]).toMatchObject({ questions: 1, counts, measuredAt: 7 });
  expect(JSON.stringify(kept[0])).not.toContain('kakapo');
});

it('keeps nothing when it is cancelled, fails, or another run trains', async () => {
  const cancelled = created(async function* () {
    yield progress;
    cancelled.state.task.stop();
    yield { type: 'done', evaluation };
  });
  await cancelled.state.measure(run);
  expect([cancelled.kept, cancelled.state.task.problem]).toEqual([[], null]);
  const failed = created(async function* () {
    yield progress;
    throw new Error('The GPU was lost.');
  });
  await failed.state.measure(run);
  expect([failed.kept, failed.state.task.problem?.message]).toEqual([[], 'The GPU was lost.']);
  const busy = created(async function* () {
    yield { type: 'done', evaluation };
  }, false);
  await busy.state.measure(run);
  expect(busy.kept).toEqual([]);
});
