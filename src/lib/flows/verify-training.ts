// Computes one segment of a training again, from the state at its beginning, and compares the state at its end. What the manifest says of
// the base, the data and the chain of states is checked before.

import { findBrokenLink, sha256Hex } from '#lib/factory/checkpoint-chain.ts';
import { compareAdapters, LOSS_BOUND, type Difference } from '#lib/factory/compare-adapters.ts';
import { ManifestMismatchError } from '#lib/factory/errors.ts';
import { hashedSource, hashJobs } from '#lib/factory/hash-data.ts';
import { dataByJob, prepareJobs } from '#lib/factory/prepare-jobs.ts';
import type { TrainingManifest } from '#lib/factory/training-manifest.ts';
import { planTraining } from '#lib/factory/training-plan.ts';
import { deviceWords } from '#lib/factory/training-start.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import { TRAINER_VERSION } from '#lib/engine/training/trainer-version.ts';
import type { AdapterFiles, TrainingHost, TrainingStart } from '#lib/engine/training/training-host.ts';
import type { TrainContext } from './train-context.ts';

export type VerifyContext = Pick<TrainContext, 'model' | 'labeller' | 'template' | 'digester'> & {
  engine: TrainingHost;
};

export interface VerifyInput {
  manifest: TrainingManifest;
  /** From 1: segment K lies between links K and K + 1 of the chain. */
  segment: number;
  /** In the order of the manifest. */
  sources: readonly RowSource[];
  /** By job: how its adapter began. A new one is made from the manifest; one that went on from a folder is given. */
  starts: readonly TrainingStart[];
  /** The state after `step` steps, as the run kept it; null where it was not kept. */
  stateAt(step: number): Promise<Uint8Array<ArrayBuffer> | null>;
}

export type VerifyEvent =
  | { type: 'preparing'; stage: 'reading' | 'labelling'; rows: number }
  /** `loss` is null where the job has none in this step. */
  | { type: 'step'; step: number; last: number; loss: number | null; claimed: number | null }
  | { type: 'verified'; report: VerifyReport };

export interface VerifyReport {
  segment: number;
  from: number;
  to: number;
  /** The state at the end is the same to the bit. */
  isIdentical: boolean;
  /** The devices and the trainer are those of the run, so the bits must be the same. */
  sameDevice: boolean;
  /** The first step whose loss is not the claimed one to the bit. */
  firstStep: number | null;
  /** Greatest relative difference of a loss. */
  lossDifference: number;
  /** Where the weights at the end differ first, and how much; null without a kept state at the end, or where they are equal. */
  weights: Difference | null;
  /** The state and all losses are the same; or, on another device, the losses are within the bound. */
  holds: boolean;
}

/**
 * @throws ManifestMismatchError when the base, the data or the states are not those of the manifest
 *
 * @example
 * import { verifyTraining } from '#lib/flows/verify-training.ts';
 *
 * const input = { manifest: trainingManifest, segment: 1, sources: rowSources, starts: [], stateAt };
 * for await (const event of verifyTraining(trainContext, input, { signal })) {
 *   if (event.type === 'verified') show(event.report.holds ? 'The segment is true.' : `Step ${event.report.firstStep} differs.`);
 * }
 */
