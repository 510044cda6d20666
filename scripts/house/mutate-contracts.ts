// Drops each guard and swaps each operator of the contracts once and runs their tests: a change that fails no test is not tested.
// Works on a copy of the tree, built once, so that a mutant compiles in a second.

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { forge } from './forge.ts';
import { readingFunctions, solidityGuards } from './solidity-guards.ts';
import { solidityOperators } from './solidity-operators.ts';

/** Which tests cover a folder of contracts/src: first part of the test files' names. */
const TESTS: Record<string, string[]> = {
  attribution: [
    'Attribution',
    'Court',
    'Pot',
    'InfluenceBook',
    'Games',
    'SumMerkle',
    'SketchDot',
    'Split',
    'Reentrancy',
  ],
  gov: ['OpenGovernor', 'Guardian', 'Governance', 'EntryPause', 'NodeRegistry'],
  points: ['QuestBoard', 'SeasonRewards', 'Reentrancy'],
  registry: ['NodeRegistry', 'DatanetRegistry', 'Contributions', 'ModelRegistry', 'Reentrancy'],
  settle: ['Settlement', 'Split', 'PayTo', 'Market', 'AttributionLedger', 'Pot'],
  token: ['OpenToken', 'Genesis', 'StakedOpen'],
};

const SETTINGS = {
  FOUNDRY_FUZZ_RUNS: '16',
  // With dynamic linking, tests need not be recompiled when only a contract's body changed.
  FOUNDRY_DYNAMIC_TEST_LINKING: 'true',
  FOUNDRY_EXTRA_OUTPUT: '[]',
  // An unbounded loop then runs out of gas instead of time.
  FOUNDRY_GAS_LIMIT: '1000000000',
};

function copyTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const part of ['foundry.toml', 'contracts/bin', 'contracts/src', 'contracts/test']) {
    cpSync(part, join(tree, part), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  return tree;
}

/** `killed` by a failing test, `survived`, or `broken`: it does not compile, so it says nothing about tests. */
type Fate = 'killed' | 'survived' | 'broken';

async function tryMutant(tree: string, match: string): Promise<Fate> {
  // Full lists are slow and show nothing about a mutant that short ones do not.
  const args = ['test', '--fail-fast', '--match-path', match, '--no-match-contract', 'FullLists'];
  const { code, stdout, stderr } = await forge(args, { cwd: tree, env: SETTINGS });
  if (code === 0) return 'survived';
  return /\[FAIL/.test(stdout + stderr) ? 'killed' : 'broken';
}

const solidityFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sol'))
    .sort();

/** The unit tests named like the file, if any: they kill most mutants, and quickly. */
function ownTests(file: string): string[] {
  const name = basename(file, '.sol');
  const exist = readdirSync('contracts/test/unit').some((test) => test.startsWith(name));
  return exist ? [`contracts/test/unit/${name}*`] : [];
}

/** Mutates the given folders of contracts/src, or folders in them. False when a mutant survives or is broken, or the tests fail without one. */
export async function mutateContracts(folders: string[]): Promise<boolean> {
  const tree = copyTree();
  const sources = 'contracts/src';
  const reading = new Set(
    solidityFiles(sources).flatMap((file) => readingFunctions(readFileSync(join(sources, file), 'utf8'))),
  );
  let tried = 0;
  let killed = 0;
  try {
    for (const folder of folders) {
      const tests = TESTS[folder.split('/', 1)[0]!];
      if (!tests || !existsSync(join(sources, folder))) throw new Error(`No ${sources}/${folder} with tests.`);
      const started = performance.now();
      const named = `{${tests.map((name) => `${name}*`).join(',')}}`;
      const all = `contracts/test/{unit,fuzz}/${named}`;
      if ((await tryMutant(tree, all)) !== 'survived') throw new Error(`The tests of ${folder} fail without a mutant.`);
      for (const file of solidityFiles(join(sources, folder))) {
        const path = join(sources, folder, file);
        const source = readFileSync(path, 'utf8');
        for (const mutant of [...solidityGuards(source, reading), ...solidityOperators(source)]) {
          writeFileSync(join(tree, path), mutant.source);
          let fate: Fate = 'survived';
          for (const match of [...ownTests(file), `contracts/test/unit/${named}`, all])
            if (fate === 'survived') fate = await tryMutant(tree, match);
          tried += 1;
          killed += fate === 'killed' ? 1 : 0;
          console.log(
            `${fate === 'killed' ? 'ok  ' : 'FAIL'} ${fate.padEnd(8)} ${basename(file)}:${mutant.line} ${mutant.dropped}`,
          );
        }
        writeFileSync(join(tree, path), source);
      }
      console.log(`     ${folder}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  console.log(`${killed === tried ? 'ok  ' : 'FAIL'} mutants: ${killed} of ${tried} killed`);
  return tried > 0 && killed === tried;
}
