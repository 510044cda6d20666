// The static checks, the slow ones first.

import type { Step } from './run-steps.ts';

/** Takes longer than the others together. */
export const eslintStep: Step = { name: 'eslint', command: 'eslint', args: ['.', '--max-warnings=0'] };

/** Commands of the static part; `npm run check` runs exactly these. */
export const staticSteps: Step[] = [
  eslintStep,
  { name: 'svelte-check', command: 'svelte-check', args: ['--fail-on-warnings', '--output', 'human'] },
  { name: 'prettier', command: 'prettier', args: ['--check', '--log-level=warn', '.'] },
  {
    name: 'import law',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', 'src', 'node', 'cli', 'server', 'bench', 'scripts', 'tests'],
  },
  { name: 'genesis', command: process.execPath, args: ['scripts/genesis.ts', '--check'] },
  { name: 'forge fmt', command: 'forge', args: ['fmt', '--check'] },
  { name: 'knip', command: 'knip', args: ['--no-progress'] },
  {
    name: 'knip, without tests',
    command: 'knip',
    args: [
      ...['--production', '--no-progress', '--config', 'knip.production.jsonc'],
      ...['--include', 'files,exports,types'],
    ],
  },
];

/** SvelteKit writes the TypeScript settings that all other steps read. */
export const syncStep: Step = { name: 'svelte-kit sync', command: 'svelte-kit', args: ['sync'] };
