// Snapshots of what others rely on in a contract: its ABI and storage layout. A change must be deliberate.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { forge } from './forge.ts';

const SNAPSHOTS = 'contracts/snapshots';
/** The build whose code is deployed. */
const DEPLOYED = 'contracts/out/dist';

interface Artifact {
  abi: { type: string; name?: string }[];
  bytecode: { object: string };
  storageLayout?: { storage: { label: string; slot: string; offset: number; type: string }[] };
}

/** Contracts that can be deployed: neither interface, library nor abstract. */
function deployable(): [string, Artifact][] {
  return readdirSync('contracts/src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sol') && !file.startsWith('interfaces/'))
    .flatMap((file): [string, Artifact][] => {
      const name = basename(file, '.sol');
      const path = join(DEPLOYED, `${name}.sol`, `${name}.json`);
      if (!existsSync(path)) return [];
      const artifact = JSON.parse(readFileSync(path, 'utf8')) as Artifact;
      return artifact.bytecode.object.length > 2 && artifact.abi.some(({ type }) => type === 'function')
        ? [[name, artifact]]
        : [];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function snapshotsOf(name: string, { abi, storageLayout }: Artifact): [string, unknown][] {
  // A contract without storage has an empty layout; a missing layout is an error.
  if (!storageLayout) throw new Error(`The build of ${name} says nothing of its storage.`);
  // Types contain ids of the syntax tree, which change with any file.
  const layout = storageLayout.storage.map(({ label, slot, offset, type }) => ({
    label,
    slot,
    offset,
    type: type.replaceAll(/\)\d+/g, ')'),
  }));
  return [
    [`abi/${name}.json`, abi],
    [`layout/${name}.json`, layout],
  ];
}

async function build(...more: string[]): Promise<boolean> {
  const { code, stdout, stderr } = await forge(['build', 'contracts/src', ...more], { profile: 'dist' });
  if (code !== 0) console.log(stdout, stderr);
  return code === 0;
}

/** Compares with the stored files, or updates them. False when something differs. */
export async function contractSnapshots(update: boolean): Promise<boolean> {
  if (!(await build())) return false;
  // Forge's cache counts as complete even when it was built without layouts.
  const complete = deployable().every(([, { storageLayout }]) => storageLayout !== undefined);
  if (!complete && !(await build('--force'))) return false;
  const wanted = new Map(
    deployable()
      .flatMap(([name, artifact]) => snapshotsOf(name, artifact))
      .map(([file, value]) => [file, `${JSON.stringify(value, null, 2)}\n`]),
  );
  const kept = ['abi', 'layout'].flatMap((folder) => {
    const path = join(SNAPSHOTS, folder);
    return existsSync(path) ? readdirSync(path).map((file) => `${folder}/${file}`) : [];
  });
  const differing = [...new Set([...wanted.keys(), ...kept])].filter((file) => {
    const path = join(SNAPSHOTS, file);
    return !existsSync(path) || readFileSync(path, 'utf8') !== wanted.get(file);
  });
  if (!update) {
    for (const file of differing) console.log(`     ${join(SNAPSHOTS, file)} differs`);
    const hint = differing.length === 0 ? '' : ' — look at the change, then `npm run contracts -- snapshots --update`';
    console.log(`${differing.length === 0 ? 'ok  ' : 'FAIL'} ABI and storage of ${wanted.size / 2} contracts${hint}`);
    return differing.length === 0;
  }
  for (const file of differing) {
    const path = join(SNAPSHOTS, file);
    const text = wanted.get(file);
    mkdirSync(dirname(path), { recursive: true });
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    console.log(`     ${path} ${text === undefined ? 'removed' : 'written'}`);
  }
  return true;
}
