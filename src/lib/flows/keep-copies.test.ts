// Keeping copies: all blocks come here first, with figures; then they are pinned here or sent to every pinner that lacks them.

import { expect, it } from 'vitest';
import { readCar } from '#lib/formats/block/car.ts';
import { PinnerRefusedError, type Pinned, type PinnerClient } from '#lib/ipfs/pinner-client.ts';
import { isPinRoot } from '#lib/ipfs/pins.ts';
import { someRows } from '#tests/support/datanets.ts';
import { memoryDatanet } from '#tests/support/memory-datanet.ts';
import { keepCopies, type KeepEvent, type KeepInput } from './keep-copies.ts';

/** A pinner that keeps `cids`, notes what is uploaded, or refuses it. */
function pinner(address: string, { keeps = [] as string[], refuses = false } = {}) {
  const uploads: Blob[] = [];
  const client: Pick<PinnerClient, 'list' | 'upload'> = {
    list: async () => keeps.map((cid) => ({ cid, status: 'pinned' }) as Pinned),
    async upload(car) {
      if (refuses) throw new PinnerRefusedError(address, 507, 'there is no room.');
      uploads.push(car);
      return {} as Pinned;
    },
  };
  return { address, uploads, anonymous: () => client as PinnerClient, signIn: async () => client as PinnerClient };
}

async function stage(pinners: ReturnType<typeof pinner>[] = []) {
  const datanet = await memoryDatanet();
  const root = await datanet.publish(someRows(2000));
  const keep = async (at: KeepInput['at'], signal = new AbortController().signal) => {
    const events: KeepEvent[] = [];
    const context = { ...datanet.context, pinners };
    for await (const event of keepCopies(context, { root, name: 'birds', at }, { signal })) events.push(event);
    return events;
  };
  return { ...datanet, root, keep };
}
const total = (blocks: ReadonlyMap<string, Uint8Array>) =>
  [...blocks.values()].reduce((sum, { length }) => sum + length, 0);

it('fetches every block, then pins them on this device', async () => {
  const { keep, blocks, node, root } = await stage();
  const events = await keep('device');
  const figures = { blocks: blocks.size, bytes: total(blocks) };
  expect(events.findLast(({ type }) => type === 'fetching')).toEqual({ type: 'fetching', ...figures });
  expect(events.at(-1)).toEqual({ type: 'kept', pinners: [] });
  expect(await isPinRoot(node, root)).toBe(true);
});

it('uploads a CAR of all blocks to each pinner that lacks them, and says how large it is', async () => {
  const [near, full, far] = [
    pinner('https://near/'),
    pinner('https://full/', { refuses: true }),
    pinner('https://far/'),
  ];
  const { keep, blocks, node, root } = await stage([near, full, far]);
  const events = await keep('pinners');
  const bytes = near.uploads[0]!.size;
  expect(events.filter(({ type }) => type === 'uploading')).toEqual(
    [near, full, far].map(({ address }) => ({ type: 'uploading', pinner: address, bytes })),
  );
  expect(events.at(-1)).toEqual({ type: 'kept', pinners: [near.address, far.address] });
  const car = await readCar([new Uint8Array(await far.uploads[0]!.arrayBuffer())]);
  expect((await Array.fromAsync(car.blocks)).map(({ cid }) => cid.toString()).sort()).toEqual(
    [...blocks.keys()].sort(),
  );
  expect(await isPinRoot(node, root)).toBe(false);
});

it('sends nothing to a pinner that keeps it already', async () => {
  const { root } = await stage();
  const has = pinner('https://has/', { keeps: [root.toString()] });
  const { keep } = await stage([has]);
  expect((await keep('pinners')).at(-1)).toEqual({ type: 'kept', pinners: [has.address] });
  expect(has.uploads).toEqual([]);
});

it('fails when no pinner takes it, or when blocks cannot be fetched', async () => {
  const { keep } = await stage([pinner('https://full/', { refuses: true })]);
  await expect(keep('pinners')).rejects.toThrow('there is no room');
  const { keep: keepRest, blocks, root } = await stage();
  blocks.delete([...blocks.keys()].find((cid) => cid !== root.toString())!);
  await expect(keepRest('device')).rejects.toMatchObject({ code: 'ipfs/block-missing' });
});

it('stops when it is aborted, and pins nothing', async () => {
  const { keep, node, root } = await stage();
  await expect(keep('device', AbortSignal.abort())).rejects.toThrow();
  expect(await isPinRoot(node, root)).toBe(false);
});
