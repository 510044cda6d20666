// `npm run bench:datanets [-- --large]`: measures packing speed, the upload after an edit, and the memory for large files. Writes
// bench/results/datanets.json. Rows are generated from a seed; --large makes files of 500 MB in the system's temporary folder.

import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Block } from '#lib/formats/block/block.ts';
import { NO_LICENCE } from '#lib/formats/datanet/licences.ts';
import { createLanguageDetector } from '#lib/datanets/checks/language.ts';
import { inspectImport } from '#lib/datanets/import/inspect-import.ts';
import { packVersion } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { createDiskSpill } from '#node/disk-spill.ts';
import { createNodeDigester } from '#node/digester.ts';
import { makeRow, randomFrom } from './house/bench-rows.ts';

const ROWS = 80_000;
const LARGE_BYTES = 500e6;
const digester = await createNodeDigester();

/** Inserts 10 rows, removes 3 and edits 5 throughout the set, and appends 800. */
function edited(rows: readonly ReturnType<typeof makeRow>[]) {
  const gone = new Set([11, 26_667, 40_007]);
  const kept = rows
    .filter((_, at) => !gone.has(at))
    .map((row, at) => (at % 16_000 === 8_000 ? { ...row, n: -1 } : row));
  const inserted = Array.from({ length: 10 }, (_, k) => ({
    ...makeRow(7_000 * (k + 1)),
    id: `row-${String(7_000 * (k + 1)).padStart(7, '0')}b`,
  }));
  return [...kept, ...inserted, ...Array.from({ length: 800 }, (_, k) => makeRow(ROWS + k))];
}

const linesOf = (rows: readonly object[]): Uint8Array =>
  Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

async function pack(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const spill = createDiskSpill();
  const sizes = new Map<string, number>();
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  try {
    const terms = { datanet: null, n: 1, parents: [], licence: NO_LICENCE, createdAt: 0, author: null };
    const blocks = packVersion(readRows(source, 'rows.jsonl'), terms, { name: 'rows.jsonl', digester, spill });
    let next = await blocks.next();
    const count = ({ cid, bytes }: Block): void => void sizes.set(cid.toString(), bytes.length);
    for (; !next.done; next = await blocks.next()) count(next.value);
    const { user, system } = process.cpuUsage(cpu);
    const { rows } = next.value.version.stats;
    return {
      sizes,
      rows,
      shards: next.value.shards,
      rowsPerSecond: Math.round((1000 * rows) / (performance.now() - wall)),
      rowsPerCpuSecond: Math.round((1e6 * rows) / (user + system)),
    };
  } finally {
    await spill.clear();
  }
}

async function writeLarge(path: string, kind: 'csv' | 'json' | 'jsonl'): Promise<void> {
  const out = createWriteStream(path);
  const random = randomFrom(7);
  if (kind === 'csv') out.write('prompt,completion,source\n');
  if (kind === 'json') out.write('[\n');
  for (let bytes = 0, n = 0; bytes < LARGE_BYTES;) {
    let text = '';
    for (let k = 0; k < 500; k++, n++) {
      const { messages } = makeRow(n, random);
      const [prompt, completion] = messages.map(({ content }) => content) as [string, string];
      if (kind === 'csv') text += `"${prompt}, ""so""","${completion}",made\n`;
      else
        text += `${kind === 'json' && n > 0 ? ',\n' : ''}${JSON.stringify({ prompt, completion })}${kind === 'jsonl' ? '\n' : ''}`;
    }
    bytes += text.length;
    if (!out.write(text)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => out.end(kind === 'json' ? '\n]\n' : '', () => resolve()));
}

/** Runs in a separate process, to measure its peak memory. */
async function measureMemory(task: string, path: string): Promise<void> {
  let peak = 0;
  const look = (): void => void (peak = Math.max(peak, process.memoryUsage.rss()));
  let rows = 0;
  if (task === 'pack') {
    const timer = setInterval(look, 20);
    ({ rows } = await pack(createReadStream(path)));
    clearInterval(timer);
  } else {
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      const file = await open(path);
      try {
        const bytes = new Uint8Array(end - start);
        await file.read(bytes, 0, bytes.length, start);
        return bytes;
      } finally {
        await file.close();
      }
    };
    const file = { name: path, size: statSync(path).size, stream: () => createReadStream(path), read };
    for await (const batch of inspectImport(file, { digester, languageOf: await createLanguageDetector() })) {
      rows += batch.rows.length;
      look();
    }
  }
  console.log(JSON.stringify({ rows, peakMb: Math.round(peak / 1e6) }));
}

function memoryOf(task: string, path: string, flags: readonly string[]): Record<string, unknown> {
  const script = fileURLToPath(import.meta.url);
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, script, '--measure', task, path], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return { task, flags: flags.join(' '), ...(JSON.parse(stdout) as object) };
}

if (process.argv[2] === '--measure') {
  await measureMemory(process.argv[3]!, process.argv[4]!);
} else {
  const rows = Array.from({ length: ROWS }, (_, n) => makeRow(n));
  const [before, after] = [linesOf(rows), linesOf(edited(rows))];
  const runs = [];
  for (let run = 0; run < 5; run++) runs.push(await pack([before]));
  const next = await pack([after]);
  const known = runs[0]!.sizes;
  const all = [...next.sizes].reduce((sum, [, size]) => sum + size, 0);
  const fresh = [...next.sizes].reduce((sum, [cid, size]) => sum + (known.has(cid) ? 0 : size), 0);
  const result: Record<string, unknown> = {
    machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg()[0] },
    pack: runs.map(({ sizes: _, ...figures }) => figures),
    edit: { bytes: all, newBytes: fresh, newPercent: Math.round((10_000 * fresh) / all) / 100 },
  };
  if (process.argv.includes('--large')) {
    const scratch = mkdtempSync(join(tmpdir(), 'payable-bench-'));
    try {
      const memory: unknown[] = [];
      for (const kind of ['jsonl', 'json', 'csv'] as const) {
        const path = join(scratch, `large.${kind}`);
        await writeLarge(path, kind);
        memory.push({ kind, ...memoryOf('import', path, []) });
        memory.push({ kind, ...memoryOf('import', path, ['--max-old-space-size=128', '--max-semi-space-size=8']) });
        if (kind === 'jsonl') memory.push({ kind, ...memoryOf('pack', path, ['--max-semi-space-size=8']) });
        rmSync(path);
      }
      result['memory'] = memory;
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/datanets.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
}
