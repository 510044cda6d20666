// `npm run bench:chain [-- --out FILE.json]`: the embedded chain in Node and in Chromium, the same work in both.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { GENESIS_FILE } from '#lib/chain/embedded/genesis-file.ts';
import { readGenesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createMemoryStore } from '#lib/chain/embedded/persist.ts';
import { createProvider } from '#lib/chain/embedded/provider.ts';
import { benchChain } from '../bench/chain-bench.ts';
import { compileSolidity } from '../tests/support/solidity.ts';
import { browserArguments } from './house/browser-arguments.ts';
import { readBrowser } from './house/browser.mjs';
import { serveFolder } from './house/static-server.ts';

const { values } = parseArgs({ options: { out: { type: 'string' }, repeat: { type: 'string', default: '30' } } });
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

async function inChromium() {
  const folder = resolve('node_modules/.cache/payable/bench-chain');
  const built = (await build({
    root: 'bench/chain-page',
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true },
  })) as Rolldown.RolldownOutput;
  cpSync('static/chain', `${folder}/chain`, { recursive: true });
  const worker = built.output.find(({ fileName }) => /worker/.test(fileName))!;
  const code = readFileSync(`${folder}/${worker.fileName}`);

  const { url, close } = await serveFolder(folder, { port: 0 });
  const browser = await chromium.launch({ executablePath: readBrowser('.'), args: browserArguments('none') });
  try {
    const page = await (await browser.newContext()).newPage();
    page.on('pageerror', (error) => console.error(error));
    const visit = async (options: { token: typeof token; repetitions: number } | null) => {
      await page.goto(new URL('index.html', url).href);
      return page.evaluate((given) => window.chainBench(given), options);
    };
    const { bootMs } = await visit(null);
    const { bootMs: secondBootMs, result } = await visit({ token, repetitions });
    const { bootMs: rebootMs } = await visit(null);
    const sizes = { workerBytes: code.length, workerGzipBytes: gzipSync(code).length };
    return round({ bootMs, secondBootMs, ...result!, rebootMs, ...sizes });
  } finally {
    await browser.close();
    await close();
  }
}

const figures = { node: await inNode(), chromium: await inChromium() };
console.table(figures);
if (values.out) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(figures, null, 2)}\n`);
}
