// `npm run format`: formats every file as the check requires.

import { runInTurn } from './house/run-steps.ts';

const step = { name: 'prettier', command: 'prettier', args: ['--write', '--log-level=warn', '.'] };
process.exitCode = (await runInTurn([step])) ? 0 : 1;
