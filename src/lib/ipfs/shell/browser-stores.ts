// Blocks and pins in IndexedDB of this origin: several tabs may have them open at once.

import { IDBBlockstore } from 'blockstore-idb';
import { IDBDatastore } from 'datastore-idb';
import { StoreFailedError } from '../errors.ts';
import type { Stores } from '../node.ts';

/** What the stores of the app are called. */
export const STORES = 'payable-ipfs';

/** Opens, or makes, the stores called `name`. @throws StoreFailedError when the browser gives no IndexedDB */
export async function openBrowserStores(name = STORES): Promise<Stores> {
  const blocks = new IDBBlockstore(`${name}/blocks`);
  const data = new IDBDatastore(`${name}/data`);
  try {
    await blocks.open();
    await data.open();
  } catch (cause) {
    await blocks.close();
    throw new StoreFailedError('opened', cause);
  }
  return {
    blocks,
    data,
    async close() {
      await blocks.close();
      await data.close();
    },
  };
}
