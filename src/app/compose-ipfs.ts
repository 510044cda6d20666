// This browser's IPFS node, shared by all pages and opened on first use, with the pinners and peers from the settings.

import * as configured from '$env/static/public';
import { withoutCache } from '#lib/ipfs/without-cache.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import type { BrowserIpfs } from '#lib/ipfs/shell/browser-ipfs.ts';
import { IpfsSettingsState } from '#lib/state/ipfs-settings.svelte.ts';
import { localStorageOrNull } from './local-storage.ts';

/** Addresses separated by spaces, set when the app was built. */
const preset = (configured as Record<string, string | undefined>)['PUBLIC_PAYABLE_PINNERS'] ?? '';

export const ipfsSettings = new IpfsSettingsState(localStorageOrNull(), preset.split(/\s+/));

let opening: Promise<BrowserIpfs> | null = null;

/** Loads Helia on the first call. @throws StoreFailedError when the browser gives no IndexedDB; the next call tries again */
export function composeIpfs(): Promise<BrowserIpfs> {
  return (opening ??= open().catch((error: unknown) => {
    opening = null;
    throw error;
  }));
}

async function open(): Promise<BrowserIpfs> {
  const { openBrowserIpfs } = await import('#lib/ipfs/shell/browser-ipfs.ts');
  return openBrowserIpfs(() => ipfsSettings.values);
}

/** Adds a pinner to the settings once it has answered. Returns its address as the settings have it. @throws when it does not answer */
export async function addPinner(address: string): Promise<string> {
  await createPinnerClient(address.trim(), withoutCache(globalThis.fetch.bind(globalThis))).info();
  return ipfsSettings.addPinner(address);
}
