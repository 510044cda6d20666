// Transaction handling in a browser: a tab holds a lock for each record that it follows, which the browser releases when the tab
// dies, so that no other tab resumes a record that is still followed.

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
