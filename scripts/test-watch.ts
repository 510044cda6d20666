// `npm run test:watch [-- PROJECT [PATTERN…]]`: repeats tests as files change; those of `pure` unless another project is named.

import { runInPairs, runInTurn } from './house/run-steps.ts';
import { syncStep } from './house/static-steps.ts';
import { isProject, PROJECTS } from './house/test-parts.ts';

const [project = 'pure', ...patterns] = process.argv.slice(2);
if (!isProject(project)) {
  console.error(`"${project}" is no project of tests. The projects: ${PROJECTS.join(', ')}.`);
  process.exit(1);
}
const watch = { name: 'watch', command: 'vitest', args: ['watch', `--project=${project}`, ...patterns] };
process.exitCode = (await runInPairs([syncStep])) && (await runInTurn([watch])) ? 0 : 1;
