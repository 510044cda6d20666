// Requests that are made again, at once and later.

import { expect, it } from 'vitest';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { createRecentBlocks } from './recent-blocks.ts';

const cidOf = (number: number) => rawCidOf(new Uint8Array(32).fill(number));

it('asks once for a block that is on its way or was just here, and again after it failed or after many others', async () => {
  const asked: string[] = [];
  let fails = true;
  const block = createRecentBlocks(async (cid) => {
    asked.push(cid.toString());
    if (cid.equals(cidOf(99)) && fails) throw new Error('no peer has it');
    return cid.multihash.digest;
  });
  await Promise.all([block(cidOf(1)), block(cidOf(1))]);
  await block(cidOf(1));
  expect(asked).toEqual([cidOf(1).toString()]);

  await expect(block(cidOf(99))).rejects.toThrow('no peer has it');
  fails = false;
  expect(await block(cidOf(99))).toEqual(new Uint8Array(32).fill(99));

  for (let number = 2; number < 40; number++) await block(cidOf(number));
  asked.length = 0;
  await block(cidOf(1));
  expect(asked).toEqual([cidOf(1).toString()]);
});
