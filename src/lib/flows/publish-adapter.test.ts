// Publishing an adapter over the sandbox, without pinners: a declined signature leaves nothing registered and can be repeated, versions
// continue others, and what does not fit is refused before anything is signed.

import { parseEther } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { listTables } from '#lib/chain/indexer/tables.ts';
import { fetchBlock } from '#lib/ipfs/fetch-dag.ts';
import { findRegisteredModel } from '#lib/registry/published/find-registered-model.ts';
import { publishedModels } from '#lib/registry/published/published-models.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import { contextOver, createTestHost, runToEnd, type TestContext } from '#tests/support/chain-context.ts';
import { digester } from '#tests/support/datanets.ts';
import { adapterPath, modelPath } from '#tests/support/fixtures.ts';
import { memoryNode } from '#tests/support/ipfs-node.ts';
import { createSandbox } from '#tests/support/sandbox.ts';
import { planPublication, type PublicationInput, type PublicationPlan } from './plan-publication.ts';
import { publishAdapter, type PublishAdapterContext } from './publish-adapter.ts';
import { earningsWords, publicationWords } from './publishing/publication-words.ts';

const { signal } = new AbortController();
const account = privateKeyToAccount(`0x${'51'.repeat(32)}`);
const host = createTestHost();
const terms = { payout: account.address, devBps: 7000, dataBps: 1000, nodeBps: 2000 };
const prices = { perCallWei: parseEther('0.01'), per1kTokensWei: 0n };
const input: PublicationInput = {
  base: {
    folder: openNodeFolder(modelPath('llama3')),
    from: { files: ['config.json', 'model.safetensors'] },
    licence: 'MIT',
  },
  adapter: openNodeFolder(adapterPath('llama3', 'lora')),
  ...{ name: 'First', description: '', licence: 'MIT', data: [], parent: null, training: null },
  as: { terms, ...prices },
  account: account.address,
};
let chain: TestContext;
let context: PublishAdapterContext;

const publishing = () => ({
  ...{ chain, digester, ipfs: context.ipfs },
  async models() {
    const store = createMemoryRowStore();
    for await (const _ of syncRows(chain.read, sourcesOf(chain), store));
    return publishedModels(await listTables(store, ['models', 'bases', 'modelVersions', 'income']));
  },
});
async function planned(change: Partial<PublicationInput> = {}): Promise<PublicationPlan> {
  for await (const event of planPublication(publishing(), { ...input, ...change }, { signal }))
    if (event.type === 'planned') return event.plan;
  throw new Error('no plan');
}
async function published(plan: PublicationPlan, more: Partial<PublishAdapterContext> = {}) {
  const types: string[] = [];
  for await (const event of publishAdapter({ ...context, ...more }, plan, { signal })) {
    types.push(event.type === 'registering' ? event.what : event.type);
    if (event.type === 'published') return { release: event.release, types: [...new Set(types)] };
  }
  throw new Error('nothing was published');
}

beforeAll(async () => {
  const sandbox = await createSandbox();
  await sandbox.giveEther(account.address);
  chain = contextOver(sandbox.transport, account);
  const node = await memoryNode();
  context = {
    ...{ chain, pinners: [], underWay: async () => [] },
    ipfs: {
      node,
      fetch: async () => undefined,
      block: (cid, stop) => fetchBlock(node, cid, { sources: [], signal: stop }),
    },
    run: async (plan) => (await runToEnd(chain, plan, host)).every(({ state }) => state.status === 'safe'),
  };
});

it('a declined signature registers nothing; a repetition does, and a third finds it', async () => {
  const plan = await planned();
  expect(publicationWords(plan).join(' ')).toContain('You register the base first');
  await expect(published(plan, { run: async () => false })).rejects.toThrow(/not registered/);
  const under = async () => [`0x${plan.release.manifest.slice(2)}` as const];
  await expect(published(plan, { underWay: under })).rejects.toThrow(/has not ended/);
  expect(await published(plan)).toMatchObject({
    release: { model: 1n, version: 1 },
    types: expect.arrayContaining(['base', 'model']) as string[],
  });
  expect((await published(plan)).types).not.toContain('model');
  expect((await planned()).published).toMatchObject({ model: 1n, version: 1 });
});

