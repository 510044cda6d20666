// An adapter published from the command line to the sandbox and a pinner of this machine, found again from its number alone, opened, and
// paid: what each account is credited is what was simulated, to the wei.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openChain } from '#cli/chain/open-chain.ts';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { claimFlat } from '#lib/chain/actions/settlement/claim-flat.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import { spreadFlat } from '#lib/chain/actions/settlement/spread-flat.ts';
import { findBase, findFirstRelease, findReleaseOf, readRelease } from '#lib/chain/reads/read-release.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { toHex } from '#lib/core/bytes.ts';
import { hashFiles } from '#lib/core/hash.ts';
import { modelId } from '#lib/engine/model-id.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { openPublished, readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { holderClaims } from '#lib/settlement/claims.ts';
import { createNodeDigester } from '#node/digester.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import { openScratchIpfs } from '#node/scratch-ipfs.ts';
import { startPinner, type Pinner } from '../../server/pinner/start-pinner.ts';
import { runToEnd } from '../support/chain-context.ts';
import { payable } from '../support/payable-command.ts';
import { trainingManifestText } from '../support/training-manifest-text.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-publish-'));
const data = join(scratch, 'sandbox');
const keyFile = join(scratch, 'key');
/** Holds OPEN in the sandbox; its key is public. */
const maker = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const demo = (
  JSON.parse(readFileSync('static/datanets/index.json', 'utf8')) as {
    datanets: { id: string; manifest: string; rowRoot: Hex; sharesRoot: Hex; rows: number }[];
  }
).datanets.find(({ id }) => id === 'manufacturing')!;
const CURATOR_BPS = 500;
let pinner: Pinner;

const owner = (...args: string[]) => payable('model', ...args, '--data', data, '--key-file', keyFile);
const publicationCiting = (citing: string, ...more: string[]) =>
  owner(
    ...['publish', '--adapter', 'static/models/nano/adapters/manufacturing', '--base', 'nano', '--name', 'Shop floor'],
    ...['--licence', 'CC-BY-4.0', '--base-licence', 'Apache-2.0', '--citing', citing, '--price', '0.01'],
    ...['--pinner', pinner.url, ...more],
  );
const publication = (...more: string[]) => publicationCiting('1@1', ...more);
async function onChain<T>(work: (open: Awaited<ReturnType<typeof openChain>>) => Promise<T>): Promise<T> {
  const open = await openChain({ data, 'key-file': keyFile });
  try {
    return await work(open);
  } finally {
    open.close();
  }
}

