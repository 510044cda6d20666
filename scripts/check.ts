// `npm run check`: everything that can be said about the code without running it.

import { runInPairs } from './house/run-steps.ts';
import { staticSteps, syncStep } from './house/static-steps.ts';

process.exitCode = (await runInPairs([syncStep])) && (await runInPairs(staticSteps)) ? 0 : 1;
