// What is read of the contracts, and the actions that no larger test runs, on the sandbox as the app ships it: every figure is held
// against what was sent just before.

import {
  getAddress,
  keccak256,
  parseEther,
  stringToHex,
  zeroHash,
  type Address,
  type Hash,
  type Hex,
  type Log,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOver, runToEnd, type TestContext } from '#tests/support/chain-context.ts';
import { createSandbox } from '#tests/support/sandbox.ts';
import { addBase } from '../actions/datanets/add-base.ts';
import { bringingStep } from '../actions/datanets/bring-contributions.ts';
import { createDatanet } from '../actions/datanets/create-datanet.ts';
import { publishDatanet } from '../actions/datanets/publish-datanet.ts';
import { isContributionUsed, signContribution } from '../actions/datanets/sign-contribution.ts';
import { proposalIdOf } from '../actions/governance/proposal.ts';
import { registerModel } from '../actions/models/register-model.ts';
import { sandboxOpen } from '../actions/sandbox/sandbox-open.ts';
import { cancelClose } from '../actions/settlement/cancel-close.ts';
import { invoke } from '../actions/settlement/invoke.ts';
import { openChannel } from '../actions/settlement/open-channel.ts';
import { redeem } from '../actions/settlement/redeem.ts';
import { requestClose } from '../actions/settlement/request-close.ts';
import { quoteSplit } from '../actions/settlement/split-words.ts';
import { modelRegistryAbi } from '../abi/model-registry.ts';
import { openTokenAbi } from '../abi/open-token.ts';
import type { ProposalRow } from '../indexer/tables.ts';
import type { ActionPlan } from '../tx/plan.ts';
import { linesOf } from '../vouchers/receipts-text.ts';
import { compactSignature, voucherTypedData } from '../vouchers/voucher.ts';
import { readCreatedDatanet } from './read-created-datanet.ts';
import { readChannels } from './read-channels.ts';
import { readIsCurator } from './read-is-curator.ts';
import { readPayments } from './read-payments.ts';
import { proposalOfRow } from './read-proposals.ts';
import { findPublishedVersion, readPublishedVersion } from './read-published-version.ts';

const digest = (text: string): Hex => keccak256(stringToHex(text));
const friend = getAddress('0x00000000000000000000000000000000000000c3');
const datanet = 1n;

let owner: TestContext;
let guest: TestContext;
let me: Address;

const done = async (context: TestContext, plan: ActionPlan): Promise<void> => {
  for (const { state, explanation } of await runToEnd(context, plan)) {
    expect(state, `${explanation}: ${JSON.stringify(state)}`).toMatchObject({ status: 'safe' });
  }
};

beforeAll(async () => {
  const sandbox = await createSandbox();
  [owner, guest] = await Promise.all(
    ([21, 22] as const).map(async (seed) => {
      const account = privateKeyToAccount(`0x${seed.toString(16).padStart(64, '0')}`);
      await sandbox.giveEther(account.address);
      return contextOver(sandbox.transport, account);
    }) as [Promise<TestContext>, Promise<TestContext>],
  );
  me = (await owner.signer()).account.address;
  const rules = { licence: 2, curatorBps: 500, isOpen: true, minStakeOpen: 0, tags: [] };
  await done(owner, await createDatanet(owner, { meta: digest('about'), ...rules }));
});

