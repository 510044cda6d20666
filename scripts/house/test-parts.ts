// The parts of `npm test` by name, and the commands of each.

import { join } from 'node:path';
import type { Step } from './run-steps.ts';
import { staticSteps } from './static-steps.ts';

/** File with the figures of each part. */
export const RESULTS = 'node_modules/.cache/payable/results';

export const PROJECTS = ['pure', 'chain', 'gpu', 'browser', 'e2e'] as const;
export type Project = (typeof PROJECTS)[number];

export const isProject = (name: string): name is Project => (PROJECTS as readonly string[]).includes(name);

/** Patterns select test files by part of their path. */
export const vitestStep = (project: Project, patterns: readonly string[] = []): Step => ({
  name: `tests: ${project}`,
  command: 'vitest',
  args: [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(RESULTS, `${project}.json`)}`,
    ...patterns,
  ],
});

const generated: Step = { name: 'generated', command: process.execPath, args: ['scripts/abi.ts', '--check'] };
// Simulates a machine without a browser: only tests may need one.
const build: Step = {
  name: 'build',
  command: process.execPath,
  args: ['scripts/build.ts'],
  env: { CHROMIUM_PATH: 'none' },
};
const contracts: Step = { name: 'contracts', command: process.execPath, args: ['scripts/contracts.ts'] };

/** Parts that are not a Vitest project. */
export const otherParts: Record<'static' | 'generated' | 'build' | 'contracts', Step[]> = {
  static: staticSteps,
  generated: [generated],
  build: [build],
  contracts: [contracts],
};

export const PARTS = [...Object.keys(otherParts), ...PROJECTS];
