// How the app is built and how each kind of test runs.

import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { browserArguments } from './scripts/house/browser-arguments.ts';
import { knownBrowser } from './scripts/house/browser.mjs';

// A compiled library of web-llm and weights for it, by path: they are no part of the repository.
const mlc = ['PAYABLE_MLC_LIBRARY', 'PAYABLE_MLC_WEIGHTS'].flatMap((name) => {
  const path = process.env[name];
  return path ? [[name, path] as const] : [];
});
// Building and checking read this file too, where there may be no browser.
const browser = knownBrowser('.');
const tests = '{src,node,cli,server,tests,scripts}/**';

export default defineConfig({
  plugins: [sveltekit()],
  worker: { format: 'es' },
  test: {
    // For a damaged file PDF.js may reject a promise that it dropped, after it reported the error to its caller (cli/orphans.ts).
    onUnhandledError: (error) => !/unpdf.dist.pdfjs/.test(error.stack ?? ''),
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          environment: 'node',
          include: [`${tests}/*.test.ts`],
          exclude: ['**/*.gpu.test.ts', '**/*.browser.test.ts', 'tests/e2e/**', 'tests/chain/**'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          environment: 'node',
          include: [`${tests}/*.gpu.test.ts`],
          pool: 'forks',
          // Compiling a kernel keeps one core busy, and takes most of the time.
          maxWorkers: 2,
          globalSetup: ['tests/support/swiftshader.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'chain',
          environment: 'node',
          include: ['tests/chain/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Without Kit: its pages would answer for files that are missing.
        extends: false,
        appType: 'mpa',
        ...(mlc.length > 0 && { server: { fs: { allow: ['.', ...mlc.map(([, path]) => path)] } } }),
        // What only workers import is found too late, and a page that reloads for it loses its tests.
        optimizeDeps: {
          include: [
            'dexie',
            '@mlc-ai/web-llm',
            '@wllama/wllama',
            'hash-wasm',
            ...['@ipld/dag-cbor', '@ipld/dag-pb', 'blockstore-core', 'blockstore-idb', 'datastore-idb', 'helia'],
            ...['interface-datastore', 'ipfs-unixfs-exporter', 'ipfs-unixfs-importer', 'multiformats/cid'],
            'viem',
            'viem/accounts',
            ...['block', 'common', 'tx', 'util', 'vm'].map((name) => `@ethereumjs/${name}`),
          ],
        },
        test: {
          name: 'browser',
          env: Object.fromEntries(mlc),
          include: [`${tests}/*.browser.test.ts`],
          testTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { ...(browser && { executablePath: browser }), args: browserArguments('software') },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/e2e/support/serve-build.ts'],
          fileParallelism: false,
          // A page that loads again takes more than the default second on a busy machine.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
