// A validation: the state enters the chain, losses on rows that were held back decide which weights are the best, and the prompts are
// answered.

import type { AdapterFiles } from '#lib/engine/training/training-host.ts';
import { nextLink, sha256Hex } from '#lib/factory/checkpoint-chain.ts';
import { endedJobs, endFinishedJobs, recordValidation } from '#lib/factory/run-progress.ts';
import { scoreJobs } from '#lib/factory/score-jobs.ts';
import type { LiveRun } from './live-run.ts';
import type { Story } from './prepare-run.ts';

const SAMPLE_TOKENS = 64;

export async function* validateRun(live: LiveRun): Story {
  const { context, input, store, plan, data, progress } = live;
  const { engine, digester } = context;
  const { step } = progress;
  const trained = await engine.saveTraining();
  progress.chain.push(nextLink(progress.chain.at(-1), { step, state: sha256Hex(trained, digester) }, digester));
  const ended = endedJobs(progress);
  const files = await engine.trainedAdapters();
  /** Without validation the last weights are the best. */
  const isBest = data.map(({ validation }, job) => validation.length === 0 && !ended.has(job));
  for (const [job, is] of isBest.entries()) if (is) progress.best[job] = { step, loss: null };
  if (data.some(({ validation }) => validation.length > 0)) {
    const scores = await scoreJobs(engine, plan, data.length, ended);
    const judged = recordValidation(progress, scores, input.settings.patience);
    for (const [job, { best }] of judged.entries()) isBest[job] ||= best;
    yield { type: 'validation', step, jobs: judged.map((one) => ({ ...one, loss: one.loss ?? NaN })) };
  }
  live.best = live.best.map((best, job) => (isBest[job] ? files[job]! : best));
  endFinishedJobs(progress, plan.stepsOf);
  if (input.keepStates) await store.keepState(input.run, step, trained);
  await live.hold(trained);
  for (const [job, adapter] of files.entries()) if (!ended.has(job)) yield* answerPrompts(live, job, adapter);
}

async function* answerPrompts(live: LiveRun, job: number, adapter: AdapterFiles): Story {
  const { step } = live.progress;
  for (const [prompt, words] of live.input.settings.prompts.entries())
    yield { type: 'sample', step, job, prompt, text: await answer(live, adapter, words) };
}

async function answer({ context, options, borrowed }: LiveRun, adapter: AdapterFiles, words: string): Promise<string> {
  const files = adapter.files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) }));
  const id = await borrowed.load({ kind: 'files', name: adapter.name, files });
  const prompt = context.labeller.hasChatTemplate ? { messages: [{ role: 'user', content: words }] } : { text: words };
  const request = { prompt, adapters: [{ id, weight: 1 }], maxTokens: SAMPLE_TOKENS };
  let text = '';
  for await (const event of context.engine.generate(request, options.signal))
    if (event.type === 'done') ({ text } = event);
  return text;
}
