// `npm run bench:chain [-- --only PART] [--out FILE.json]`: measures the embedded chain in Node and in Chromium with the same
// work, and the cost of settling 10,000 calls. Parts are `node`, `chromium` and `settlement`; skipped parts keep their figures.

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { custom } from 'viem';
import { build, type Rolldown } from 'vite';
import { GENESIS_FILE } from '#lib/chain/embedded/genesis-file.ts';
import { readGenesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createMemoryStore } from '#lib/chain/embedded/persist.ts';
import { createProvider } from '#lib/chain/embedded/provider.ts';
import { benchChain } from '../bench/chain-bench.ts';
import { benchSettlement } from '../bench/settlement-bench.ts';
import { compileSolidity } from '../tests/support/solidity.ts';
import { browserArguments } from './house/browser-arguments.ts';
import { readBrowser } from './house/browser.mjs';
import { serveFolder } from './house/static-server.ts';
import { standaloneBuild } from './house/standalone-build.mjs';

const { values } = parseArgs({
  options: { out: { type: 'string' }, only: { type: 'string' }, repeat: { type: 'string', default: '30' } },
});
const repetitions = Number(values.repeat);
const round = (figures: Record<string, number>) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(2))]));

const token = compileSolidity(`
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
contract Token is ERC20 {
    constructor(uint256 supply) ERC20("Open", "OPEN") { _mint(msg.sender, supply); }
}`)['Token']!;

async function inNode() {
  const store = createMemoryStore();
  const now = () => performance.now();
  const bytes = readFileSync(`static/${GENESIS_FILE.path}`);
  const open = async () => {
    const start = now();
    const genesis = await readGenesis(bytes, GENESIS_FILE.sha256);
    const provider = createProvider(createNode({ genesis, store, now: () => Date.now() }));
    await provider.request({ method: 'eth_blockNumber' });
    return { provider, bootMs: now() - start };
  };
  const { provider, bootMs } = await open();
  const result = await benchChain({ provider, token, now, repetitions });
  return round({ bootMs, ...result, rebootMs: (await open()).bootMs });
}

const FIRST_BOOTS = 9;

async function inChromium() {
  const folder = resolve('node_modules/.cache/payable/bench-chain');
  const built = (await build({
    root: 'bench/chain-page',
    ...standaloneBuild,
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true },
  })) as Rolldown.RolldownOutput;
  cpSync('static/chain', `${folder}/chain`, { recursive: true });
  const worker = built.output.find(({ fileName }) => /worker/.test(fileName))!;
  const code = readFileSync(`${folder}/${worker.fileName}`);

  const { url, close } = await serveFolder(folder, { port: 0 });
  const browser = await chromium.launch({ executablePath: readBrowser('.'), args: browserArguments('none') });
  try {
    const open = async () => {
      const page = await (await browser.newContext()).newPage();
      page.on('pageerror', (error) => console.error(error));
      return async (options: { token: typeof token; repetitions: number } | null) => {
        await page.goto(new URL('index.html', url).href);
        return page.evaluate((given) => window.chainBench(given), options);
      };
    };
    // A visitor's first boot, repeated to show how its time varies.
    const boots: number[] = [];
    let visit = await open();
    for (let at = 0; at < FIRST_BOOTS; at++) {
      if (at > 0) visit = await open();
      boots.push((await visit(null)).bootMs);
    }
    boots.sort((a, b) => a - b);
    const [bootMs, bootWorstMs] = [boots[FIRST_BOOTS >> 1]!, boots.at(-1)!];
    const { bootMs: secondBootMs, result } = await visit({ token, repetitions });
    const { bootMs: rebootMs } = await visit(null);
    const sizes = { workerBytes: code.length, workerGzipBytes: gzipSync(code).length };
    return round({ bootMs, bootWorstMs, secondBootMs, ...result!, rebootMs, ...sizes });
  } finally {
    await browser.close();
    await close();
  }
}

/** Upper bound of the cost per call when 10,000 are settled in one transaction. */
const MOST_GAS_PER_CALL = 200;

async function settlement() {
  const genesis = await readGenesis(readFileSync(`static/${GENESIS_FILE.path}`), GENESIS_FILE.sha256);
  const provider = createProvider(createNode({ genesis, store: createMemoryStore(), now: () => Date.now() }));
  const rows = await benchSettlement(custom(provider, { retryCount: 0 }), () => performance.now(), [1, 10, 100]);
  return rows.map((row) => round({ ...row }));
}

const parts = { node: inNode, chromium: inChromium, settlement } as const;
type Part = keyof typeof parts;
const isPart = (name: string): name is Part => name in parts;
const { only, out } = values;
if (only !== undefined && !isPart(only)) {
  console.error(`--only is ${Object.keys(parts).join(', ')}, not "${only}".`);
  process.exit(1);
}

const kept = out && existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>) : {};
const figures: Record<string, unknown> = { ...kept };
for (const part of only ? [only] : (Object.keys(parts) as Part[])) {
  const found = await parts[part]();
  figures[part] = found;
  console.log(part);
  console.table(found);
  if (Array.isArray(found)) {
    const dearest = Math.max(...found.map(({ gasPerCall }) => gasPerCall ?? Infinity));
    console.log(`At most ${dearest} gas a call; the limit is ${MOST_GAS_PER_CALL}.`);
    if (dearest > MOST_GAS_PER_CALL) process.exitCode = 1;
  }
}
if (out) {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(figures, null, 2)}\n`);
}
