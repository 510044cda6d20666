// `payable train`: adapters from rows, on this machine.

import { AbortedError } from '#lib/core/errors.ts';
import { trainAdapter } from '#lib/flows/train-adapter.ts';
import type { PreparedData, TrainEvent, TrainResult } from '#lib/flows/train-event.ts';
import type { Command } from '../command.ts';
import { SOURCE_HELP, SOURCE_OPTIONS, withDataSources } from '../data-sources.ts';
import { deviceName, ENGINE_HELP, ENGINE_OPTIONS } from '../engine-options.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';
import { createProgressLine } from '../progress-line.ts';
import { dataLines, estimateLine, stepLine, validationLine } from '../train/report-lines.ts';
import { readSettings, SETTINGS_HELP, SETTINGS_OPTIONS } from '../train/train-settings.ts';
import { openTraining } from '../train/training-context.ts';
import { openTrainingOutput, RUN } from '../train/training-output.ts';

export const train: Command = {
  summary: 'train adapters on rows of files and Datanets',
  help: `payable train --model DIR|nano --data FILE|VERSION... --out DIR [--preset NAME] [--recipe F.json] [--jobs F.jsonl]
              [--name NAME] [--from DIR] [--steps N] [--samples F.txt] [--keep-states] [--json]
payable train ... --resume [--finish]

Trains LoRA adapters over a base model whose weights stay as they are. DIR gets a PEFT directory, manifest.json, from which the training
can be verified, and curves.jsonl, the figures of each step. With --jobs each adapter has a directory of its own in DIR.
A training is saved every minute and when it is stopped with Ctrl-C; the same command with --resume goes on, to the same bits.

${ENGINE_HELP.replace(/ {2}--adapter[^]*?(?= {2}--dtype)/, '')}
  --data FILE|VERSION    rows: a file that "payable datanet import" reads, a directory with version.car, or the id of a published
                         version; may be repeated. Adapters that name data of their own in --jobs do not read it
${SOURCE_HELP}
${SETTINGS_HELP}
  --resume               goes on with the training in DIR
  --finish               with --resume: ends it now; the best weights are the result
  --keep-states          keeps the states that "payable verify-training" starts from
  --json                 prints one object at the end`,
  options: {
    ...ENGINE_OPTIONS,
    ...SETTINGS_OPTIONS,
    ...SOURCE_OPTIONS,
    data: { type: 'string', multiple: true },
    out: { type: 'string' },
    resume: { type: 'boolean' },
    finish: { type: 'boolean' },
    'keep-states': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(values, { signal, write }) {
    const { settings, data: names } = readSettings(values, option.list(values, 'data'));
    const [isResumed, json, keepStates] = ['resume', 'json', 'keep-states'].map((name) => option.flag(values, name));
    if (option.flag(values, 'finish') && !isResumed)
      throw new UsageError('Option --finish needs --resume.', 'It ends a training that was stopped.');
    const out = openTrainingOutput(option.required(values, 'out', 'a directory to write to'), isResumed!);
    const { engine, model, context, log } = await openTraining(values, out.runs, signal);
    const finish = option.flag(values, 'finish') ? AbortSignal.abort() : undefined;
    const line = createProgressLine();
    /** By job. */
    const data: PreparedData[] = [];
    const report = { reduced: [] as string[], seconds: 0, tokens: 0, steps: 0 };
    const say = (text: string) => {
      line.clear();
      if (!json) write(`${text}\n`);
    };
    let from: { seconds: number; tokens: number } | null = null;
    const hear = (event: TrainEvent): TrainResult | null => {
      switch (event.type) {
        case 'preparing':
          line.write(`${event.stage} rows: ${event.rows}`);
          break;
        case 'prepared':
          for (const job of event.jobs) data[job] = event.data;
          say(
            dataLines(
              event.data,
              event.jobs.map((job) => settings.jobs[job]!.name),
            ).join('\n'),
          );
          break;
        case 'reduced':
          report.reduced.push(event.what);
          say(`The memory does not suffice. ${event.what}`);
          break;
        case 'estimate':
          say(estimateLine(event.estimate));
          break;
        case 'resumed':
          from = null;
          say(`goes on after step ${event.step}`);
          break;
        case 'step': {
          const { seconds, tokens, step } = event;
          Object.assign(report, { seconds, tokens, steps: step });
          from ??= { seconds, tokens };
          const rate = seconds > from.seconds ? (tokens - from.tokens) / (seconds - from.seconds) : 0;
          line.write(stepLine(event, rate));
          break;
        }
        case 'validation':
          say(validationLine(event));
          break;
        case 'sample':
          say(`  ${settings.prompts[event.prompt]!}\n    ${event.text.replaceAll('\n', '\n    ')}`);
          break;
        case 'unsaved':
          line.clear();
          log(`The checkpoint after step ${event.step} was not written: ${event.why}`);
          break;
        case 'paused':
          line.clear();
          log(`Saved after step ${event.step}. The same command with --resume goes on.`);
          throw new AbortedError();
        case 'done':
          return event.result;
        case 'saved':
      }
      return null;
    };
    try {
      const result = await withDataSources(names, { values, digester: context.digester, signal }, async (sources) => {
        const input = { run: RUN, sources, settings, keepStates };
        let ended: TrainResult | null = null;
        for await (const event of trainAdapter(context, input, { signal, finish })) {
          await out.note(event);
          ended = hear(event);
        }
        return ended!;
      });
      const folders = await out.write(result);
      if (!keepStates) await out.runs.remove(RUN);
      const { seconds, tokens, steps, reduced } = report;
      const isShared = new Set(data).size === 1;
      const adapters = result.adapters.map(({ name }, job) => ({
        name,
        folder: folders[job],
        step: result.steps[job],
        ...(!isShared && { data: data[job] }),
      }));
      line.clear();
      if (json) {
        const figures = { steps, tokens, seconds, tokensPerSecond: seconds > 0 ? tokens / seconds : 0 };
        const about = { model: model.name, dtype: model.dtype, device: deviceName(model) };
        write(
          `${JSON.stringify({ out: out.path, adapters, ...figures, ...about, reduced, ...(isShared && { data: data[0] }) })}\n`,
        );
      } else for (const { name, folder, step } of adapters) write(`${name}: ${folder}, weights of step ${step}\n`);
    } finally {
      line.clear();
      await engine.dispose();
    }
  },
};
