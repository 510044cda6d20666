// `npm run format`: lays out every file the way the check wants it.

import { runInTurn } from './house/run-steps.ts';

const step = { name: 'prettier', command: 'prettier', args: ['--write', '--log-level=warn', '.'] };
process.exitCode = (await runInTurn([step])) ? 0 : 1;
