// A transaction's life in a browser: every tab holds a lock for each record it carries, and lets go of it when it dies, so that
// no other tab takes up what is still in hand.

import type { TxHost } from '../tx/run.ts';
import type { TxStore } from '../tx/store.ts';
import { holdForLife } from './lifeline.ts';

const lockOf = (id: string): string => `payable-tx:${id}`;

export const browserTxHost = (store: TxStore): TxHost => ({
  store,
  now: () => Date.now(),
  newId() {
    const id = crypto.randomUUID();
    void holdForLife(lockOf(id));
    return id;
  },
  async isInHand(id) {
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === lockOf(id));
  },
});
