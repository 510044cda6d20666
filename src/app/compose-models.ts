// Puts together what publishing and using registered models need: adapters and bases of this device and of the app, and the contexts of
// planning and publishing. Made once, so an upload goes on while the user walks between pages.

import { PayableError } from '#lib/core/errors.ts';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { TRAINING_MANIFEST_KIND } from '#lib/factory/training-manifest.ts';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { isAddress, isOnIpfs } from '#lib/files/parse-repo.ts';
import type { PublicationContext, PublicationInput } from '#lib/flows/plan-publication.ts';
import { filesOfModel } from '#lib/formats/model/files-of-model.ts';
import { GGUF_FILE } from '#lib/model/sources/gguf-file.ts';
import { isMadeHere } from '#lib/registry/made-repo.ts';
import { readModelIndex, type ModelIndex } from '#lib/registry/model-index.ts';
import { publishedModels } from '#lib/registry/published/published-models.ts';
import { PublishModelDraft } from '#lib/state/publish-model-draft.svelte.ts';
import { PublishModelState } from '#lib/state/publish-model.svelte.ts';
import { appUrl } from './app-url.ts';
import { composeDatanets } from './compose-datanets.ts';
import { composeHub } from './compose-hub.ts';
import { composeWallet } from './compose-wallet.ts';
import { openFactoryBase } from './factory-places.ts';
import { localStorageOrNull } from './local-storage.ts';

export interface ModelsApp {
  draft: PublishModelDraft;
  publishing: PublishModelState;
  /** The demo model and its adapters. */
  readDemo(signal: AbortSignal): Promise<ModelIndex>;
  /** Takes a folder that the user picked. Returns its id among adapters. */
  takeFolder(folder: Extract<FolderRef, { kind: 'files' }>): string;
  planning(): Promise<PublicationContext>;
  openBase(id: string, signal: AbortSignal): Promise<Pick<PublicationInput['base'], 'folder' | 'from'>>;
}

/** The base that comes with the app. */
export const DEMO_BASE = 'demo';
export const DEMO_LICENCE = 'Apache-2.0';
const DEMO_ADAPTER = 'demo:';
export const demoAdapter = (id: string): string => `${DEMO_ADAPTER}${id}`;

/** Names of manifests as the factory and `payable train` write them. */
const MANIFESTS = ['training-manifest.json', 'manifest.json'];
const MAX_MANIFEST_BYTES = 16 << 20;

const gone = (what: string) =>
  new PayableError('app/adapter-gone', `${what} is no longer on this device.`, { hint: 'Choose another one.' });

let composed: ModelsApp | null = null;

export const composeModels = (): ModelsApp => (composed ??= compose());

export const demoFolder = (path = ''): Folder => openBrowserFolder({ kind: 'url', url: appUrl(`models/nano/${path}`) });

function compose(): ModelsApp {
  const picked = new Map<string, Extract<FolderRef, { kind: 'files' }>>();
  const readDemo = (signal: AbortSignal) => readModelIndex(demoFolder(), signal);

  async function openAdapter(id: string, signal: AbortSignal) {
    if (id.startsWith(DEMO_ADAPTER)) {
      const { adapters, files } = await readDemo(signal);
      const found = adapters.find((one) => demoAdapter(one.id) === id);
      if (!found) throw gone(id);
      const folder = demoFolder(`${found.path}/`);
      const names = MANIFESTS.filter((name) => files.some(({ path }) => path === `${found.path}/${name}`));
      return { folder, training: await trainingOf(folder, names, signal) };
    }
    const ref = picked.get(id) ?? (await composeHub().openKept(await keptOf(id)));
    const names = MANIFESTS.filter((name) => ref.files.some(({ path }) => path === name));
    const folder = openBrowserFolder(ref);
    return { folder, training: await trainingOf(folder, names, signal) };
  }
  async function openBase(id: string, signal: AbortSignal) {
    if (id === DEMO_BASE) {
      const folder = openBrowserFolder(await openFactoryBase({ kind: 'demo', name: 'Nano' }, signal));
      const { base, files } = await readDemo(signal);
      const names = files
        .filter(({ path }) => path.startsWith(`${base}/`))
        .map(({ path }) => path.slice(base.length + 1));
      return { folder, from: { files: filesOfModel(names) ?? names } };
    }
    const record = await keptOf(id);
    return { folder: openBrowserFolder(await composeHub().openKept(record)), from: placeOfBase(record) };
  }
  async function planning(): Promise<PublicationContext> {
    const { rows } = composeWallet();
    const { chain, ipfs, digester } = await composeDatanets().context();
    return {
      ...{ chain, ipfs, digester },
      async models() {
        await rows.refresh();
        return rows.tables ? publishedModels(rows.tables) : [];
      },
    };
  }
  return {
    draft: new PublishModelDraft(localStorageOrNull()),
    publishing: new PublishModelState({ openAdapter, openBase, planning, publishing: composeDatanets().context }),
    readDemo,
    takeFolder(folder) {
      const id = `folder:${folder.name}`;
      picked.set(id, folder);
      return id;
    },
    ...{ planning, openBase },
  };
}

async function keptOf(id: string): Promise<KeptModel> {
  const record = await composeHub().kept.get(id);
  if (record?.state !== 'complete') throw gone(id);
  return record;
}

/** A base at an address, or made here, has no place that others could be sent to, so its files are published too. */
function placeOfBase({ repo, commit, files }: KeptModel): PublicationInput['base']['from'] {
  if (isAddress(repo) || isMadeHere(repo)) return { files: filesOfModel(files.map(({ path }) => path)) ?? [GGUF_FILE] };
  if (isOnIpfs(repo)) return { place: repo };
  const [id, variant] = repo.split(':');
  return { place: `${id}@${commit}${variant === undefined ? '' : `:${variant}`}` };
}

/** Other tools write a manifest.json too, of another kind. */
async function trainingOf(folder: Folder, names: readonly string[], signal: AbortSignal): Promise<string | null> {
  for (const name of names) {
    const bytes = await folder.size(name);
    if (bytes > MAX_MANIFEST_BYTES) continue;
    const text = new TextDecoder().decode(await folder.read(name, 0, bytes, signal));
    if (text.includes(TRAINING_MANIFEST_KIND)) return text;
  }
  return null;
}
