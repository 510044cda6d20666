// `payable bench attribution`: how well and how fast the rows behind the answers of a model are found.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { createNodeDigester } from '#node/digester.ts';
import {
  benchAttribution,
  type AttributionBenchResult,
  type AttributionField,
  type Estimate,
} from '../../bench/attribution-bench.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { packFile } from '../datanet/open-data.ts';
import { familyAdapters, familyPath, findFamily, readJsonLines } from '../input-files.ts';
import * as option from '../option-values.ts';

export async function runAttributionBench(values: OptionValues, { write, signal }: CommandContext): Promise<void> {
  const family = findFamily(option.text(values, 'model') ?? 'nano');
  const json = option.flag(values, 'json');
  const digester = await createNodeDigester();
  const fields: AttributionField[] = [];
  for (const { id, datanet, eval: asked } of familyAdapters(family)) {
    const questions = readJsonLines(familyPath(family, asked, 'eval')).map(({ value }) => ({
      row: String(value['row']),
      question: String(value['question']),
      answer: String(value['answer']),
    }));
    const version = await packFile(familyPath(family, datanet, 'datanet'), digester, signal);
    fields.push({ name: String(id), version, questions });
  }
  const result = await benchAttribution({
    fields,
    tokens: option.whole(values, 'tokens', 0, 1 << 22) ?? 1 << 22,
    onProgress: (line) => {
      if (!json) write(`${line}\n`);
    },
    signal,
  });
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    load: loadavg()[0],
  };
  const stored = { date: new Date().toISOString().slice(0, 10), machine, ...result };
  const out = option.text(values, 'out');
  if (out !== undefined) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(stored, null, 2)}\n`);
  }
  write(json ? `${JSON.stringify(stored)}\n` : table(result));
}

function table({ rankings, indexes, latencies }: AttributionBenchResult): string {
  const share = ({ value, low, high }: Estimate): string =>
    `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`.padStart(28);
  return [
    `${'ranking'.padEnd(34)} among ${'first'.padStart(28)} ${'reciprocal rank'.padStart(28)}`,
    ...rankings.map(({ ranking, among, first, reciprocalRank }) =>
      [ranking.padEnd(34), among.padEnd(5), share(first), share(reciprocalRank)].join(' '),
    ),
    ...indexes.map(
      ({ name, rows, tokens, buildMs, openMs, bytesPerToken }) =>
        `${name}: ${rows} rows, ${tokens} tokens, built in ${buildMs.toFixed(0)} ms, opened in ${openMs.toFixed(0)} ms, ${bytesPerToken.toFixed(2)} bytes a token`,
    ),
    ...latencies.map(
      ({ what, medianMs, p95Ms }) => `${what}: ${medianMs.toFixed(3)} ms, 95 % below ${p95Ms.toFixed(3)} ms`,
    ),
    '',
  ].join('\n');
}
