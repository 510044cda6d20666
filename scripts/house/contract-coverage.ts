// Measures how much of the contracts the tests cover, and checks the lower bounds. Tests, mocks and dependencies do not count.

import { readFileSync } from 'node:fs';
import { forge } from './forge.ts';

const LEAST = { lines: 95, branches: 90 };

interface Tally {
  lines: number;
  linesHit: number;
  branches: number;
  branchesHit: number;
}

const share = (hit: number, found: number) => (found === 0 ? 100 : (100 * hit) / found);

/** Reads an lcov report: records `SF` (file), `LF`/`LH` (lines found, hit), `BRF`/`BRH` (branches). */
function readLcov(text: string): Map<string, Tally> {
  const files = new Map<string, Tally>();
  let tally: Tally | undefined;
  for (const line of text.split('\n')) {
    const [tag, value = ''] = line.split(/:(.*)/s);
    if (tag === 'SF') {
      tally = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
      if (value.startsWith('contracts/src/')) files.set(value, tally);
    }
    if (!tally) continue;
    if (tag === 'LF') tally.lines = Number(value);
    if (tag === 'LH') tally.linesHit = Number(value);
    if (tag === 'BRF') tally.branches = Number(value);
    if (tag === 'BRH') tally.branchesHit = Number(value);
  }
  return files;
}

/** Measures, prints one line per file below the bounds and the sums. False when the sums are below. */
export async function contractCoverage(report: string): Promise<boolean> {
  const { code, stdout, stderr } = await forge(['coverage', '--report=lcov', `--report-file=${report}`], {
    // One fuzz run suffices to cover a line.
    env: { FOUNDRY_FUZZ_RUNS: '16', FOUNDRY_INVARIANT_RUNS: '4' },
  });
  if (code !== 0) {
    console.log(stdout, stderr);
    return false;
  }
  const sum: Tally = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
  for (const [file, tally] of readLcov(readFileSync(report, 'utf8'))) {
    const lines = share(tally.linesHit, tally.lines);
    const branches = share(tally.branchesHit, tally.branches);
    if (lines < LEAST.lines || branches < LEAST.branches) {
      console.log(`     ${file}: lines ${lines.toFixed(1)} %, branches ${branches.toFixed(1)} %`);
    }
    for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
  }
  const lines = share(sum.linesHit, sum.lines);
  const branches = share(sum.branchesHit, sum.branches);
  const ok = sum.lines > 0 && lines >= LEAST.lines && branches >= LEAST.branches;
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} coverage: lines ${lines.toFixed(1)} % (${LEAST.lines}), branches ${branches.toFixed(1)} % (${LEAST.branches})`,
  );
  return ok;
}
