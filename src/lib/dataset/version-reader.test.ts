// A shard is read for what its version says of it: the rows it has, or a refusal that names the shard.

import { expect, it } from 'vitest';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { parseShard, shardFile } from './version-reader.ts';

const packed = await packRows(someRows(1000));

it('a shard with another row than the version says is refused by the name of the shard', async () => {
  const { open } = packed;
  const [shard, next] = open.shards as [Shard, Shard];
  const bytes = await open.block(next.cid);
  const name = shardFile(open.name, shard);
  expect(name).toContain(shard.cid.toString());
  expect(() => parseShard(bytes, { ...shard, bytes: bytes.length }, name, digester)).toThrow(`${name}: `);
  expect(parseShard(await open.block(shard.cid), shard, name, digester)).toEqual(await open.rows(shard));
});
