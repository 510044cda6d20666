// `npm run -s payable -- ARGS`: builds the command line when its sources changed, then runs it. Stdout is the command's; messages
// of this script go to stderr.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { standaloneBuild } from './house/standalone-build.mjs';
import { ensureInstalled, runScript } from './setup.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const builds = join(root, 'build-cli');

/** Changes when any source file of the command line is changed. */
function fingerprint() {
  const hash = createHash('sha256');
  const visit = (/** @type {string} */ path) => {
    const info = statSync(path, { throwIfNoEntry: false });
    if (!info) return;
    if (info.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${path}\0${info.mtimeMs}\0${info.size}\n`);
  };
  for (const path of [
    'cli',
    'node',
    'server',
    'bench',
    'scripts/house',
    'src/lib',
    'package.json',
    'package-lock.json',
  ])
    visit(join(root, path));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Builds into a folder of its own and moves it into place, so two commands started at once never see half a build.
 *
 * @param {string} folder
 */
async function build(folder) {
  const { build } = await import('vite');
  const temporary = join(builds, `tmp-${process.pid}`);
  await build({
    root,
    ...standaloneBuild,
    build: { ssr: 'cli/main.ts', outDir: temporary, emptyOutDir: true, target: 'node24', minify: false },
  });
  const earlier = readdirSync(builds).filter((name) => !name.startsWith('tmp-'));
  try {
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(join(folder, 'main.js'))) throw error;
  }
  for (const name of earlier.slice(0, -3)) rmSync(join(builds, name), { recursive: true, force: true });
}

const node = ensureInstalled();
if (process.argv[2] === '--build-for') {
  await build(process.argv[3] ?? '');
} else {
  const folder = join(builds, fingerprint());
  if (!existsSync(join(folder, 'main.js'))) {
    const { spawnSync } = await import('node:child_process');
    // Vite needs the newer Node; this process may still run on the system's.
    const result = spawnSync(node, [fileURLToPath(import.meta.url), '--build-for', folder], {
      stdio: ['ignore', 2, 2],
      cwd: root,
    });
    if (result.status !== 0) {
      console.error('The command line could not be built.');
      process.exit(1);
    }
  }
  runScript(node, join(folder, 'main.js'), process.argv.slice(2));
}
