#!/usr/bin/env node
// The Solidity compiler of the npm package `solc`, behind the two switches that forge uses.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(import.meta.url)('solc');
const given = process.argv.slice(2);

if (given.includes('--version')) {
  console.log(`solc, the Solidity compiler, from npm\nVersion: ${solc.version()}`);
} else if (given.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')));
} else {
  console.error(`Use --version or --standard-json, not "${given.join(' ')}".`);
  process.exit(1);
}
