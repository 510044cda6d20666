// `payable bench peers`: the own engine and wllama side by side in a browser, on one GGUF file, by the app's page for it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { CompareRow } from '#lib/flows/compare-runtimes.ts';
import { benchPeers } from '../../bench/peers-bench.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';

const HOW = ['--no-sandbox', '--enable-unsafe-webgpu', '--enable-features=Vulkan'];
const SOFTWARE = [...HOW, '--use-webgpu-adapter=swiftshader'];

export async function runPeersBench(
  values: OptionValues,
  { write, signal }: Pick<CommandContext, 'write' | 'signal'>,
): Promise<void> {
  const browser = values['browser'] ?? process.env['CHROMIUM_PATH'];
  if (typeof browser !== 'string')
    throw new UsageError('No browser is named.', 'Give the path of a Chromium with --browser, or in CHROMIUM_PATH.');
  const model = values['model'];
  const json = values['json'] === true;
  const { rows, refusals } = await benchPeers({
    app: typeof values['app'] === 'string' ? values['app'] : 'http://127.0.0.1:4173/',
    browser,
    browserArguments: values['software'] === true ? SOFTWARE : HOW,
    model: typeof model === 'string' ? resolve(model) : undefined,
    dtype: option.oneOf(values, 'dtypes', ['f32', 'f16', 'q8', 'q4'], 'f16'),
    deepest: option.oneOf(values, 'depth', ['128', '1024', '4096'], '1024'),
    isGolden: values['golden'] === true,
    onProgress: (line) => {
      if (!json) write(`${line}\n`);
    },
    signal,
  });
  const result = { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], rows, refusals };
  const out = values['out'];
  if (typeof out === 'string') {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  }
  write(json ? `${JSON.stringify(result)}\n` : `${[...rows.map(line), ...refusals].join('\n')}\n`);
}

function line({ kind, loadMs, firstTokenMs, prefill, decode, atDepth, text, agrees }: CompareRow): string {
  const depths = atDepth.map(({ depth, decode: at }) => `${depth}: ${at === null ? '-' : at.toFixed(2)}`).join(', ');
  const same = agrees === null ? '' : agrees === text.length ? ', same answer' : `, first ${agrees} letters the same`;
  return `${kind.padEnd(10)} load ${(loadMs / 1000).toFixed(2)} s, first token ${firstTokenMs.toFixed(0)} ms, prompt ${prefill.toFixed(1)}, new ${decode.toFixed(2)} tokens/s (${depths})${same}`;
}
