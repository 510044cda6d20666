// `npm run contracts -- COMMAND`: checks of the contracts. Without a command, those that `npm test` runs.
//
//   test                  unit, fuzz and invariant tests, on the code that is deployed
//   gas [--update]        gas of the deployed code against contracts/snapshots
//   snapshots [--update]  ABIs and storage layouts against contracts/snapshots
//   coverage              share of lines and branches that the tests run
//   mutate [FOLDER…]      drops each guard and swaps each operator once; a test must fail each time (attribution, token and
//                         settle by default)
//   nightly               the tests with 10,000 fuzz runs and 1,000 × 128 invariant calls

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractCoverage } from './house/contract-coverage.ts';
import { contractSnapshots } from './house/contract-snapshots.ts';
import { forge } from './house/forge.ts';
import { forgeTests } from './house/forge-tests.ts';
import { mutateContracts } from './house/mutate-contracts.ts';

const results = 'node_modules/.cache/payable/results';
const [command = 'all', ...rest] = process.argv.slice(2);
const update = rest.includes('--update');

/** What `deploy` of the tests reads: the folder of the build whose code is deployed. */
const env = { BUILD: 'contracts/out/dist' };

/** Builds what is deployed, and checks its sizes. */
async function build(): Promise<boolean> {
  const { code, stdout, stderr } = await forge(['build', 'contracts/src', '--sizes'], { profile: 'dist' });
  if (code !== 0) console.log(stdout, stderr);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} build, sizes within 24 kB`);
  return code === 0;
}

async function test(): Promise<boolean> {
  if (!(await build())) return false;
  const counts = await forgeTests(env);
  // The last line of `npm test` counts these too.
  writeFileSync(join(results, 'contracts.json'), JSON.stringify(counts));
  console.log(`${counts.failed === 0 ? 'ok  ' : 'FAIL'} tests: ${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0;
}

async function gas(): Promise<boolean> {
  if (!(await build())) return false;
  const check = update ? {} : { FORGE_SNAPSHOT_CHECK: 'true' };
  const { code, stdout, stderr } = await forge(['test'], { profile: 'gas', env: { ...env, ...check } });
  if (code !== 0) console.log(stdout, stderr);
  const hint = code === 0 ? '' : ' — if the change is meant, `npm run contracts -- gas --update`';
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} gas as in contracts/snapshots${hint}`);
  return code === 0;
}

const snapshots = () => contractSnapshots(update);
const coverage = () => contractCoverage(join(results, 'contracts.lcov'));
const nightly = async () =>
  (await build()) && (await forge(['test'], { profile: 'nightly', env, live: true })).code === 0;
const mutate = () => mutateContracts(rest.length > 0 ? rest : ['attribution', 'token', 'settle']);
const all = async () => (await test()) && (await snapshots()) && (await gas()) && (await coverage());

const commands: Record<string, () => Promise<boolean>> = { all, test, gas, snapshots, coverage, mutate, nightly };
const run = commands[command];
if (!run) {
  console.error(`"${command}" is none of ${Object.keys(commands).join(', ')}.`);
  process.exit(1);
}
mkdirSync(results, { recursive: true });
process.exitCode = (await run()) ? 0 : 1;
