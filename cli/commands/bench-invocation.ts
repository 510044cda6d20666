// `payable bench invocation`: what it costs to switch to an adapter with an invocation inside a conversation.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createNodeHost } from '#node/host.ts';
import { benchInvocation, type InvocationBenchResult } from '../../bench/invocation-bench.ts';
import type { RandomShape } from '../../bench/random-model.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import * as option from '../option-values.ts';

export async function runInvocationBench(
  values: OptionValues,
  { write, signal }: CommandContext,
  shape: RandomShape,
  dtype: WeightDtype,
): Promise<void> {
  const json = values['json'] === true;
  const result = await benchInvocation({
    ...{ shape, dtype, signal },
    host: await createNodeHost('auto'),
    promptTokens: option.whole(values, 'prompt', 16, 65_536) ?? 1000,
    rounds: option.whole(values, 'repeat', 1, 99) ?? 3,
    limits: option.oneOf(values, 'limits', ['best', 'default'], 'best'),
    onProgress: (line) => {
      if (!json) write(`${line}\n`);
    },
  });
  write(json ? `${JSON.stringify(result)}\n` : table(result));
}

function table({ device, promptTokens, rounds }: InvocationBenchResult): string {
  const columns = ['base', 'invoked', 'second', 'back', 'plain'] as const;
  const name = [device.vendor, device.architecture, device.description].filter(Boolean).join(' ');
  const lines = rounds.map((round) =>
    [
      ...columns.map((column) => `${round[column].ms.toFixed(0)} (${round[column].cachedTokens})`.padStart(14)),
      round.times.map((times) => times.toFixed(1)).join(' and '),
    ].join(' '),
  );
  return [
    `device: ${name}`,
    `prompt of ${promptTokens} tokens; ms to the first token (tokens from the cache)`,
    [...columns.map((column) => column.padStart(14)), 'times as long: plain to invoked and second'].join(' '),
    ...lines,
    '',
  ].join('\n');
}
