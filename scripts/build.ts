// `npm run build`: the app as static files in build/, with the list of files its service worker keeps for offline use.

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { injectManifest } from 'workbox-build';
import { build } from 'vite';
import { hashBuildInputs } from './house/build-inputs.ts';

const inputs = await hashBuildInputs(resolve('.'), process.env);
process.env.PAYABLE_BUILD = inputs;
await build({ logLevel: 'error' });

const { count, size, warnings } = await injectManifest({
  swSrc: 'build/service-worker.js',
  swDest: 'build/service-worker.js',
  globDirectory: 'build',
  globPatterns: [
    '200.html',
    '_app/**/*.{js,css,wasm,woff2}',
    '*.{svg,png,webmanifest,js}',
    'icons/*',
    'models/*/index.json',
    'catalogue.json',
    'chain/genesis.json',
    'datanets/*',
  ],
  // The service worker keeps these once they are used; most visitors never need them.
  globIgnores: ['_app/immutable/workers/{wllama,webllm}-worker-*.js', '_app/immutable/workers/assets/wllama-*.wasm'],
  dontCacheBustURLsMatching: /_app\/immutable\//,
  maximumFileSizeToCacheInBytes: 8 << 20,
});
for (const warning of warnings) console.warn(warning);
console.log(`Built. ${count} files (${(size / 1024).toFixed(0)} KiB) are kept for offline use.`);
// Written last, so that an interrupted build has none.
await writeFile('build/.inputs', inputs);
