// Blocks of this device: none is stored under a wrong id, none remains of a failed operation, no pinned one is lost.

import * as dagCbor from '@ipld/dag-cbor';
import * as dagPb from '@ipld/dag-pb';
import { MemoryBlockstore } from 'blockstore-core';
import { MemoryDatastore } from 'datastore-core';
import fc from 'fast-check';
import { Key } from 'interface-datastore';
import { CID } from 'multiformats/cid';
import { describe, expect, it } from 'vitest';
import { DAG_CBOR, DAG_PB, makeBlock, RAW, type Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { bytesOf, idsIn, memoryNode, seededBytes, text } from '#tests/support/ipfs-node.ts';
import { addFile, addFolder } from './add-files.ts';
import { exportCar } from './export-car.ts';
import { importCar } from './import-car.ts';
import { createIpfsNode, type IpfsNode } from './node.ts';
import { cleanUp, listPins, pin, undoBrokenPins, unpin } from './pins.ts';
import { listFolder } from './read-files.ts';
import { verifyData } from './verify-data.ts';
import { walkDag } from './walk.ts';

const carOf = (roots: CID[], blocks: Block[]) => bytesOf(writeCar(roots, blocks));

/** Full after `room` blocks. */
class SmallBlockstore extends MemoryBlockstore {
  room: number;
  constructor(room: number) {
    super();
    this.room = room;
  }
  override put(...args: Parameters<MemoryBlockstore['put']>) {
    if (this.room-- <= 0) throw new Error('All 3 attempts failed: QuotaExceededError');
    return super.put(...args);
  }
}

async function tree() {
  const leaves = await Promise.all(['one', 'two', 'three'].map((words) => makeBlock(RAW, text(words))));
  const inner = await makeBlock(DAG_CBOR, dagCbor.encode({ left: leaves[0]!.cid, list: [leaves[1]!.cid] }));
  const root = await makeBlock(DAG_CBOR, dagCbor.encode({ inner: inner.cid, right: leaves[2]!.cid }));
  return { root, inner, leaves, all: [root, inner, ...leaves] };
}

it('stores no block under an id that is not its hash', async () => {
  const store = new MemoryBlockstore();
  const node = await memoryNode(store);
  const { cid } = await makeBlock(RAW, text('good'));
  // Helia's own stores accept it, and a later reader of that id gets the wrong bytes.
  expect(await new MemoryBlockstore().put(cid, text('evil'))).toBe(cid);
  await expect(node.blocks.put(cid, text('evil'))).rejects.toMatchObject({ code: 'format/hash-mismatch' });
  await expect(node.helia.blockstore.put(cid, text('evil'))).rejects.toMatchObject({ code: 'format/hash-mismatch' });
  expect(idsIn(store)).toEqual([]);
});

it('hands a store whole buffers, never views', async () => {
  const sizes: number[] = [];
  class Watching extends MemoryBlockstore {
    override put(...[cid, value, options]: Parameters<MemoryBlockstore['put']>) {
      sizes.push((value as Uint8Array).buffer.byteLength);
      return super.put(cid, value, options);
    }
  }
  await addFile(await memoryNode(new Watching()), new Uint8Array(5 << 20).fill(1));
  expect(Math.max(...sizes)).toBe(1 << 20);
});

describe('a CAR', () => {
  it('is taken in, exported and taken in by another node', async () => {
    const first = await memoryNode();
    const root = await addFolder(first, [
      { path: 'large', content: [...seededBytes(3_000_000, 'car')] },
      { path: 'small', content: text('small') },
    ]);
    const exported = await bytesOf(exportCar(first, root));
    const second = await memoryNode();
    const imported = await importCar(second, [exported], { root });
    expect(imported).toMatchObject({ blocks: 6, added: 6, bytes: expect.any(Number) });
    expect(await bytesOf(exportCar(second, root))).toEqual(exported);
    expect(await importCar(second, [exported])).toMatchObject({ blocks: 6, added: 0 });
  });

  it('may leave out what is here already, and nothing else', async () => {
    const { root, inner, leaves } = await tree();
    const store = new MemoryBlockstore();
    const node = await memoryNode(store);
    const partial = await carOf([root.cid], [root, leaves[2]!]);
    await expect(importCar(node, [partial])).rejects.toThrow('it leaves out a block');
    expect(idsIn(store)).toEqual([]);
    await importCar(node, [await carOf([inner.cid], [inner, leaves[0]!, leaves[1]!])]);
    expect(await importCar(node, [partial])).toMatchObject({ blocks: 2, added: 2 });
  });

  it('brings nothing along that its root does not name', async () => {
    const { root, all } = await tree();
    const stray = await makeBlock(RAW, text('stray'));
    const store = new MemoryBlockstore();
    const imported = await importCar(await memoryNode(store), [await carOf([root.cid], [stray, ...all])]);
    expect(imported).toMatchObject({ blocks: 6, added: 5 });
    expect(await store.has(stray.cid)).toBe(false);
  });

  it('is refused whole when one block is evil, cut off, without root or of another root', async () => {
    const { root, leaves, all } = await tree();
    const store = new MemoryBlockstore();
    const node = await memoryNode(store);
    const evil = all.map((block) => (block === leaves[1] ? { cid: block.cid, bytes: text('evil') } : block));
    await expect(importCar(node, [await carOf([root.cid], evil)])).rejects.toMatchObject({
      code: 'format/hash-mismatch',
    });
    const whole = await carOf([root.cid], all);
    await expect(importCar(node, [whole.subarray(0, -3)])).rejects.toMatchObject({ code: 'format/truncated' });
    await expect(importCar(node, [await carOf([], all)])).rejects.toThrow('names no root');
    await expect(importCar(node, [whole], { root: leaves[0]!.cid })).rejects.toThrow('it is not of');
    expect(idsIn(store)).toEqual([]);
  });

  it('leaves nothing behind when the device is full, and fits once there is room', async () => {
    const { root, inner, all } = await tree();
    const store = new SmallBlockstore(3);
    const node = await memoryNode(store);
    const whole = await carOf([root.cid], all);
    await expect(importCar(node, [whole])).rejects.toMatchObject({ code: 'ipfs/storage-full' });
    expect(idsIn(store)).toEqual([]);
    store.room = 9;
    await importCar(node, [whole]);
    expect(await store.has(inner.cid)).toBe(true);
  });

  it('undoes only what it wrote', async () => {
    const { root, leaves, all } = await tree();
    const store = new SmallBlockstore(3);
    const node = await memoryNode(store);
    await node.blocks.put(leaves[0]!.cid, leaves[0]!.bytes);
    await expect(importCar(node, [await carOf([root.cid], all)])).rejects.toMatchObject({ code: 'ipfs/storage-full' });
    expect(await store.has(leaves[0]!.cid)).toBe(true);
  });

  it.each(['parents first', 'leaves first'])(
    'without an end is refused before all of it is written, %s',
    async (order) => {
      const chain = [await makeBlock(RAW, text('end'))];
      while (chain.length < 11_000) chain.push(await makeBlock(DAG_CBOR, dagCbor.encode([chain.at(-1)!.cid])));
      const root = chain.at(-1)!.cid;
      const store = new MemoryBlockstore();
      let written = 0;
      const importing = importCar(
        await memoryNode(store),
        writeCar([root], order === 'parents first' ? chain.toReversed() : chain),
        { onProgress: ({ blocks }) => (written = blocks) },
      );
      await expect(importing).rejects.toMatchObject({ code: 'ipfs/too-large' });
      expect(written).toBeGreaterThan(9_000);
      expect(written).toBeLessThan(10_002);
      expect(idsIn(store)).toEqual([]);
    },
  );

  it('that fails removes no block that another import brings too', async () => {
    const { root, all } = await tree();
    const node = await memoryNode();
    const whole = await carOf([root.cid], all);
    const pausing = () => {
      let resume: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (resume = resolve));
      let reach: () => void = () => undefined;
      const reached = new Promise<void>((resolve) => (reach = resolve));
      return {
        reached,
        resume,
        async *bytes(end: Uint8Array) {
          yield whole.subarray(0, -3);
          reach();
          await gate;
          yield end;
        },
      };
    };
    const [broken, right] = [pausing(), pausing()];
    const first = importCar(node, broken.bytes(whole.subarray(-3, -1)));
    await broken.reached;
    const second = importCar(node, right.bytes(whole.subarray(-3)));
    await right.reached;
    broken.resume();
    await expect(first).rejects.toMatchObject({ code: 'format/truncated' });
    right.resume();
    expect(await second).toMatchObject({ blocks: all.length });
    for (const { cid } of all) expect(await node.blocks.has(cid)).toBe(true);
    expect(node.claims.size).toBe(0);
  });

  it('stops on abort and keeps nothing', async () => {
    const { root, all } = await tree();
    const store = new MemoryBlockstore();
    const stop = new AbortController();
    const importing = importCar(await memoryNode(store), [await carOf([root.cid], all)], {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(importing).rejects.toMatchObject({ code: 'core/aborted' });
    expect(idsIn(store)).toEqual([]);
  });
});

describe('walking a graph', () => {
  const walk = async (node: IpfsNode, root: CID, options = {}) => {
    const found: string[] = [];
    for await (const { cid } of walkDag((cid) => node.blocks.read(cid), [root], options)) found.push(cid.toString());
    return found;
  };

  it('has one order, however many blocks are asked for at once', async () => {
    const node = await memoryNode();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 9 }),
        fc.array(fc.nat(30), { maxLength: 30 }),
        async (concurrency, picks) => {
          const blocks = [await makeBlock(RAW, text('leaf'))];
          for (const [at, pick] of picks.entries()) {
            const links = [blocks[pick % blocks.length]!.cid, blocks[(pick * 7) % blocks.length]!.cid];
            blocks.push(await makeBlock(DAG_CBOR, dagCbor.encode({ at, links })));
          }
          for (const { cid, bytes } of blocks) await node.blocks.put(cid, bytes);
          const root = blocks.at(-1)!.cid;
          const order = await walk(node, root);
          expect(new Set(order).size).toBe(order.length);
          expect(await walk(node, root, { concurrency })).toEqual(order);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('ends at the given block', async () => {
    const node = await memoryNode();
    const { root, inner, leaves, all } = await tree();
    for (const { cid, bytes } of all) await node.blocks.put(cid, bytes);
    await expect(walk(node, root.cid, { maxBlocks: 4 })).rejects.toMatchObject({ code: 'ipfs/too-large' });
    await expect(walk(node, root.cid, { maxDepth: 1 })).rejects.toMatchObject({ code: 'ipfs/too-large' });
    await expect(walk(node, root.cid, { maxBytes: 20 })).rejects.toMatchObject({ code: 'ipfs/too-large' });
    const skip = (cid: CID) => cid.equals(inner.cid);
    expect(await walk(node, root.cid, { skip })).toEqual([root.cid.toString(), leaves[2]!.cid.toString()]);
  });

  it('refuses links to what it does not read, and bytes that are not of their codec', async () => {
    const node = await memoryNode();
    const strange = CID.createV1(0x0129, (await makeBlock(RAW, text('x'))).cid.multihash);
    const parent = await makeBlock(DAG_CBOR, dagCbor.encode([strange]));
    await node.blocks.put(parent.cid, parent.bytes);
    await expect(walk(node, parent.cid)).rejects.toMatchObject({ code: 'format/unsupported' });
    const broken = await makeBlock(DAG_PB, text('no protobuf'));
    await node.blocks.put(broken.cid, broken.bytes);
    await expect(walk(node, broken.cid)).rejects.toThrow('do not follow its codec');
  });
});

it('shows no name that reaches out of its folder', async () => {
  const node = await memoryNode();
  const leaf = await makeBlock(RAW, text('x'));
  const evil = await makeBlock(
    DAG_PB,
    dagPb.encode(
      dagPb.prepare({ Data: Uint8Array.of(8, 1), Links: [{ Name: '../../evil', Hash: leaf.cid, Tsize: 1 }] }),
    ),
  );
  for (const { cid, bytes } of [leaf, evil]) await node.blocks.put(cid, bytes);
  await expect(listFolder(node, evil.cid).next()).rejects.toMatchObject({ code: 'ipfs/bad-path' });
});

describe('verifying', () => {
  it('finds what is missing and what was changed, and can remove the latter', async () => {
    const store = new MemoryBlockstore();
    const node = await memoryNode(store);
    const { root, inner, leaves, all } = await tree();
    for (const { cid, bytes } of all) await node.blocks.put(cid, bytes);
    expect(await verifyData(node, [root.cid])).toMatchObject({ blocks: 5, missing: [], damaged: [] });
    await store.put(leaves[2]!.cid, text('bits rot'));
    await store.delete(leaves[0]!.cid);
    const found = await verifyData(node, [root.cid], { removeDamaged: true });
    expect(found.blocks).toBe(3);
    expect(found.missing.map(String)).toEqual([leaves[0]!.cid.toString()]);
    expect(found.damaged.map(String)).toEqual([leaves[2]!.cid.toString()]);
    expect(await store.has(leaves[2]!.cid)).toBe(false);
    await store.put(inner.cid, text('evil'));
    // Blocks below a changed block are not trusted.
    expect((await verifyData(node, [root.cid])).damaged.map(String)).toEqual([inner.cid.toString()]);
  });

  it('does not hand out a changed block in an export', async () => {
    const store = new MemoryBlockstore();
    const node = await memoryNode(store);
    const root = await addFile(node, text('good'));
    await store.put(root, text('evil'));
    await expect(bytesOf(exportCar(node, root))).rejects.toMatchObject({ code: 'format/hash-mismatch' });
  });
});

describe('a pin', () => {
  it('keeps a graph and its shared blocks until the last pin is removed', async () => {
    const store = new MemoryBlockstore();
    const node = await memoryNode(store);
    const { root, inner, leaves, all } = await tree();
    for (const { cid, bytes } of all) await node.blocks.put(cid, bytes);
    expect(await pin(node, root.cid, { name: 'whole' })).toMatchObject({ blocks: 5, name: 'whole' });
    await pin(node, inner.cid, { name: 'part' });
    await pin(node, inner.cid, { name: 'part again' });
    const pins = [];
    for await (const { name } of listPins(node)) pins.push(name);
    expect(pins.sort()).toEqual(['part again', 'whole']);
    expect(await cleanUp(node)).toBe(0);
    await unpin(node, root.cid);
    expect(await cleanUp(node)).toBe(2);
    expect(idsIn(store)).toHaveLength(3);
    expect(await store.has(leaves[2]!.cid)).toBe(false);
    await unpin(node, inner.cid);
    await unpin(node, inner.cid);
    expect(await cleanUp(node)).toBe(3);
  });

  it('is refused when a block is missing, and leaves no trace', async () => {
    const data = new MemoryDatastore();
    const node = await memoryNode(new MemoryBlockstore(), data);
    const { root, inner } = await tree();
    for (const { cid, bytes } of [root, inner]) await node.blocks.put(cid, bytes);
    await expect(pin(node, root.cid)).rejects.toMatchObject({ code: 'ipfs/block-missing' });
    expect(await cleanUp(node)).toBe(2);
  });

  it('that a full device interrupted is undone, now or after a crash', async () => {
    let room = Infinity;
    class SmallDatastore extends MemoryDatastore {
      override put(...args: Parameters<MemoryDatastore['put']>) {
        if (args[0].toString().startsWith('/pinned-block/') && room-- <= 0) throw new Error('QuotaExceededError');
        return super.put(...args);
      }
    }
    const data = new SmallDatastore();
    const blocks = new MemoryBlockstore();
    const node = await createIpfsNode({ blocks, data, close: async () => undefined });
    const { root, all } = await tree();
    for (const { cid, bytes } of all) await node.blocks.put(cid, bytes);
    const traces = () =>
      [...(data.query({ prefix: '/' }) as Iterable<{ key: Key }>)]
        .map(({ key }) => key.toString())
        .filter((key) => key.includes('pin'));
    room = 2;
    await expect(pin(node, root.cid)).rejects.toMatchObject({ code: 'ipfs/storage-full' });
    expect(traces()).toEqual([]);

    room = 2;
    // The process dies here, so nothing is undone.
    await data.put(new Key(`/payable/pinning/${root.cid.toString()}`), new Uint8Array(0));
    await expect(drain(node.helia.pins.add(root.cid))).rejects.toThrow();
    expect(traces()).toHaveLength(3);
    await undoBrokenPins(await createIpfsNode({ blocks, data, close: async () => undefined }));
    expect(traces()).toEqual([]);

    // It dies before the last step: the pin is complete and stays.
    room = Infinity;
    await pin(node, root.cid);
    await data.put(new Key(`/payable/pinning/${root.cid.toString()}`), new Uint8Array(0));
    await undoBrokenPins(node);
    expect(traces()).toHaveLength(6);
    expect(await cleanUp(node)).toBe(0);

    // It dies while unpinning: the next start finishes.
    await data.put(new Key(`/payable/pinning/${root.cid.toString()}`), new Uint8Array(0));
    await node.helia.pins.rm(root.cid).next();
    await undoBrokenPins(node);
    expect(traces()).toEqual([]);
    expect(await cleanUp(node)).toBe(5);
  });
});

const drain = async (steps: AsyncIterable<unknown>) => {
  for await (const _ of steps);
};