beforeAll(async () => {
  vi.stubEnv('PAYABLE_MODELS', join(scratch, 'models'));
  writeFileSync(keyFile, `0x${Buffer.from(maker.getHdKey().privateKey!).toString('hex')}\n`);
  pinner = await startPinner({ folder: join(scratch, 'pinner'), port: 0, peerPort: 0, log: () => undefined });
  const { token } = pinner.tokens.issue(maker.address, Date.now());
  await createPinnerClient(pinner.url, fetch, token).upload(
    new Blob([readFileSync('static/datanets/manufacturing.car')]),
  );
  expect((await payable('chain', 'faucet', '--data', data, '--key-file', keyFile)).code).toBe(0);
  await onChain(async ({ context, host }) => {
    const rules = { licence: 2, curatorBps: CURATOR_BPS, isOpen: true, minStakeOpen: 0, tags: [] };
    const { rowRoot: rowsRoot, sharesRoot, rows, manifest } = demo;
    const version = { manifest: toHex(parseCid(manifest).multihash.digest), rowsRoot, sharesRoot, rows, parent: 0 };
    for (const plan of [
      () => createDatanet(context, { meta: demo.rowRoot, ...rules }),
      () => publishDatanet(context, { datanet: 1n, ...version }),
    ])
      for (const { state } of await runToEnd(context, await plan(), host)) expect(state.status).toBe('safe');
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await pinner.close();
  rmSync(scratch, { recursive: true });
});

it('the plan is shown before anything is signed, with what calls would pay', async () => {
  const { code, out, lines } = await publication();
  expect([code, lines]).toEqual([0, []]);
  expect(out).toContain('"Shop floor" is a LoRA of rank 12');
  expect(out).toContain('It cites Datanet 1 v1: 240 rows of 240, 10 contributors, CC-BY-4.0.');
  expect(out).toContain('You register the base first');
  expect(out).toMatch(/1,000 calls with 0 tokens would pay 10 OPEN: 0.3 OPEN to the treasury, 3.88 OPEN to 0x976E/);
  expect(out).toContain('Nothing was uploaded or signed. Add --yes to publish.');
  expect((await owner('list')).out).toBe('No model is registered on this chain.\n');
});

it('no more rows are cited than the version has, and fewer may be', async () => {
  const { code, lines } = await publicationCiting('1@1:241');
  expect([code, lines[0]]).toEqual([
    1,
    expect.stringContaining('241 rows of Datanet 1 v1 are said to be used; it has 240'),
  ]);
  expect((await publicationCiting('1@1:180')).out).toContain('180 rows of 240');
});

it('only the folder with its cards is written where that is wanted', async () => {
  const out = join(scratch, 'folder');
  const training = join(scratch, 'run.json');
  const base = await modelId(openNodeFolder('static/models/nano/base'));
  const peft = openNodeFolder('static/models/nano/adapters/manufacturing');
  const adapter = await hashFiles(peft, [ADAPTER_CONFIG, ADAPTER_WEIGHTS]);
  writeFileSync(training, trainingManifestText({ base, adapter }));
  expect((await publication('--card-only', '--out', out, '--training', training)).code).toBe(0);
  const text = (name: string) => readFileSync(join(out, name), 'utf8');
  expect(text('README.md')).toContain('| Datanet 1 (');
  expect(text('README.md')).toContain('| rate | 0.003 |');
  expect(text('README.md')).toContain('- training loss: 3 values, from 2.5 to 0.75, least 0.5');
  expect(JSON.parse(text('card.json'))).toMatchObject({
    ...{ kind: 'model/card@1', name: 'Shop floor', licence: 'CC-BY-4.0' },
    data: [{ version: 1, manifest: demo.manifest, rows: 240, rowsUsed: 240, licence: 'CC-BY-4.0', contributors: 10 }],
  });
  expect(text('training-content.md')).toContain('240 of 240 rows of 10 contributors');
  expect(text('training-content.md')).toContain('less than 1 billion tokens');
  expect(JSON.parse(text('croissant/datanet-1-v1.json'))).toMatchObject({ '@type': 'sc:Dataset' });
  expect(text('training.json')).toBe(readFileSync(training, 'utf8'));
});

it('is published, listed, found from its number alone, and generates; a repetition uploads and signs nothing', async () => {
  const first = await publication('--yes');
  expect(first.lines).toEqual([]);
  expect(first.out).toContain('Published as model:1@1: files ipfs:bafy');
  expect(first.out).toContain('kept by 1 of 1 pinners, 1 new');
  expect((await owner('list')).out).toMatch(/^1 on llama, 1 version, CC-BY-4.0, owned by 0x976E/);
  const again = await publication('--yes');
  expect(again.out).toContain('It was published before, as model 1 v1; nothing is signed.');
  expect(again.out).not.toContain(' bytes to ');
  expect(again.out).toContain('kept by 1 of 1 pinners, 0 new');
  expect(again.out).toContain('Published as model:1@1');

  const pulled = await payable('pull', 'model:1', '--data', data, '--gateway', pinner.url);
  expect([pulled.lines, pulled.code]).toEqual([[], 0]);
  expect(pulled.out).toContain('Both have the hashes that the chain names.');
  const question = ['--max-tokens', '2', '--device', 'reference', '--chat', join(scratch, 'chat.json')];
  const content = 'What must happen before line Flodrem makes good parts?';
  writeFileSync(join(scratch, 'chat.json'), JSON.stringify([{ role: 'user', content }]));
  const said = await payable('generate', '--model', 'model:1@1', ...question);
  expect([said.lines, said.out]).toEqual([[], 'First clear\n']);
});

it('the registry knows base, first release and newest release', async () => {
  await onChain(async ({ context }) => {
    const release = (await readRelease(context, 1n, null))!;
    expect(release).toMatchObject({ model: 1n, version: 1, owner: maker.address, isDeprecated: false, licence: 2 });
    expect(await readRelease(context, 1n, 2)).toBeNull();
    expect(await readRelease(context, 9n, null)).toBeNull();
    expect(await findBase(context, release.base.architecture)).toMatchObject({ id: 1, licence: 11 });
    expect(await findBase(context, release.manifest)).toBeNull();
    expect(await findFirstRelease(context, release.adapter)).toEqual(release);
    expect(await findFirstRelease(context, release.manifest)).toBeNull();
    const named = { owner: maker.address, manifest: release.manifest };
    expect(await findReleaseOf(context, { ...named, model: null })).toEqual(release);
    expect(await findReleaseOf(context, { ...named, model: 1n })).toEqual(release);
    expect(await findReleaseOf(context, { ...named, owner: context.addresses.Settlement, model: 1n })).toBeNull();
  });
});

it('calls pay each account what was simulated, to the wei', async () => {
  const { out } = await publication('--calls', '733', '--json');
  const { earnings } = JSON.parse(out) as {
    earnings: Record<'grossWei' | 'feeWei' | 'devWei' | 'dataWei' | 'nodeWei' | 'leftWei', string> & {
      datanets: { curatorsWei: string; holdersWei: string; holders: { account: Hex; rows: number; wei: string }[] }[];
    };
  };
  const [datanet] = earnings.datanets;
  await onChain(async ({ context, host }) => {
    const done = async (plan: ActionPlan) => {
      for (const { state } of await runToEnd(context, plan, host)) expect(state.status).toBe('safe');
    };
    const { addresses: at, read } = context;
    const node = at.NodeRegistry;
    const call = { model: 1n, version: 1, node, amountWei: BigInt(earnings.grossWei), callHash: demo.rowRoot };
    const refs = [{ datanet: 1n, version: 1, weight: 240 }];
    const creditOf = (account: Hex) =>
      read.readContract({ address: at.Settlement, abi: settlementAbi, functionName: 'credit', args: [account] });
    await done(await invoke(context, call));
    expect(await creditOf(maker.address)).toBe(BigInt(earnings.devWei));
    expect(await creditOf(node)).toBe(BigInt(earnings.nodeWei));
    await done(await spreadFlat(context, { parent: null, refs }));
    const ledger = { address: at.AttributionLedger, abi: attributionLedgerAbi } as const;
    expect(await read.readContract({ ...ledger, functionName: 'income', args: [1n, 1] })).toBe(
      BigInt(datanet!.holdersWei),
    );
    expect(await read.readContract({ ...ledger, functionName: 'credit', args: [maker.address] })).toBe(
      BigInt(datanet!.curatorsWei),
    );
    const ipfs = await openScratchIpfs([createGateway(pinner.url, { fetch })]);
    const reading = { chain: context, ipfs, digester: await createNodeDigester() };
    const { version } = await openPublished(reading, await readDatanetFacts(reading, 1n), 1);
    await ipfs.dispose();
    const shares = version.contributors.map(({ address, rows, root }) => ({ account: address, rows, rowsRoot: root }));
    const { account, wei } = datanet!.holders[0]!;
    await done(await claimFlat(context, { datanet: 1n, version: 1, holder: holderClaims(shares, account)[0]! }));
    const balance = { address: at.OpenToken, abi: openTokenAbi, functionName: 'balanceOf', args: [account] } as const;
    expect(await read.readContract(balance)).toBe(BigInt(wei));
  });
});

it.each([
  [['--citing', 'x'], /--citing is "x"/],
  [['--citing', '1@1:3'], /Datanet 1 v1 is cited twice/],
  [['--licence', 'CC-BY-NC-ND-4.0', '--parent', '1'], /--parent is "1"/],
  [['--model', '1'], /--model and --price exclude each other/],
  [['--base-at', 'owner/base'], /may change/],
  [['--base-at', 'https://models.example/base'], /others would have to trust/],
  [['--base-at', 'owner/base@main'], /may change/],
  [['--card-only'], /--out is missing/],
  [['--developer', '50'], /--contributors is missing/],
])('%j is refused in one line', async (more, words) => {
  const { code, lines } = await publication(...more);
  expect([code, lines.length]).toEqual([1, 1]);
  expect(lines[0]).toMatch(words);
});

it.each([
  [['pull', 'model:x'], /names no registered model/],
  [['pull', 'model:9', '--data', data], /There is no model 9/],
  [['pull', 'model:1', '--data', data, '--to', scratch], /--to is not for registered models/],
  [['pull', 'model:5:1', '--data', data], /not 5/],
  [['pull', 'owner/name', '--data', data], /--data is for registered models/],
  [['generate', '--model', 'model:1@2', '--prompt', 'x'], /Fetch it first: payable pull model:1@2/],
])('%j is refused in one line', async (args, words) => {
  const { code, lines } = await payable(...args);
  expect([code, lines.length]).toEqual([1, 1]);
  expect(lines[0]).toMatch(words);
});
