// `npm run demo-datanets [-- --check]`: writes the Datanets that come with the app to static/datanets. With --check it writes
// nothing and fails when one is stale.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDemoDatanets } from './house/build-demo-datanets.ts';

const FOLDER = 'static/datanets';

const files = [...(await buildDemoDatanets())].map(([path, bytes]) => ({ path: join(FOLDER, path), bytes }));
const stale = files.filter(({ path, bytes }) => !existsSync(path) || !readFileSync(path).equals(bytes));
if (process.argv.includes('--check')) {
  for (const { path } of stale)
    console.error(`${path} is stale: run "npm run demo-datanets" and commit what it writes.`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  mkdirSync(FOLDER, { recursive: true });
  for (const { path, bytes } of stale) writeFileSync(path, bytes);
  for (const { path, bytes } of files) console.log(`${path}: ${bytes.length} bytes`);
}
