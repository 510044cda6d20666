// `npm run check`: all static checks.

import { runInPairs } from './house/run-steps.ts';
import { staticSteps, syncStep } from './house/static-steps.ts';

process.exitCode = (await runInPairs([syncStep])) && (await runInPairs(staticSteps)) ? 0 : 1;
