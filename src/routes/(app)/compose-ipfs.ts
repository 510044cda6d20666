// IPFS of this browser as all pages share it: opened when it is first wanted, with the pinners and peers the reader named.

import * as configured from '$env/static/public';
import type { BrowserIpfs } from '#lib/ipfs/shell/browser-ipfs.ts';
import { IpfsSettingsState } from '#lib/state/ipfs-settings.svelte.ts';
import { localStorageOrNull } from '../local-storage.ts';

/** Addresses with blanks between them, from who built the app. */
const named = (configured as Record<string, string | undefined>)['PUBLIC_PAYABLE_PINNERS'] ?? '';

export const ipfsSettings = new IpfsSettingsState(localStorageOrNull(), named.split(/\s+/));

let opening: Promise<BrowserIpfs> | null = null;

/** Helia comes only now. @throws StoreFailedError when the browser gives no IndexedDB; the next call tries again */
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
