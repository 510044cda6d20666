// `npm run test:quick`: checks the files that differ from main. Its last line names what it leaves out.

import { changedFiles, mergeBase } from './house/changed-files.ts';
import { runInPairs, type Step } from './house/run-steps.ts';
import { syncStep } from './house/static-steps.ts';

const CACHE = 'node_modules/.cache/payable';
const base = mergeBase();
const changed = changedFiles(base);
const code = changed.filter((path) => /\.(ts|js|mjs|svelte)$/.test(path));
const steps: Step[] = [];

if (code.length > 0) {
  // Types are checked for the whole program: a change can break an unchanged file.
  steps.push({
    name: 'svelte-check',
    command: 'svelte-check',
    args: ['--fail-on-warnings', '--output', 'human'],
  });
  steps.push({
    name: 'eslint',
    command: 'eslint',
    args: ['--max-warnings=0', '--no-warn-ignored', '--cache', '--cache-location', `${CACHE}/eslint/`, ...code],
  });
}
if (changed.length > 0) {
  steps.push({
    name: 'tests: pure',
    command: 'vitest',
    args: ['run', '--project=pure', `--changed=${base}`, '--passWithNoTests', '--reporter=dot'],
  });
  steps.push({
    name: 'prettier',
    command: 'prettier',
    args: ['--check', '--log-level=warn', '--ignore-unknown', ...changed],
  });
  steps.push({
    name: 'import law',
    command: 'depcruise',
    args: [
      ...['--config', '.dependency-cruiser.mjs', '--cache', `${CACHE}/depcruise`],
      ...['src', 'node', 'cli', 'server', 'bench', 'scripts', 'tests'],
    ],
  });
}

const started = performance.now();
const ok = (await runInPairs([syncStep])) && (await runInPairs(steps));
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `\n${ok ? 'Nothing found' : 'Stopped at the first failure'} after ${seconds} s in ${changed.length} changed files.`,
);
console.log(
  'Left out: unchanged files of eslint and prettier, pure tests that import no changed file, knip, contracts, genesis, and the parts chain, gpu, browser and e2e.',
);
process.exitCode = ok ? 0 : 1;
