// Datanets of a chain, listed and opened over the sandbox: names come from descriptions, a version is held against what was published,
// and a row is proven.

import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, expect, it } from 'vitest';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { listRows } from '#lib/chain/indexer/tables.ts';
import { toHex } from '#lib/core/bytes.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { encodeAbout } from '#lib/formats/datanet/datanet-about.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { contextOver, runToEnd, type TestContext } from '#tests/support/chain-context.ts';
import { digester, packRows, someRows, type Packed } from '#tests/support/datanets.ts';
import { createSandbox } from '#tests/support/sandbox.ts';
import { listChainDatanets, type ListedDatanet } from './list-chain-datanets.ts';
import { openChainDatanet, type OpenChainDatanetEvent } from './open-chain-datanet.ts';

const { signal } = new AbortController();
const about = encodeAbout({ name: 'Rare birds', description: 'Seen where and when.', field: 'nature' }, digester);
let chain: TestContext;
let context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>;
let packed: Packed;

beforeAll(async () => {
  const sandbox = await createSandbox();
  const account = privateKeyToAccount(`0x${'31'.repeat(32)}`);
  await sandbox.giveEther(account.address);
  chain = contextOver(sandbox.transport, account);
  packed = await packRows(someRows(300));
  const blocks = new Map([...packed.source.blocks, [about.cid.toString(), about.bytes]]);
  const ipfs = {
    async block(cid: { toString(): string }) {
      const bytes = blocks.get(cid.toString());
      if (!bytes) throw new BlockMissingError(cid.toString());
      return bytes;
    },
  } as DatanetContext['ipfs'];
  context = { chain, ipfs, digester };

  const rules = { licence: 2, curatorBps: 500, isOpen: true, minStakeOpen: 0, tags: ['birds'] };
  const unknown = `0x${'77'.repeat(32)}`;
  for (const meta of [toHex(about.cid.multihash.digest), unknown])
    await runToEnd(chain, await createDatanet(chain, { meta, ...rules }));
  await runToEnd(
    chain,
    await publishDatanet(chain, {
      ...{ datanet: 1n, manifest: toHex(packed.cid.multihash.digest), rowsRoot: packed.version.rowRoot },
      ...{ sharesRoot: sharesRoot(packed.contributors), rows: 300, parent: 0 },
    }),
  );
});

it('lists all at once by number, then by name; one whose description is missing keeps its number', async () => {
  const store = createMemoryRowStore();
  for await (const _ of syncRows(chain.read, sourcesOf(chain), store));
  const tables = {
    datanets: await listRows(store, 'datanets'),
    datanetVersions: await listRows(store, 'datanetVersions'),
    contributions: await listRows(store, 'contributions'),
    modelVersions: await listRows(store, 'modelVersions'),
    income: await listRows(store, 'income'),
  };
  const lists: (readonly ListedDatanet[])[] = [];
  for await (const list of listChainDatanets(context.ipfs, tables, { signal })) lists.push(list);
  expect(lists[0]!.map(({ name }) => name)).toEqual(['Datanet 2', 'Datanet 1']);
  const [second, first] = lists.at(-1)!;
  expect(second).toMatchObject({ id: '2', name: 'Datanet 2', versions: 0, rows: 0 });
  expect(first).toMatchObject({
    id: '1',
    name: 'Rare birds',
    field: 'nature',
    tags: ['birds'],
    versions: 1,
    rows: 300,
  });
});

const open = async (input: Parameters<typeof openChainDatanet>[1]) => {
  const events: OpenChainDatanetEvent[] = [];
  for await (const event of openChainDatanet(context, input, { signal })) events.push(event);
  return events;
};

it('opens the newest version and proves the row that was named', async () => {
  const [known, opened, proven, ...rest] = await open({ id: 1n, row: 'row-000017' });
  expect(rest).toEqual([]);
  expect(known).toMatchObject({ type: 'known', datanet: { name: 'Rare birds', facts: { versions: 1 } } });
  expect(opened).toMatchObject({ type: 'opened', published: { version: 1, rows: 300 } });
  expect(proven).toMatchObject({ type: 'proven', proof: { index: 17, root: packed.version.rowRoot } });
});

it('refuses a version that was never published and a Datanet that does not exist', async () => {
  await expect(open({ id: 1n, version: 2 })).rejects.toMatchObject({ code: 'datanets/unknown-version' });
  await expect(open({ id: 9n })).rejects.toMatchObject({ code: 'datanets/unknown' });
});

it('says what is missing where the description is on no device', async () => {
  await expect(open({ id: 2n })).rejects.toMatchObject({ code: 'ipfs/block-missing' });
});
