// Makes a fresh clone runnable: installs packages, finds the newer Node among them, finds a browser for tests. Plain JavaScript
// for Node 18 without dependencies, because it runs before anything is installed.
//
//   node scripts/setup.mjs [--browser] [--then SCRIPT ARGS…]

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @param {string} path
 * @returns {Record<string, { version?: string; optional?: boolean; devOptional?: boolean; peer?: boolean }> | undefined}
 */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** True when every package of the lock file, platform-specific ones aside, is installed in its version. */
function isInstalled() {
  const wanted = readLock(join(root, 'package-lock.json'));
  const present = readLock(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional || entry.devOptional || entry.peer || present[path]?.version === entry.version,
  );
}

/** The Node that `package.json` requires; npm installs it as a package. */
function newerNode() {
  const path = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(path) ? path : undefined;
}

/** Installs what is missing; all output goes to stderr. Returns the path of the Node to use. */
export function ensureInstalled() {
  if (!isInstalled()) {
    console.error('Installing packages (npm ci) …');
    const npm = process.env.npm_execpath;
    const [command, args] = npm ? [process.execPath, [npm]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
    const result = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: !npm && process.platform === 'win32',
    });
    if (result.status !== 0) {
      console.error(
        'Setup stopped: "npm ci" failed. Check the network and the npm registry, then run the command again.',
      );
      process.exit(1);
    }
  }
  const node = newerNode();
  if (node) return node;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  console.error(
    'Setup stopped: this needs Node 24, and the npm package "node" brought none. Install Node 24 and run the command again.',
  );
  process.exit(1);
}

/**
 * Runs a script in the newer Node, passing on signals and its exit code.
 *
 * @param {string} node
 * @param {string} script
 * @param {string[]} args
 */
export function runScript(node, script, args) {
  const bin = join(root, 'node_modules/.bin');
  const separator = process.platform === 'win32' ? ';' : ':';
  const child = spawn(node, [script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}${separator}${bin}${separator}${process.env.PATH ?? ''}` },
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function main() {
  const args = process.argv.slice(2);
  const then = args.indexOf('--then');
  const own = then < 0 ? args : args.slice(0, then);
  const node = ensureInstalled();
  if (own.includes('--browser')) await (await import('./house/browser.mjs')).ensureBrowser(root);
  if (then >= 0) runScript(node, join(root, args[then + 1] ?? ''), args.slice(then + 2));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
