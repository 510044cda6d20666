// `payable verify-training`: one segment of a training, computed again.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOSS_BOUND } from '#lib/factory/compare-adapters.ts';
import { createRunStore } from '#lib/factory/run-store.ts';
import { parseTrainingManifest, type TrainingManifest } from '#lib/factory/training-manifest.ts';
import { startOf } from '#lib/factory/training-start.ts';
import { verifyTraining, type VerifyReport } from '#lib/flows/verify-training.ts';
import type { TrainContext } from '#lib/flows/train-context.ts';
import { createDiskRunFiles } from '#node/run-files.ts';
import type { Command } from '../command.ts';
import { SOURCE_HELP, SOURCE_OPTIONS, withDataSources } from '../data-sources.ts';
import { deviceName, ENGINE_HELP, ENGINE_OPTIONS } from '../engine-options.ts';
import { TrainingDiffersError, UsageError } from '../errors.ts';
import { readInput, requireDirectory } from '../input-files.ts';
import * as option from '../option-values.ts';
import { createProgressLine } from '../progress-line.ts';
import { openTraining } from '../train/training-context.ts';
import { CHECKPOINTS, RUN } from '../train/training-output.ts';

export const verifyTrainingCommand: Command = {
  summary: 'compute one segment of a training again and compare it',
  help: `payable verify-training MANIFEST --segment K --model DIR|nano --data FILE|VERSION... [--states DIR] [--from DIR]... [--json]

Checks what the manifest of a training says of its base, its data and its chain of states. Then computes segment K, from state K to state
K + 1, and compares losses and weights. On a device of the same kind everything must be equal to the bit; on another one each loss must be
within ${LOSS_BOUND} of the claimed one. It ends with an error where the training differs, and says where first.

${ENGINE_HELP.replace(/ {2}--adapter[^]*?(?= {2}--dtype)/, '')}
  --segment K            from 1
  --data FILE|VERSION    the data, in the order of the manifest
${SOURCE_HELP}
  --states DIR           the states that "payable train --keep-states" kept; default: ${CHECKPOINTS} beside the manifest
  --from DIR             for each adapter that went on from another one, in order: that one
  --json                 prints one object`,
  options: {
    ...ENGINE_OPTIONS,
    ...SOURCE_OPTIONS,
    segment: { type: 'string' },
    data: { type: 'string', multiple: true },
    states: { type: 'string' },
    from: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  },
  words: 1,
  async run(values, { words: [path], signal, write }) {
    if (path === undefined)
      throw new UsageError('payable verify-training needs the manifest of a training.', 'Name its manifest.json.');
    const manifest = parseTrainingManifest(readInput(path), path);
    option.required(values, 'segment', 'the number of a segment, from 1');
    const segment = option.whole(values, 'segment', 1, 10_000)!;
    const runs = createDiskRunFiles(statesOf(option.text(values, 'states'), path));
    const { engine, model, context } = await openTraining(values, runs, signal);
    const line = createProgressLine();
    try {
      const where = { values, digester: context.digester, signal };
      const report = await withDataSources(option.list(values, 'data'), where, async (sources) => {
        const starts = await startsOf(manifest, option.list(values, 'from'), context);
        const { stateAt } = createRunStore(runs, context.digester);
        const input = { manifest, segment, sources, starts, stateAt: (step: number) => stateAt(RUN, step) };
        let found: VerifyReport | null = null;
        for await (const event of verifyTraining(context, input, { signal })) {
          if (event.type === 'preparing') line.write(`${event.stage} rows: ${event.rows}`);
          if (event.type === 'step') line.write(`step ${event.step} of ${event.last}`);
          if (event.type === 'verified') ({ report: found } = event);
        }
        return found!;
      });
      line.clear();
      if (option.flag(values, 'json')) write(`${JSON.stringify({ ...report, device: deviceName(model) })}\n`);
      else write(`${wordsOf(report)}\n`);
      if (!report.holds) throw new TrainingDiffersError(segment, report.firstStep);
    } finally {
      line.clear();
      await engine.dispose();
    }
  },
};

/** With several adapters, the manifest lies in a folder beside the states. */
function statesOf(given: string | undefined, manifest: string): string {
  if (given !== undefined) return requireDirectory(given, 'the directory with the states');
  const beside = [dirname(manifest), dirname(dirname(manifest))].map((folder) => join(folder, CHECKPOINTS));
  return requireDirectory(beside.find(existsSync) ?? beside[0]!, 'the directory with the states after --states');
}

async function startsOf({ jobs }: TrainingManifest, folders: readonly string[], { engine }: TrainContext) {
  const given = [...folders];
  const starts = [];
  for (const { name, recipe, from } of jobs) {
    if (from === null) {
      starts.push(startOf({ name, from: null }, recipe));
      continue;
    }
    const path = given.shift();
    if (path === undefined)
      throw new UsageError(
        `Adapter ${name} went on from another one.`,
        `Name that one with --from: its id is ${from}.`,
      );
    const folder = { kind: 'directory', path: requireDirectory(path, 'a PEFT adapter directory') } as const;
    const { id } = await engine.loadAdapter(folder);
    await engine.unloadAdapter(id);
    if (id !== from) throw new UsageError(`${path} has the id ${id}.`, `Adapter ${name} went on from ${from}.`);
    starts.push(startOf({ name, from: folder }, recipe));
  }
  return starts;
}

function wordsOf({
  segment,
  from,
  to,
  isIdentical,
  sameDevice,
  firstStep,
  lossDifference,
  weights,
}: VerifyReport): string {
  const place = `Segment ${segment}, steps ${from + 1} to ${to}`;
  if (isIdentical) return `${place}: identical to the bit.`;
  const where = weights
    ? ` Weights: ${weights.tensor} differs first, at element ${weights.element}: ${weights.found}, not ${weights.expected}; all weights by ${weights.relative.toExponential(2)}.`
    : '';
  const losses = firstStep === null ? 'all losses are the same' : `the loss of step ${firstStep} differs first`;
  return `${place}, on ${sameDevice ? 'the same device' : 'another device'}: ${losses}; losses differ by ${lossDifference.toExponential(2)} at most.${where}`;
}
