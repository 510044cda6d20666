// The builder in its worker, in a real browser: the same segment as without a worker, and an end that is an error.

import { expect, it } from 'vitest';
import { createDigester } from '#lib/core/digester.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { BuilderGoneError } from '../errors.ts';
import { createEvidenceBuilder, type EvidenceBuilder } from '../evidence-builder.ts';
import { startEvidenceBuilder } from './client.ts';

it('gives the same segment as without a worker, and refuses calls after it was closed', async () => {
  const { open } = await packRows(someRows(100));
  const build = async (builder: EvidenceBuilder) => {
    await builder.begin();
    for (const { cid, ...entry } of open.shards) await builder.add(await open.block(cid), entry, 'shard');
    return builder.finish();
  };
  const { builder, close } = startEvidenceBuilder();
  const [here, there] = [await build(createEvidenceBuilder(createDigester)), await build(builder)];
  expect(there).toEqual(here);
  expect(digester.sha256(there!.at(-1)!.bytes)).toEqual(there!.at(-1)!.digest);
  close();
  await expect(builder.begin()).rejects.toThrow(BuilderGoneError);
});
