// `npm run l2 -- FOLDER [--check] [--verification]`: checks a folder of l2/ and writes the addresses of its contracts to
// addresses.json; with --check it writes nothing and fails when that is stale. With --verification it also writes the input for
// block explorers to contracts/out/verification, after compiling it. With --app it prints the app's build settings as one line.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Hex } from 'viem';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import type { DeployPlan } from '#lib/chain/deploy/plan.ts';
import { parseChainContracts } from '#lib/chain/parse-chain-contracts.ts';
import { forge } from './house/forge.ts';
import { readL2Folder } from './house/l2-folder.ts';
import { encodedArguments, verificationInput } from './house/verification-inputs.ts';

const OUT = 'contracts/out/verification';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean' }, verification: { type: 'boolean' }, app: { type: 'boolean' } },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('Which folder? For example: npm run l2 -- l2/rehearsal');
  process.exit(1);
}

if (!existsSync(join(folder, 'chain.json'))) {
  console.error(`${folder} holds no chain.json. Copy l2/rehearsal and change it; docs/guides/run-an-l2.md says how.`);
  process.exit(1);
}

async function writeVerification(plan: DeployPlan): Promise<boolean> {
  const { contracts, addresses } = plan;
  const { code: built, stdout, stderr } = await forge(['build', 'contracts/src'], { profile: 'dist' });
  if (built !== 0) {
    console.error(stdout + stderr);
    return false;
  }
  mkdirSync(OUT, { recursive: true });
  const list = [];
  for (const { name } of contracts) {
    const { contract, compiler, input, compile } = verificationInput(name);
    const deployed = code[name] as Hex;
    if (compile() !== deployed) {
      console.error(`${name}: its sources do not compile to what is deployed. Run "node scripts/abi.ts".`);
      return false;
    }
    const file = `${name}.json`;
    writeFileSync(join(OUT, file), JSON.stringify(input));
    const constructorArguments = encodedArguments(plan, name, deployed);
    list.push({ name, address: addresses[name], contract, compiler, file, constructorArguments });
    console.log(`ok   ${name} compiles to what is deployed at ${addresses[name]}`);
  }
  writeFileSync(join(OUT, 'contracts.json'), `${JSON.stringify(list, null, 2)}\n`);
  console.log(`${list.length} inputs and contracts.json are in ${OUT}.`);
  return true;
}

/** The description of the chain without its parties, and the contracts' addresses. */
function appLine(from: string, { addresses }: DeployPlan): string {
  const { parties: _parties, ...described } = JSON.parse(readFileSync(join(from, 'chain.json'), 'utf8')) as object & {
    parties: unknown;
  };
  const whole = { ...described, addresses };
  parseChainContracts(whole);
  return JSON.stringify(whole);
}

const { plan, problems } = readL2Folder(folder, process.env);
for (const problem of problems) console.error(problem);
let fine = problems.length === 0;
if (plan !== null) {
  const file = join(folder, 'addresses.json');
  const text = `${JSON.stringify(plan.addresses, null, 2)}\n`;
  if (!values.check) {
    writeFileSync(file, text);
    console.log(`${file} is written.`);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is stale: run "npm run l2 -- ${folder}".`);
    fine = false;
  }
  if (values.app) console.log(appLine(folder, plan));
  if (values.verification) fine = (await writeVerification(plan)) && fine;
}
process.exitCode = fine ? 0 : 1;
