// A receipt that Chromium makes is, bit for bit, the one that Node makes of the same answer, and each verifies it. Node's digests are
// pinned here and in the test for Node beside it.

import { expect, it } from 'vitest';
import { createReceipts } from '#lib/db/receipts.ts';
import { Database } from '#lib/db/database.ts';
import { makePinnedReceipt, PINNED } from '#tests/support/pinned-receipt.ts';

it('a receipt made in Chromium is the one made in Node, is true, and is kept', async () => {
  const { bytes, cid, id, artefact, verdict } = await makePinnedReceipt();
  expect({ cid, id, artefact, verdict }).toEqual(PINNED);
  const database = new Database('receipts of a test');
  const receipts = createReceipts(database);
  await receipts.put({ id, cid, bytes, revealed: null, message: null, time: 5 });
  expect((await receipts.get(id))?.bytes).toEqual(bytes);
  const seen = new Promise((resolve, reject) => {
    const stop = receipts.watch((all) => {
      if (all.length > 0) resolve(all.map((one) => one.cid));
      stop();
    }, reject);
  });
  expect(await seen).toEqual([cid]);
  await receipts.remove(id);
  expect(await receipts.get(id)).toBeUndefined();
  database.close();
});
