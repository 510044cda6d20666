// A Chromium from an npm package, for machines without a browser: 70 MB to fetch, 220 MB unpacked, once. The package
// (MIT) holds a headless Chromium (BSD) packed with Brotli; none of the package's own code runs. One version is
// supported; the download is checked against its hashes, and an interrupted unpacking leaves no files.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const SHA256 = {
  'chromium.br': '38e1e1649db20fa4ea644bf5987688ce81a4c9eb10e7eae8380b74fc0d699fea',
  'swiftshader.tar.br': 'b680e40a33235ecc6ad4c6897a168b70ce5164f0d62d2a64d675320d51614631',
  'al2023.tar.br': 'a166168dd3e3e9d8743689fff543c5cadb3025c1816c6a154c90dc68a59edd0a',
  'fonts.tar.br': 'c1307fe5cd607092f0426742b4ab93755eec9a9b7752e47c56408c2bcf3e515b',
};

/**
 * Folder of the unpacked browser and its software Vulkan driver.
 *
 * @param {string} root
 */
export const packagedBrowserFolder = (root) => join(root, 'node_modules/.cache/payable', `chromium-${VERSION}`);

/**
 * Path of its program, once unpacked.
 *
 * @param {string} root
 */
export const packagedBrowser = (root) => join(packagedBrowserFolder(root), 'run');

/**
 * Path of the browser, which is unpacked if necessary; undefined, after one line with the reason, if that fails.
 *
 * @param {string} root
 * @returns {Promise<string | undefined>}
 */
export async function ensurePackagedBrowser(root) {
  const folder = packagedBrowserFolder(root);
  const program = packagedBrowser(root);
  if (existsSync(program)) return program;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const work = `${folder}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    console.error(`Fetching a Chromium for the browser tests (npm package ${PACKAGE} ${VERSION}, 70 MB) …`);
    fetchPackage(work);
    await unpack(work);
    makeRunnable(work, folder);
    renameSync(work, folder);
    return program;
  } catch (error) {
    console.error(`No Chromium from npm: ${error instanceof Error ? error.message : error}`);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} work */
function fetchPackage(work) {
  // Its own package.json keeps npm from looking further up, where this product's is.
  writeFileSync(join(work, 'package.json'), '{ "private": true }\n');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: work, stdio: ['ignore', 2, 2] };
  const result = spawnSync(command, [...args, 'install', ...quiet, `${PACKAGE}@${VERSION}`], options);
  if (result.status !== 0) throw new Error('"npm install" failed; check the network and the npm registry.');
}

/** @param {string} work */
async function unpack(work) {
  const bin = join(work, 'node_modules', PACKAGE, 'bin');
  for (const [file, sha256] of Object.entries(SHA256)) {
    const target = join(work, file.slice(0, -'.br'.length));
    const hash = createHash('sha256');
    const hashed = new Transform({
      transform(piece, _, done) {
        hash.update(piece);
        done(null, piece);
      },
    });
    const sink = createWriteStream(target, { mode: 0o755 });
    await pipeline(createReadStream(join(bin, file)), hashed, createBrotliDecompress(), sink);
    if (hash.digest('hex') !== sha256) throw new Error(`${file} is not the file that ${PACKAGE} ${VERSION} had.`);
    if (!target.endsWith('.tar')) continue;
    if (spawnSync('tar', ['-xf', target, '-C', work]).status !== 0) throw new Error(`"tar" could not unpack ${file}.`);
    rmSync(target);
  }
  rmSync(join(work, 'node_modules'), { recursive: true });
}

/**
 * Writes the script that starts it; libraries and fonts of the package are used only where the system has none.
 *
 * @param {string} work
 * @param {string} folder Where it will lie in the end.
 */
function makeRunnable(work, folder) {
  const runs = (/** @type {Record<string, string>} */ env) =>
    spawnSync(join(work, 'chromium'), ['--version'], { env: { ...process.env, ...env } }).status === 0;
  const isComplete = runs({});
  if (!isComplete && !runs({ LD_LIBRARY_PATH: join(work, 'lib') })) {
    throw new Error('it does not start on this system.');
  }
  writeFileSync(join(work, 'fonts.conf'), `<fontconfig><dir>${folder}/fonts</dir></fontconfig>\n`);
  const lines = [
    '#!/bin/sh',
    'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
    ...(isComplete ? [] : ['export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"']),
    ...(existsSync('/etc/fonts/fonts.conf') ? [] : ['export FONTCONFIG_PATH="$here"']),
    'exec "$here/chromium" "$@"',
  ];
  writeFileSync(join(work, 'run'), lines.join('\n') + '\n', { mode: 0o755 });
}