it('the next version continues the first, and calls pay up to it', async () => {
  const next = {
    ...{ name: 'Second', as: { model: 1n }, parent: { model: 1n, version: 1 } },
    adapter: openNodeFolder(adapterPath('llama3', 'dora')),
  };
  const plan = await planned(next);
  expect(publicationWords(plan)).toContain('It continues model 1 v1.');
  // The first has no sources, so its developer has the whole part of contributors: 10 % of 0.97 OPEN.
  expect(earningsWords(plan, { calls: 100n, tokens: 0n }).at(-1)).toBe(
    `Model 1 v1 would bring 0.097 OPEN to ${account.address.toLowerCase()}.`,
  );
  expect((await published(plan)).release).toMatchObject({ model: 1n, version: 2 });
  const { base, files } = await findRegisteredModel(
    { chain, block: context.ipfs.block },
    { model: 1n, version: null },
    { signal },
  );
  expect([base?.place, files]).toEqual([plan.card.base.place, `ipfs:${plan.folder.toString()}`]);
});

it('files that changed since the plan are not published', async () => {
  const plan = await planned({ name: 'Changed' });
  const [first, ...others] = plan.files;
  const files = [
    {
      ...first!,
      async *pieces() {
        yield new Uint8Array(first!.bytes);
      },
    },
    ...others,
  ];
  await expect(published({ ...plan, files })).rejects.toThrow(/no longer those of the plan/);
});

it('a card that names an address as the place of its base is not followed', async () => {
  const place = 'https://models.example/base/config.json';
  const plan = await planned({ name: 'Elsewhere', base: { ...input.base, from: { place } } });
  const { release } = await published(plan);
  const found = findRegisteredModel({ chain, block: context.ipfs.block }, release, { signal });
  await expect(found).rejects.toThrow(/which is not requested/);
  const none = findRegisteredModel({ chain, block: context.ipfs.block }, { model: 99n, version: null }, { signal });
  await expect(none).rejects.toThrow(/There is no model 99/);
});

describe('before anything is signed, it refuses', () => {
  it.each<[string, Partial<PublicationInput>, RegExp]>([
    ['a licence that is not in the table', { licence: 'WTFPL' }, /does not know the licence/],
    ['other sources for files that are registered', { parent: { model: 1n, version: 2 } }, /with other sources/],
    ['a parent that is not there', { parent: { model: 9n, version: 1 } }, /There is no Model 9 v1/],
    ['a model that is not there', { as: { model: 9n } }, /There is no model 9/],
    ['another licence than that of its model', { as: { model: 1n }, licence: 'CC-BY-4.0' }, /another licence/],
    ['a model of another account', { as: { model: 1n }, account: `0x${'1'.repeat(40)}` }, /belongs to/],
    [
      'too small a part for contributors',
      { parent: { model: 1n, version: 1 }, as: { terms: { ...terms, devBps: 7500, dataBps: 500 }, ...prices } },
      /Contributors would have 5 %/,
    ],
    ['parts that are no whole', { as: { terms: { ...terms, devBps: 1 }, ...prices } }, /add up to/],
    ['an adapter of another base', { adapter: openNodeFolder(adapterPath('qwen2', 'lora')) }, /./],
    ['a Datanet that is not there', { data: [{ datanet: 7n, version: 1, rows: null }] }, /There is no Datanet 7/],
    [
      'a Datanet that is cited twice',
      { data: [1, 2].map(() => ({ datanet: 7n, version: 1, rows: null })) },
      /is cited twice/,
    ],
  ])('%s', async (_, change, words) => {
    await expect(planned(change)).rejects.toThrow(words);
  });
});
