// Finds a Chromium for the tests that need a browser and stores its path: from the system, from Debian's packages, or from npm.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ensurePackagedBrowser, packagedBrowser } from '#node/packaged-browser.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const FIXED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env.PROGRAMFILES ?? '', 'Google/Chrome/Application/chrome.exe'),
  join(process.env['PROGRAMFILES(X86)'] ?? '', 'Microsoft/Edge/Application/msedge.exe'),
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} root */
function findBrowser(root) {
  const named = process.env.CHROMIUM_PATH;
  if (named) return isExecutable(named) ? named : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...FIXED,
    packagedBrowser(root),
  ];
  return candidates.find((path) => path && isExecutable(path));
}

function isDebianRoot() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

function installOnDebian() {
  console.error('Installing Chromium for the browser tests (apt-get) …');
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
}

/** @param {string} root */
function cacheFile(root) {
  return join(root, 'node_modules/.cache/payable/chromium.json');
}

/**
 * Path of the browser that `CHROMIUM_PATH` names, else the last setup found; undefined where there is none.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function knownBrowser(root) {
  const written = !process.env.CHROMIUM_PATH && existsSync(cacheFile(root));
  return written ? JSON.parse(readFileSync(cacheFile(root), 'utf8')).path : findBrowser(root);
}

/**
 * The same; throws one line saying what to do when there is none.
 *
 * @param {string} root
 * @returns {string}
 */
export function readBrowser(root) {
  const path = knownBrowser(root);
  if (!path)
    throw new Error('No Chromium was found. Install Chromium or Chrome, or set CHROMIUM_PATH to its program file.');
  return path;
}

/**
 * Finds or installs a browser and writes its path down; ends the process with one line when there is none.
 *
 * @param {string} root
 */
export async function ensureBrowser(root) {
  let path = findBrowser(root);
  if (!path && !process.env.CHROMIUM_PATH && isDebianRoot()) {
    installOnDebian();
    path = findBrowser(root);
  }
  if (!path && !process.env.CHROMIUM_PATH) path = await ensurePackagedBrowser(root);
  if (!path) {
    console.error(
      'Setup stopped: the browser tests need Chromium. Install Chromium or Chrome, or set CHROMIUM_PATH to its program file.',
    );
    process.exit(1);
  }
  mkdirSync(dirname(cacheFile(root)), { recursive: true });
  writeFileSync(cacheFile(root), JSON.stringify({ path }) + '\n');
  return path;
}
