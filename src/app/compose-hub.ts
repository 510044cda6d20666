// Puts together what pages need of downloaded models: the worker that checks and downloads, the ledger of what is kept, the catalogue. Made once;
// downloads go on while the user walks between pages.

import * as configured from '$env/static/public';
import type { FolderRef } from '#lib/core/folder.ts';
import { createKeptModels, type KeptModel } from '#lib/db/kept-models.ts';
import { deleteHubPlace, openKeptHub, whenHubPlaceIsFree } from '#lib/engine/shell/hub-places.ts';
import { isOnIpfs } from '#lib/files/parse-repo.ts';
import { repoTitle, type Repo } from '#lib/files/repo.ts';
import { parseCatalogue, type Catalogue } from '#lib/registry/catalogue.ts';
import type { IpfsSettingsState } from '#lib/state/ipfs-settings.svelte.ts';
import { HubSettingsState } from '#lib/state/hub-settings.svelte.ts';
import { KeptModelsState } from '#lib/state/kept-models-state.svelte.ts';
import { ModelCheckState } from '#lib/state/model-check.svelte.ts';
import { ProposalState } from '#lib/state/proposal.svelte.ts';
import { appUrl } from './app-url.ts';
import { composeIpfs, ipfsSettings } from './compose-ipfs.ts';
import { database } from './database.ts';
import { readDeviceLimits } from './device-limits.ts';
import { createHubClient } from './hub-client.ts';
import { localStorageOrNull } from './local-storage.ts';

export interface HubApp {
  ipfs: IpfsSettingsState;
  settings: HubSettingsState;
  kept: KeptModelsState;
  check: ModelCheckState;
  proposal: ProposalState;
  /** Kept with the app for offline use. @throws FormatError */
  readCatalogue(): Promise<Catalogue>;
  /** @throws KeptGoneError */
  openKept(model: KeptModel): Promise<Extract<FolderRef, { kind: 'files' }>>;
}

/** A server that speaks the hub's HTTP, set when the app was built. */
const preset = (configured as Record<string, string | undefined>)['PUBLIC_PAYABLE_HUB'] ?? '';

let composed: HubApp | null = null;

export const composeHub = (): HubApp => (composed ??= compose());

function compose(): HubApp {
  const settings = new HubSettingsState(localStorageOrNull(), preset);
  const desk = createHubClient();
  const access = () => ({ ...settings.access, ipfs: ipfsSettings.values });
  const kept = new KeptModelsState({
    ledger: createKeptModels(database),
    pull: (repo, signal) => withPeers(repo, () => desk.pull({ repo, access: access() }, signal)),
    today: () => Date.now(),
    whenFree: whenHubPlaceIsFree,
    deletePlace: deleteHubPlace,
    persist: () => navigator.storage.persist().catch(() => false),
  });
  const check = new ModelCheckState({
    check: (input, signal) => withPeers(input.repo, () => desk.check({ ...input, access: access() }, signal)),
    limits: readDeviceLimits,
    freeBytes,
  });
  kept.start();
  let reading: Promise<Catalogue> | null = null;
  const catalogue = () =>
    (reading ??= readCatalogue().catch((error: unknown) => {
      reading = null;
      throw error;
    }));
  const storage = localStorageOrNull();
  const needs = { readCatalogue: catalogue, limits: readDeviceLimits, freeBytes, storage };
  return {
    ipfs: ipfsSettings,
    settings,
    kept,
    check,
    proposal: new ProposalState({ ...needs, measure: () => desk.measure() }),
    readCatalogue: catalogue,
    openKept: ({ id, repo, files }) => openKeptHub(id, repoTitle(repo), files),
  };
}

/** Peers are reached through a page, this one or another: the worker only sends requests. */
async function* withPeers<T>(repo: Repo, work: () => AsyncIterable<T>): AsyncGenerator<T, void, void> {
  if (isOnIpfs(repo.id) && ipfsSettings.values.peers.length > 0) (await composeIpfs()).goOnline();
  yield* work();
}

async function freeBytes(): Promise<number | null> {
  const { quota, usage } = await navigator.storage.estimate().catch(() => ({ quota: undefined, usage: 0 }));
  return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
}

async function readCatalogue(): Promise<Catalogue> {
  const response = await fetch(appUrl('catalogue.json'));
  return parseCatalogue(await response.text(), 'catalogue.json');
}
