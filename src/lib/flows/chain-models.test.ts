// Models of a chain, listed and traced over the sandbox: names come from manifests, prices and terms from the contract, income from the
// Settlement's logs, contributors from the cited Datanet versions; what is missing or hostile is said.

import { parseEther, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { announceTerms } from '#lib/chain/actions/models/announce-terms.ts';
import { deprecateVersion } from '#lib/chain/actions/models/deprecate-version.ts';
import { publishModel } from '#lib/chain/actions/models/publish-model.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { setPrice } from '#lib/chain/actions/models/set-price.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { listTables } from '#lib/chain/indexer/tables.ts';
import { readModel, readReleases } from '#lib/chain/reads/read-model.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { toHex } from '#lib/core/bytes.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { encodeAbout } from '#lib/formats/datanet/datanet-about.ts';
import { encodeModelManifest } from '#lib/formats/model/model-manifest.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { ancestorsOf, publishedModels, type ModelRows } from '#lib/registry/published/published-models.ts';
import { ModelListState } from '#lib/state/model-list.svelte.ts';
import { citedId, ModelTraceState } from '#lib/state/model-trace.svelte.ts';
import { contextOver, runToEnd, type TestContext } from '#tests/support/chain-context.ts';
import { digester, packRows, someRows, type Packed } from '#tests/support/datanets.ts';
import { createSandbox } from '#tests/support/sandbox.ts';
import { listChainModels, type KnownManifests, type ListedModel } from './list-chain-models.ts';
import { traceModel, type TraceModelEvent } from './trace-model.ts';

const { signal } = new AbortController();
const word = (pair: string): Hex => `0x${pair.repeat(32)}`;
const account = privateKeyToAccount(word('31'));
const about = encodeAbout({ name: 'Rare birds', description: 'Seen where and when.', field: 'nature' }, digester);
let chain: TestContext;
let context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>;
let packed: Packed;
let rows: ModelRows;
let files: Packed['cid'];

const done = async (plan: Promise<ActionPlan>) => {
  for (const { state } of await runToEnd(chain, await plan)) expect(state).toMatchObject({ status: 'safe' });
};
const digestOf = ({ cid }: { cid: Packed['cid'] }): Hex => toHex(cid.multihash.digest);

beforeAll(async () => {
  const sandbox = await createSandbox();
  await sandbox.giveEther(account.address);
  await sandbox.giveOpen(account.address, parseEther('100'));
  chain = contextOver(sandbox.transport, account);
  packed = await packRows(someRows(300));
  files = packed.shards[0]!.cid;
  const manifest = encodeModelManifest({ name: 'Bird namer', description: 'Names birds.', files }, digester);
  const blocks = new Map([
    ...packed.source.blocks,
    ...[about, manifest].map((b) => [b.cid.toString(), b.bytes] as const),
  ]);
  const ipfs = {
    async block(cid: { toString(): string }) {
      const bytes = blocks.get(cid.toString());
      if (!bytes) throw new BlockMissingError(cid.toString());
      return bytes;
    },
  } as DatanetContext['ipfs'];
  context = { chain, ipfs, digester };

  const rules = { licence: 2, curatorBps: 500, isOpen: true, minStakeOpen: 0, tags: [] };
  await done(createDatanet(chain, { meta: digestOf(about), ...rules }));
  const version = { rowsRoot: packed.version.rowRoot, sharesRoot: sharesRoot(packed.contributors), rows: 300 };
  await done(publishDatanet(chain, { datanet: 1n, manifest: digestOf(packed), ...version, parent: 0 }));
  await done(addBase(chain, { family: 'llama', architecture: word('04'), licence: 2 }));
  // A family that is no text.
  const hostile = await addBase(chain, { family: '\u202Eevil', architecture: word('05'), licence: 2 });
  await done(Promise.resolve(hostile));
  const terms = { payout: account.address, devBps: 5000, dataBps: 4000, nodeBps: 1000 };
  const refs = [{ datanet: 1n, version: 1, weight: 3 }];
  const first = { adapter: word('06'), manifest: word('07'), rank: 8, sizeKiB: 900, quant: 0, parent: null, refs };
  const prices = { perCallWei: parseEther('0.5'), per1kTokensWei: 0n };
  await done(registerModel(chain, { base: 1, licence: 2, terms, first, ...prices }));
  const parent = { model: 1n, version: 1 };
  const next = { ...first, adapter: word('08'), manifest: digestOf(manifest), rank: 16, parent, refs: [] };
  await done(publishModel(chain, { model: 1n, release: next }));
  await done(
    registerModel(chain, { base: 2, licence: 2, terms, first: { ...first, adapter: word('09'), refs: [] }, ...prices }),
  );
  await done(setPrice(chain, { model: 1n, perCallWei: parseEther('0.25'), per1kTokensWei: 7n }));
  await done(announceTerms(chain, { model: 1n, terms: { ...terms, devBps: 4000, dataBps: 5000 } }));
  await done(deprecateVersion(chain, { model: 1n, version: 1 }));
  const call = { model: 1n, version: 2, node: account.address, amountWei: parseEther('10'), callHash: word('0a') };
  await done(invoke(chain, call));

  const store = createMemoryRowStore();
  for await (const _ of syncRows(chain.read, sourcesOf(chain), store));
  rows = await listTables(store, ['models', 'bases', 'modelVersions', 'income']);
});

it('lists models with base, prices, versions and what they were paid', () => {
  const [second, first] = publishedModels(rows);
  expect(second).toMatchObject({ id: '2', owner: account.address, licence: 'CC-BY-4.0', income: { grossWei: 0n } });
  expect(first).toMatchObject({
    ...{ id: '1', base: { id: 1, family: 'llama', architecture: word('04') } },
    ...{ perCallWei: parseEther('0.25'), per1kTokensWei: 7n },
    versions: [
      { version: 2, parent: { model: 1n, version: 1 }, refs: [], isDeprecated: false },
      { version: 1, parent: null, refs: [{ datanet: 1n, version: 1, weight: 3 }], isDeprecated: true },
    ],
  });
  const { grossWei, feeWei, devWei, dataWei, nodeWei, calls } = first!.income;
  expect([grossWei, calls]).toEqual([parseEther('10'), 1n]);
  expect(feeWei + devWei + dataWei + nodeWei).toBe(grossWei);
  expect(first!.versions[1]!.income.grossWei).toBe(0n);
});

it('shows a family that is no plain text as its hexadecimal form', () => {
  expect(publishedModels(rows)[0]!.base.family).toMatch(/^0x[0-9a-f]{64}$/);
});

it('a model whose base and versions are not in the rows is listed without them', () => {
  const bare = { id: '9', owner: account.address, base: 7, licence: 99 };
  expect(publishedModels({ models: [bare], bases: [], modelVersions: [], income: [] })).toMatchObject([
    { id: '9', base: { family: 'base 7', architecture: null }, licence: 'licence 99 of the registry', versions: [] },
  ]);
});

describe('ancestors', () => {
  it('are the versions that a version continues', () => {
    const models = publishedModels(rows);
    const { ancestors, hasMore } = ancestorsOf(models, models[1]!.versions[0]!);
    expect([ancestors.map(({ model, version }) => [model, version]), hasMore]).toEqual([[[1n, 1]], false]);
    expect(ancestors[0]!.release!.refs).toHaveLength(1);
  });
  it('end where rows name each other in a circle or an unknown version', () => {
    const version = (n: number, parent: bigint) => ({ ...rows.modelVersions[0]!, version: n, parent: String(parent) });
    const around = [version(1, (1n << 32n) | 2n), version(2, (1n << 32n) | 1n)];
    const [, circle] = publishedModels({ ...rows, modelVersions: around });
    const found = ancestorsOf([circle!], circle!.versions[0]!);
    expect([found.ancestors.length, found.hasMore]).toEqual([2, true]);
    const unknown = ancestorsOf([], { ...circle!.versions[0]!, parent: { model: 5n, version: 1 } });
    expect(unknown).toEqual({ ancestors: [{ model: 5n, version: 1, release: null }], hasMore: false });
  });
});

it('names models by the manifest of their newest version, and by number without one', async () => {
  const lists: (readonly ListedModel[])[] = [];
  let fetched = 0;
  const block: typeof context.ipfs.block = (cid, stop) => {
    fetched++;
    return context.ipfs.block(cid, stop);
  };
  const known: KnownManifests = new Map();
  for await (const list of listChainModels({ block, known }, rows, { signal })) lists.push(list);
  expect(lists[0]!.map(({ name }) => name)).toEqual(['Model 2', 'Model 1']);
  expect(lists.at(-1)!.map(({ name }) => name)).toEqual(['Model 2', 'Bird namer']);
  // A second listing, with newer rows, fetches nothing again.
  for await (const list of listChainModels({ block, known }, rows, { signal })) lists.push(list);
  expect([lists.at(-1)!.map(({ name }) => name), fetched]).toEqual([['Model 2', 'Bird namer'], 2]);
});

it('the list finds models by every word, and sorts them', async () => {
  const list = new ModelListState();
  expect(list.all).toBe(null);
  await list.load(() => Promise.resolve(context.ipfs), rows);
  const found = () => list.found.map(({ id }) => id);
  expect(found()).toEqual(['2', '1']);
  list.order = 'paid';
  expect(found()).toEqual(['1', '2']);
  list.search = ' BIRD  llama ';
  expect(found()).toEqual(['1']);
  list.search = 'whale';
  expect(found()).toEqual([]);
  await list.load(() => Promise.reject(new BlockMissingError('bafy')), rows);
  expect(list.problem?.message).toBe(new BlockMissingError('bafy').message);
  list.forget();
  expect(list.all).toBe(null);
});

it('traces manifests and contributors, and says what cannot be read', async () => {
  const [, model] = publishedModels(rows);
  const { id, versions } = model!;
  const cited = [...versions.flatMap(({ refs }) => refs), { datanet: 1n, version: 1 }, { datanet: 7n, version: 1 }];
  const events: TraceModelEvent[] = [];
  for await (const event of traceModel(context, { id, versions, cited }, { signal })) events.push(event);
  expect(events).toMatchObject([
    { type: 'described', version: 2, manifest: { name: 'Bird namer' } },
    { type: 'undescribed', version: 1, error: { code: 'ipfs/block-missing' } },
    { type: 'cited', cited: { datanet: 1n, version: 1 }, name: 'Rare birds', rows: 300 },
    { type: 'unread', cited: { datanet: 7n, version: 1 }, error: { code: 'datanets/unknown' } },
  ]);
  const trace = new ModelTraceState();
  await trace.trace(() => Promise.resolve(context), { id, versions, cited });
  expect(trace.manifests.get(2)).toMatchObject({ is: 'read', value: { name: 'Bird namer' } });
  expect(trace.manifests.get(1)).toMatchObject({ is: 'missing' });
  const read = trace.cited.get(citedId({ datanet: 1n, version: 1 }));
  expect(read?.is === 'read' && read.value.contributors).toEqual(packed.contributors);
  expect(trace.cited.get('7:1')).toMatchObject({ is: 'missing', problem: { hint: expect.any(String) as string } });
  trace.forget();
  expect([trace.manifests.size, trace.cited.size]).toEqual([0, 0]);
});

it('reads terms in force, announced terms, prices and releases from the contract', async () => {
  const model = await readModel(chain, 1n);
  expect(model).toMatchObject({
    ...{ owner: account.address, base: 1, licence: 2, versions: 2, cites: true, per1kTokensWei: 7n },
    terms: { payout: account.address, devBps: 5000, dataBps: 4000, nodeBps: 1000 },
    announced: { devBps: 4000, dataBps: 5000 },
  });
  const { announced, nowSeconds } = model!;
  expect(BigInt(announced!.effectiveAt) - nowSeconds).toBeGreaterThan(2n * 86_400n);
  expect(await readModel(chain, 2n)).toMatchObject({ announced: null, cites: false });
  expect(await readModel(chain, 3n)).toBe(null);
  expect(await readReleases(chain, 1n, [2, 1])).toMatchObject([
    { rank: 16, sizeKiB: 900, quant: 0 },
    { rank: 8, sizeKiB: 900, quant: 0 },
  ]);
});
