// `npm test`: static checks, then every test, stopping at the first part that fails; ends with one line of figures.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts } from './house/forge-tests.ts';
import { runInPairs, runInTurn, type Step } from './house/run-steps.ts';
import { staticSteps, syncStep } from './house/static-steps.ts';

const results = 'node_modules/.cache/payable/results';
const projects = ['pure', 'chain', 'gpu', 'browser', 'e2e'];

const vitestStep = (project: string): Step => ({
  name: `tests: ${project}`,
  command: 'vitest',
  args: [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(results, `${project}.json`)}`,
  ],
});

interface Figures {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

function countTests() {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const project of projects) {
    const file = join(results, `${project}.json`);
    if (!existsSync(file)) continue;
    const figures = JSON.parse(readFileSync(file, 'utf8')) as Figures;
    passed += figures.numPassedTests;
    failed += figures.numFailedTests;
    skipped += figures.numPendingTests + figures.numTodoTests;
    // A file that does not even load has no tests to count, yet it failed.
    failed += figures.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length;
  }
  const contracts = join(results, 'contracts.json');
  if (existsSync(contracts)) {
    const counts = JSON.parse(readFileSync(contracts, 'utf8')) as Counts;
    passed += counts.passed;
    failed += counts.failed;
  }
  return { passed, failed, skipped };
}

const started = performance.now();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const ok =
  (await runInPairs([syncStep])) &&
  (await runInPairs([
    ...staticSteps,
    { name: 'generated', command: process.execPath, args: ['scripts/abi.ts', '--check'] },
    vitestStep('pure'),
    vitestStep('chain'),
  ])) &&
  // Both cores are busy with it.
  (await runInTurn([vitestStep('gpu')])) &&
  (await runInPairs([
    vitestStep('browser'),
    // As on a machine without a browser: only tests may need one.
    { name: 'build', command: process.execPath, args: ['scripts/build.ts'], env: { CHROMIUM_PATH: 'none' } },
  ])) &&
  // A browser waits a good part of its time, which is enough for the compiler of the contracts.
  (await runInPairs([
    vitestStep('e2e'),
    { name: 'contracts', command: process.execPath, args: ['scripts/contracts.ts'], isPatient: true },
  ]));

const { passed, failed, skipped } = countTests();
console.log(
  `\n${ok ? 'Everything holds' : 'Stopped at the first failure'} after ${((performance.now() - started) / 1000).toFixed(0)} s.`,
);
console.log(`tests: ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = ok ? 0 : 1;
