// `npm test`: static checks and every test, stopping at the first part that fails; ends with one line of figures.
// `npm test -- PART [PATTERN…]` runs one part; patterns select test files by a part of their path.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts } from './house/forge-tests.ts';
import { isBuildFresh } from './house/is-build-fresh.ts';
import { runInPairs, runInTurn } from './house/run-steps.ts';
import { eslintStep, syncStep } from './house/static-steps.ts';
import { isProject, otherParts, PARTS, PROJECTS, RESULTS, vitestStep } from './house/test-parts.ts';

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
  for (const project of PROJECTS) {
    const file = join(RESULTS, `${project}.json`);
    if (!existsSync(file)) continue;
    const figures = JSON.parse(readFileSync(file, 'utf8')) as Figures;
    passed += figures.numPassedTests;
    failed += figures.numFailedTests;
    skipped += figures.numPendingTests + figures.numTodoTests;
    // A file that fails to load has no tests to count, but it failed.
    failed += figures.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length;
  }
  const contracts = join(RESULTS, 'contracts.json');
  if (existsSync(contracts)) {
    const counts = JSON.parse(readFileSync(contracts, 'utf8')) as Counts;
    passed += counts.passed;
    failed += counts.failed;
  }
  return { passed, failed, skipped };
}

async function runAll(): Promise<boolean> {
  const checks = otherParts.static.filter((step) => step !== eslintStep);
  const patient = [...otherParts.contracts, eslintStep].map((step) => ({ ...step, isPatient: true }));
  return (
    // The longest first, so that the others end beside it.
    (await runInPairs([vitestStep('pure'), ...checks, ...otherParts.generated, vitestStep('chain')])) &&
    // This step uses both cores.
    (await runInTurn([vitestStep('gpu')])) &&
    (await runInPairs([vitestStep('browser'), ...otherParts.build])) &&
    // These tests mostly wait for a browser, which leaves time for what computes.
    (await runInPairs([vitestStep('e2e'), ...patient]))
  );
}

async function runPart(part: string, patterns: readonly string[]): Promise<boolean> {
  if (!isProject(part)) {
    const steps = otherParts[part as keyof typeof otherParts];
    return steps.length > 1 ? runInPairs(steps) : runInTurn(steps);
  }
  if (part === 'e2e' && !(await isBuildFresh()) && !(await runInTurn(otherParts.build))) return false;
  return runInTurn([vitestStep(part, patterns)]);
}

const [part, ...patterns] = process.argv.slice(2);
if (part !== undefined && !PARTS.includes(part)) {
  console.error(`"${part}" is no part of the tests. The parts: ${PARTS.join(', ')}.`);
  process.exit(1);
}
if (part !== undefined && !isProject(part) && patterns.length > 0) {
  console.error(`"${part}" takes no pattern; these do: ${PROJECTS.join(', ')}.`);
  process.exit(1);
}
const started = performance.now();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });

const ok = (await runInPairs([syncStep])) && (await (part === undefined ? runAll() : runPart(part, patterns)));

const { passed, failed, skipped } = countTests();
console.log(
  `\n${ok ? 'Everything holds' : 'Stopped at the first failure'} after ${((performance.now() - started) / 1000).toFixed(0)} s.`,
);
console.log(`tests: ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = ok ? 0 : 1;
