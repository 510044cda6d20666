// `payable bench quality`: how much weights, keys and values in fewer bits change what a model says.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { CacheDtype } from '#lib/engine/engine.ts';
import { createNodeHost } from '#node/host.ts';
import { benchQuality, type QualityBenchResult } from '../../bench/quality-bench.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { findModel } from '../input-files.ts';
import * as option from '../option-values.ts';

export async function runQualityBench(
  values: OptionValues,
  { write, signal }: CommandContext,
  dtypes: readonly WeightDtype[],
  caches: readonly CacheDtype[],
): Promise<void> {
  const json = values['json'] === true;
  const text = values['text'];
  const result = await benchQuality({
    host: await createNodeHost('auto'),
    model: { kind: 'directory', path: findModel(option.required(values, 'model', 'a model directory')) },
    limits: option.oneOf(values, 'limits', ['best', 'default'], 'best'),
    dtypes,
    caches,
    positions: option.whole(values, 'positions', 1, 65_536) ?? 256,
    text: typeof text === 'string' ? text : null,
    onProgress: (line) => {
      if (!json) write(`${line}\n`);
    },
    signal,
  });
  write(json ? `${JSON.stringify(result)}\n` : table(result));
}

function table({ positions, rows }: QualityBenchResult): string {
  const head = `${positions} positions   mean KL to f32   same top token   weights     cache`;
  const lines = rows.map(({ dtype, cache, kl, sameTop, weightBytes, cacheBytes }) =>
    [
      (cache ? `cache ${cache}` : dtype).padEnd(String(positions).length + 10),
      kl.toExponential(2).padStart(16),
      `${(100 * sameTop).toFixed(1)} %`.padStart(16),
      `${(weightBytes / 2 ** 20).toFixed(1)} MiB`.padStart(12),
      `${(cacheBytes / 2 ** 20).toFixed(2)} MiB`.padStart(12),
    ].join(' '),
  );
  return [head, ...lines, ''].join('\n');
}