describe('a Datanet', () => {
  it('is found by the transaction that created it, also when a block has two creations', async () => {
    const rules = { licence: 2, curatorBps: 500, isOpen: true, minStakeOpen: 0, tags: [] };
    const raw = await Promise.all(
      [owner, guest].map(async (context, at) => {
        const wallet = await context.signer();
        const { steps } = await createDatanet(context, { meta: digest(`about ${at}`), ...rules });
        const request = await wallet.prepareTransactionRequest({ to: steps[0].to, data: steps[0].data });
        return wallet.signTransaction(request);
      }),
    );
    type SendAll = { Method: 'payable_sendRawTransactions'; Parameters: [Hex[]]; ReturnType: Hash[] };
    const hashes = await owner.read.request<SendAll>({ method: 'payable_sendRawTransactions', params: [raw] });
    const receipts = await Promise.all(hashes.map((hash) => owner.read.getTransactionReceipt({ hash })));
    expect(new Set(receipts.map(({ blockNumber }) => blockNumber)).size).toBe(1);
    const other = (await guest.signer()).account.address;
    expect(await readCreatedDatanet(owner, hashes[0]!, me)).toBe(datanet + 1n);
    expect(await readCreatedDatanet(owner, hashes[1]!, other)).toBe(datanet + 2n);
    expect(await readCreatedDatanet(owner, hashes[1]!, me)).toBeNull();
  });

  it('is curated by its owner and by no other account', async () => {
    expect(await readIsCurator(owner, datanet, me)).toBe(true);
    expect(await readIsCurator(owner, datanet, friend)).toBe(false);
  });

  it('has the versions that were published, found by number and by manifest', async () => {
    const said = { manifest: digest('manifest'), rowsRoot: digest('rows'), sharesRoot: digest('shares'), rows: 82 };
    expect(await readPublishedVersion(owner, datanet, 1)).toBeNull();
    await done(owner, await publishDatanet(owner, { datanet, ...said, parent: 0 }));
    const published = await readPublishedVersion(owner, datanet, 1);
    expect(published).toMatchObject({ datanet, version: 1, ...said, publisher: me });
    expect(await readPublishedVersion(owner, datanet, 2)).toBeNull();
    expect(await findPublishedVersion(owner, said.manifest, 0n)).toEqual(published);
    expect(await findPublishedVersion(owner, digest('other'), 0n)).toBeNull();
  });

  it('takes a signed contribution once, in a step that any account may send', async () => {
    const rows = { datanet, content: digest('rows of the guest'), rows: 5, rowsRoot: digest('their root') };
    const signed = await signContribution(guest, { ...rows, licence: 2, deadline: 4_000_000_000n });
    expect(await isContributionUsed(owner, signed.terms)).toBe(false);
    const step = bringingStep(owner, signed);
    await done(owner, { verb: step.verb, from: me, steps: [step] });
    expect(await isContributionUsed(owner, signed.terms)).toBe(true);
    const [again] = await runToEnd(owner, { verb: step.verb, from: me, steps: [step] });
    expect(again!.state.status).toBe('simulation-failed');
  });
});

describe('OPEN', () => {
  const held = (account: Address) => {
    const token = { address: owner.addresses.OpenToken, abi: openTokenAbi } as const;
    return owner.read.readContract({ ...token, functionName: 'balanceOf', args: [account] });
  };

  it('comes free in the sandbox, and on no other chain', async () => {
    const before = await held(me);
    const hash = await sandboxOpen(owner, me, parseEther('50'));
    expect((await owner.read.getTransactionReceipt({ hash })).status).toBe('success');
    expect((await held(me)) - before).toBe(parseEther('50'));
    await expect(sandboxOpen({ ...owner, mode: 'l2' }, me)).rejects.toThrow('is part of the sandbox only');
  });

  it('in a channel is read with the state of the channel', async () => {
    const ends = { node: friend, signer: me };
    const stateOf = async () => (await readChannels(owner, me, [ends])).channels[0]!;
    expect(await stateOf()).toMatchObject({ state: 'missing', depositWei: 0n, closeAt: 0n });
    await done(owner, await openChannel(owner, { ...ends, amountWei: parseEther('3') }));
    expect(await stateOf()).toEqual({
      ...ends,
      ...{ state: 'open', depositWei: parseEther('3'), redeemedWei: 0n, closeAt: 0n },
    });
    await done(owner, await requestClose(owner, ends));
    expect((await stateOf()).state).toBe('closing');
    await done(owner, await cancelClose(owner, ends));
    expect(await stateOf()).toMatchObject({ state: 'open', closeAt: 0n });
    await done(owner, await requestClose(owner, ends));
    const { nowSeconds, channels } = await readChannels(owner, me, [ends]);
    expect(channels[0]!.state).toBe('closing');
    expect(channels[0]!.closeAt - nowSeconds).toBeLessThanOrEqual(86_400n);
    expect(channels[0]!.closeAt).toBeGreaterThan(nowSeconds);
  });
});

