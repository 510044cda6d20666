// The shares that are published with a packed version are those by which the origins of its rows are proven.

import { expect, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { InfluenceRow } from '#lib/formats/payment/influence.ts';
import { readHolderRows } from '#lib/dataset/holder-rows.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { packRows, someRows } from '#tests/support/datanets.ts';
import { createRowOrigins } from './row-origins.ts';

it('every row of a packed version with a contributor has an origin', async () => {
  const { open, version } = await packRows(someRows(90));
  const holders = await readHolderRows(open);
  const root = sharesRoot(open.contributors);
  const lineage = { parent: { model: 1n, version: 1 }, refs: [{ datanet: 4n, version: 2, weight: 1 }] };
  const origins = createRowOrigins(lineage, [{ datanet: 4n, version: 2, holders, sharesRoot: root }]);
  let counted = 0;
  for (const shard of open.shards) {
    for (const { value, leaf } of await open.rows(shard)) {
      const contributor = rowContributor(value);
      if (contributor === null) continue;
      const row: InfluenceRow = {
        ...{ rowLeaf: toHex(leaf), cluster: 0, contributor, datanet: 4n, version: 2, scale: 1 },
        vector: new Int8Array(256),
      };
      expect(origins.has(row)).toBe(true);
      const { place, rows, rowsRoot } = origins.of(row);
      expect(open.contributors[Number(place)]).toMatchObject({ address: contributor, rows, root: rowsRoot });
      expect(origins.has({ ...row, version: 1 })).toBe(false);
      counted++;
    }
  }
  expect(counted).toBe(version.stats.rows);
});