export async function* verifyTraining(
  { engine, model, labeller, template, digester }: VerifyContext,
  { manifest, segment, sources, starts, stateAt }: VerifyInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<VerifyEvent, void, void> {
  const { chain, base, rows, jobs, job, losses } = manifest;
  const require = (isRight: boolean, what: string, hint: string) => {
    if (!isRight) throw new ManifestMismatchError(what, hint);
  };
  const broken = findBrokenLink(chain, digester);
  require(broken ===
    null, `Link ${(broken ?? 0) + 1} of the chain does not follow from the link before.`, 'The manifest was changed.');
  const [from, to] = [chain[segment - 1], chain[segment]];
  if (!Number.isInteger(segment) || !from || !to)
    throw new ManifestMismatchError(
      `There is no segment ${segment}.`,
      `The training has segments 1 to ${chain.length - 1}.`,
    );
  require(model.id ===
    base.id, `The base is ${base.name} (${base.id.slice(0, 12)}), not ${model.name}.`, 'Open that base model.');
  require(model.dtype ===
    base.dtype, `The base had weights in ${base.dtype}, not ${model.dtype}.`, `Load it in ${base.dtype}.`);
  require(template ===
    manifest.template, 'The chat template of the base is another.', 'Use the files of the base as they were.');

  const read = sources.map((source) => hashedSource(source, digester));
  require(read.length ===
    manifest.sources
      .length, `The training has ${manifest.sources.length} sources of data.`, 'Give them all, in order.');
  const preparing = prepareJobs(read, jobs, manifest.data, { labeller, digester, signal });
  let next = await preparing.next();
  for (; !next.done; next = await preparing.next()) yield { type: 'preparing', ...next.value };
  const data = dataByJob(next.value);
  for (const [at, source] of read.entries()) {
    const claimed = manifest.sources[at]!;
    require(source.read().leaves ===
      claimed.leaves, `The rows of ${source.name} are not those of ${claimed.name}.`, 'Give the sources as the manifest lists them.');
  }
  require(hashJobs(data, digester)[job]!.train ===
    manifest.examples
      .train, 'The rows become other tokens here.', 'The tokenizer or the template of the base is another.');

  const state = await stateAt(from.step);
  require(state !==
    null, `The state after step ${from.step} was not kept.`, 'It is kept when the training is asked to.');
  require(sha256Hex(state!, digester) ===
    from.state, `The state after step ${from.step} is not that of the chain.`, 'The file was changed.');

  const recipes = jobs.map(({ recipe }) => recipe);
  const plan = planTraining({ data, recipes, rows, validations: manifest.validations });
  const report = { segment, from: from.step, to: to.step, firstStep: null as number | null, lossDifference: 0 };
  try {
    await engine.openTraining({ adapters: [...starts], ...plan.sizes }, signal);
    await engine.restoreTraining(state!);
    for (let step = from.step; step < to.step; step++) {
      signal.throwIfAborted();
      const ended = new Set(jobs.flatMap(({ ended }, at) => (ended !== null && ended <= step ? [at] : [])));
      const outcomes = await engine.trainStep(plan.batchesAt(step, ended), plan.settingsAt(step));
      const found = outcomes[job]!.loss;
      const loss = Number.isFinite(found) ? found : null;
      const claimed = losses[step]!;
      if (loss !== claimed) report.firstStep ??= step + 1;
      report.lossDifference = Math.max(report.lossDifference, differenceOf(loss, claimed));
      yield { type: 'step', step: step + 1, last: to.step, loss, claimed };
    }
    const end = await engine.saveTraining();
    const isIdentical = sha256Hex(end, digester) === to.state;
    const sameDevice =
      manifest.trainer === TRAINER_VERSION &&
      manifest.devices.length === 1 &&
      manifest.devices[0] === deviceWords(model.device);
    let weights: Difference | null = null;
    const kept = isIdentical ? null : await stateAt(to.step);
    if (kept && sha256Hex(kept, digester) === to.state) {
      const mine: AdapterFiles = (await engine.trainedAdapters())[job]!;
      await engine.restoreTraining(kept);
      weights = compareAdapters((await engine.trainedAdapters())[job]!, mine);
    }
    const holds = isIdentical ? report.firstStep === null : !sameDevice && report.lossDifference <= LOSS_BOUND;
    yield { type: 'verified', report: { ...report, isIdentical, sameDevice, weights, holds } };
  } finally {
    await engine.closeTraining();
  }
}

const differenceOf = (one: number | null, other: number | null): number =>
  one === null || other === null
    ? one === other
      ? 0
      : Infinity
    : Math.abs(one - other) / Math.max(1e-6, Math.abs(other));