describe('a payment', () => {
  const amountWei = parseEther('1');
  let model: bigint;
  beforeAll(async () => {
    await done(owner, await addBase(owner, { family: 'llama', architecture: digest('base'), licence: 11 }));
    const terms = { payout: friend, devBps: 5000, dataBps: 3000, nodeBps: 2000 };
    const first = {
      ...{ adapter: digest('adapter'), manifest: digest('model'), rank: 8, sizeKiB: 100, quant: 16 },
      ...{ parent: null, refs: [{ datanet, version: 1, weight: 1 }] },
    };
    const prices = { perCallWei: amountWei, per1kTokensWei: 0n };
    await done(owner, await registerModel(owner, { base: 1, licence: 2, terms, first, ...prices }));
    const registry = { address: owner.addresses.ModelRegistry, abi: modelRegistryAbi } as const;
    model = await owner.read.readContract({ ...registry, functionName: 'modelCount' });
  });

  it('is quoted in parts that add up, by the terms of the model', async () => {
    const { payout, devWei, dataWei, nodeWei, feeWei } = await quoteSplit(owner, { model, version: 1 }, amountWei);
    expect(payout).toBe(friend);
    expect(devWei + dataWei + nodeWei + feeWei).toBe(amountWei);
    const shared = amountWei - feeWei;
    expect([devWei, dataWei, nodeWei]).toEqual([shared / 2n, (3n * shared) / 10n, shared / 5n]);
  });

  /** A voucher of the guest for three calls, redeemed by the owner as its own node. */
  const payByVoucher = async () => {
    const { account: payer } = await guest.signer();
    const session = privateKeyToAccount(digest('session'));
    const ends = { node: me, signer: session.address };
    await done(guest, await openChannel(guest, { ...ends, amountWei: parseEther('5') }));
    const calls = [1, 2, 3].map((at) => ({ receipt: digest(`call ${at}`), vectorHash: zeroHash, costWei: BigInt(at) }));
    const lines = linesOf([{ modelId: Number(model), version: 1, calls }]);
    const voucher = { payer: payer.address, node: me, baseWei: 0n, lines };
    const data = voucherTypedData(owner.chain.id, owner.addresses.Settlement, voucher);
    const signature = compactSignature(await session.signTypedData(data));
    await done(owner, await redeem(owner, { node: me, vouchers: [{ ...voucher, ...signature }] }));
  };

  it('is read from the logs and bound to the books of the contracts; logs that were tampered with are refused', async () => {
    const { address } = (await guest.signer()).account;
    await sandboxOpen(owner, address, parseEther('50'));
    const { dataWei } = await quoteSplit(owner, { model, version: 1 }, amountWei);
    await done(owner, await invoke(owner, { model, version: 1, node: friend, amountWei, callHash: digest('call') }));
    await payByVoucher();
    const range = { fromBlock: 0n, toBlock: await owner.read.getBlockNumber({ cacheTime: 0 }) };
    const { payments, pots } = await readPayments(owner, range);
    const one = { model, version: 1, poolWei: 0n, keepWei: 0n };
    expect(payments).toMatchObject([
      { ...one, node: friend, calls: 1n, grossWei: amountWei, dataWei },
      { ...one, node: me, calls: 3n, grossWei: 6n },
    ]);
    expect(pots).toEqual([]);

    type Logs = (Log<bigint, number, false> & { eventName: string })[];
    const tampered = (change: (logs: Logs) => Logs) => {
      const getContractEvents = async (...asked: Parameters<typeof owner.read.getContractEvents>) =>
        change((await owner.read.getContractEvents(...asked)) as unknown as Logs);
      return readPayments(
        { ...owner, read: { ...owner.read, getContractEvents } as unknown as typeof owner.read },
        range,
      );
    };
    const isPaid = ({ eventName }: Logs[number]) => ['Split', 'Invoked'].includes(eventName);
    await expect(tampered((logs) => logs)).resolves.toMatchObject({ pots: [] });
    for (const change of [
      // A payment is left out, wholly or in part, or is there twice.
      (logs: Logs) => logs.filter((log) => !isPaid(log)),
      (logs: Logs) => logs.filter(({ eventName }) => eventName !== 'Redeemed'),
      (logs: Logs) => [...logs, ...logs.filter(isPaid)],
      // Of another contract, of a block that was not asked for, or moved into another transaction.
      (logs: Logs) => logs.map((log) => ({ ...log, address: friend })),
      (logs: Logs) => logs.map((log) => ({ ...log, blockNumber: log.blockNumber + 1n })),
      (logs: Logs) => logs.map((log) => ({ ...log, transactionHash: digest('moved') })),
      (logs: Logs) => logs.map((log, at) => ({ ...log, transactionHash: logs[logs.length - 1 - at]!.transactionHash })),
      (logs: Logs) => logs.map((log) => ({ ...log, blockHash: digest('moved') })),
      (logs: Logs) => logs.map((log) => ({ ...log, logIndex: 0 })),
    ]) {
      await expect(tampered(change)).rejects.toMatchObject({
        code: 'chain/payments-incomplete',
      });
    }
  });
});

it('a row of the indexer makes the proposal whose number it has', () => {
  const proposal = {
    ...{ targets: [friend], valuesWei: [5n], calldatas: [digest('data')], description: '# Pay' },
  } as const;
  const row: ProposalRow = {
    ...{ targets: JSON.stringify([friend]), valuesWei: '["5"]', calldatas: JSON.stringify([digest('data')]) },
    ...{ proposalId: String(proposalIdOf(proposal)), proposer: me, description: '# Pay', mark: 'created' },
    ...{ voteStart: 0, voteEnd: 0, forWei: '0', againstWei: '0', abstainWei: '0', transactionHash: digest('sent') },
  };
  const made = proposalOfRow(row);
  expect(made).toEqual(proposal);
  expect(String(proposalIdOf(made))).toBe(row.proposalId);
});
