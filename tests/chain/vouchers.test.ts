// Abuse of vouchers on real chains: signed by the wallet's session keys, redeemed by the app's action, refused with a message.
// And a token that calls back, which OPEN never does.

import {
  custom,
  encodeDeployData,
  encodeFunctionData,
  hexToBigInt,
  http,
  keccak256,
  numberToHex,
  parseEther,
  stringToHex,
  type Account,
  type Address,
  type Hex,
  type Transport,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { closeChannel } from '#lib/chain/actions/settlement/close-channel.ts';
import { openChannel } from '#lib/chain/actions/settlement/open-channel.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { redeem } from '#lib/chain/actions/settlement/redeem.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { requestClose } from '#lib/chain/actions/settlement/request-close.ts';
import { setRelayer } from '#lib/chain/actions/settlement/set-relayer.ts';
import { topUp } from '#lib/chain/actions/settlement/top-up.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { withdrawCredit } from '#lib/chain/actions/settlement/withdraw-credit.ts';
import { devnet, embedded } from '#lib/chain/chains.ts';
import initCode from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { wordsOfRevert } from '#lib/chain/tx/format-error.ts';
import type { Failure } from '#lib/chain/tx/record.ts';
import { createKeystore } from '#lib/chain/wallet/keystore.ts';
import { createSessionKeys, type SessionKeys } from '#lib/chain/wallet/session-keys.ts';
import { readChannel } from '#lib/chain/vouchers/channel.ts';
import type { SignedVoucher } from '#lib/chain/vouchers/voucher.ts';
import { startAnvil } from '../support/anvil.ts';
import { contextOver, deployAll, runToEnd, type TestContext } from '../support/chain-context.ts';
import { deploySolidity } from '../support/deploy-solidity.ts';
import { alice, bob, carol, clientsOver, createTestNode, GENESIS_SECONDS } from '../support/embedded-chain.ts';
import { compileSolidity } from '../support/solidity.ts';
import { createTestWalletHost } from '../support/wallet-host.ts';

const liquidity = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const CAP = parseEther('3');
const DEPOSIT = parseEther('5');
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const PARITY = 1n << 255n;
const HOSTILE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {HostileToken} from "contracts/test/mocks/HostileToken.sol";
contract Here is HostileToken {}
`;
const digest = (text: string): Hex => keccak256(stringToHex(text));
const coded = (code: string) => expect.objectContaining({ code }) as unknown;

describe.each(['embedded', 'anvil'])('on %s', (where) => {
  let transport: Transport;
  let stop = async () => {};
  let maker: TestContext;
  let node: TestContext;
  let payer: TestContext;
  let sessions: SessionKeys;
  const wallet = createTestWalletHost();

  const done = async (who: TestContext, planned: Promise<ActionPlan>) => {
    for (const { state, explanation } of await runToEnd(who, await planned)) {
      expect(state, `${explanation}: ${JSON.stringify(state)}`).toMatchObject({ status: 'safe' });
    }
  };
  const refused = async (who: TestContext, planned: Promise<ActionPlan>): Promise<Failure> => {
    const last = (await runToEnd(who, await planned)).at(-1)!;
    if (last.state.status !== 'simulation-failed') throw new Error(`${last.explanation}: ${last.state.status}`);
    return last.state.failure;
  };
  const keyFor = async (chainId: number = embedded.id, capWei = CAP): Promise<Address> => {
    const terms = { node: bob.address, chainId, settlement: maker.addresses.Settlement, capWei };
    return (await sessions.create({ ...terms, expiresAtMs: wallet.host.now() + 3_600_000 })).signer;
  };
  const open = async (signer: Address, amountWei = DEPOSIT) => {
    await done(payer, openChannel(payer, { node: bob.address, signer, amountWei }));
    return signer;
  };
  const sign = (signer: Address, baseWei: bigint, amountWei: bigint): Promise<SignedVoucher> =>
    sessions.sign(signer, {
      node: bob.address,
      baseWei,
      lines: [{ modelId: 1, version: 1, amountWei, calls: 1, receipts: digest(`${baseWei} ${amountWei}`) }],
    });
  const asRedeemed = (...vouchers: SignedVoucher[]) => redeem(node, { node: bob.address, vouchers });
  const redeemedOf = async (signer: Address) => {
    const { account } = await payer.signer();
    return (await readChannel(maker, account.address, { node: bob.address, signer })).redeemed;
  };
  const openOf = (account: Address) => {
    const call = { abi: openTokenAbi, functionName: 'balanceOf', args: [account] } as const;
    return maker.read.readContract({ address: maker.addresses.OpenToken, ...call });
  };

  beforeAll(async () => {
    if (where === 'embedded') transport = custom(createTestNode().provider, { retryCount: 0 });
    else {
      const anvil = await startAnvil(embedded.id, ['--timestamp', String(GENESIS_SECONDS)]);
      stop = () => anvil.stop();
      transport = http(anvil.url, { retryCount: 0 });
    }
    await deployAll(transport);
    const as = (account: Account) => contextOver(transport, account);
    [maker, node] = [as(alice), as(bob)];
    const keystore = createKeystore(wallet.host);
    await keystore.create('device');
    sessions = createSessionKeys({ host: wallet.host, keystore, approve: async () => undefined });
    const { account } = keystore.unlocked();
    payer = as(account);
    const bank = as(liquidity);
    for (const to of [account.address, liquidity.address]) {
      await done(maker, transfer(maker, { to, amountWei: parseEther('50'), what: 'ETH' }));
    }
    await done(bank, transfer(bank, { to: account.address, amountWei: parseEther('1000'), what: 'OPEN' }));
    await done(maker, addBase(maker, { family: 'llama', architecture: digest('config'), licence: 11 }));
    const terms = { payout: alice.address, devBps: 8000, dataBps: 0, nodeBps: 2000 };
    const release = {
      adapter: digest('a'),
      manifest: digest('m'),
      rank: 8,
      sizeKiB: 1,
      quant: 0,
      parent: null,
      refs: [],
    };
    const prices = { perCallWei: 1n, per1kTokensWei: 0n };
    await done(maker, registerModel(maker, { base: 1, licence: 11, terms, first: release, ...prices }));
  });
  afterAll(() => stop());

  it('replayed, in another transaction or in the same, pays once', async () => {
    const signer = await open(await keyFor());
    const first = await sign(signer, 0n, parseEther('1'));
    await done(node, asRedeemed(first, first));
    expect(await redeemedOf(signer)).toBe(parseEther('1'));
    expect(await refused(node, asRedeemed(first))).toEqual({
      name: 'WrongBase',
      message: `A voucher of ${first.payer} was signed on top of 0 OPEN, but 1 OPEN are redeemed: it is old, or was used.`,
    });
  });

  it('that is older, after or beside a newer one, is passed over: no payer can void the vouchers of others', async () => {
    const [signer, good] = [await open(await keyFor()), await open(await keyFor())];
    const [older, newer] = [await sign(signer, 0n, parseEther('1')), await sign(signer, 0n, parseEther('2'))];
    const before = await openOf(maker.addresses.Settlement);
    await done(node, asRedeemed(newer, older, await sign(good, 0n, parseEther('1'))));
    expect([await redeemedOf(signer), await redeemedOf(good)]).toEqual([parseEther('2'), parseEther('1')]);
    expect((await refused(node, asRedeemed(older))).name).toBe('WrongBase');
    // Redeeming transfers no token; it changes credits.
    expect(await openOf(maker.addresses.Settlement)).toBe(before);
    const { address, abi } = { address: maker.addresses.Settlement, abi: settlementAbi } as const;
    const passed = await maker.read.getContractEvents({ address, abi, eventName: 'PassedOver', fromBlock: 0n });
    const reasons = passed.map(({ args }) => wordsOfRevert(args.reason!).name);
    expect(reasons.slice(-1)).toEqual(['WrongBase']);
  });

  it('cannot be voided by its payer with an older one: only the node or its relayer redeems', async () => {
    const signer = await open(await keyFor());
    const voucher = await sign(signer, 0n, 1n);
    const byPayer = () => redeem(payer, { node: bob.address, vouchers: [voucher] });
    expect(await refused(payer, byPayer())).toEqual({
      name: 'NotNodeOrRelayer',
      message: `${voucher.payer} may not redeem for ${bob.address}.`,
    });
    await done(node, setRelayer(node, { relayer: voucher.payer, isAllowed: true }));
    await done(payer, byPayer());
    await done(node, setRelayer(node, { relayer: voucher.payer, isAllowed: false }));
  });

  it('signed for another chain', async () => {
    const mine = await open(await keyFor(devnet.id));
    const failure = await refused(node, asRedeemed(await sign(mine, 0n, 1n)));
    expect(failure.name).toBe('UnknownChannel');
    expect(failure.message).toContain('for another chain or node');
  });

  it('signed for another node', async () => {
    const signer = await open(await keyFor());
    const voucher = await sign(signer, 0n, 1n);
    const other = contextOver(transport, carol);
    await expect(redeem(other, { node: carol.address, vouchers: [voucher] })).rejects.toThrow(
      `for the node ${bob.address}`,
    );
    const relabelled = redeem(other, { node: carol.address, vouchers: [{ ...voucher, node: carol.address }] });
    expect((await refused(other, relabelled)).name).toBe('UnknownChannel');
    await expect(sessions.sign(signer, { ...voucher, node: carol.address })).rejects.toEqual(
      coded('wallet/session-bad-voucher'),
    );
  });

  it('changed after it was signed', async () => {
    const signer = await open(await keyFor());
    const voucher = await sign(signer, 0n, 1n);
    const [line] = voucher.lines;
    const richer = { ...voucher, lines: [{ ...line!, amountWei: 2n }] };
    const busier = { ...voucher, lines: [{ ...line!, calls: 2 }] };
    const other = { ...voucher, lines: [{ ...line!, receipts: digest('other receipts') }] };
    const newer = { ...voucher, lines: [{ ...line!, version: 2 }] };
    for (const changed of [richer, busier, other, newer]) {
      expect((await refused(node, asRedeemed(changed))).name).toBe('UnknownChannel');
    }
    await done(node, asRedeemed(voucher));
  });

  it('for more than was deposited', async () => {
    const signer = await open(await keyFor(), parseEther('2'));
    const voucher = await sign(signer, 0n, parseEther('2') + 1n);
    expect(await refused(node, asRedeemed(voucher))).toEqual({
      name: 'DepositExceeded',
      message: `A voucher of ${voucher.payer} is for 2.000000000000000001 OPEN; 2 OPEN are left in the channel.`,
    });
  });

  it('of a closing channel is valid, of a closed one is not', async () => {
    const signer = await open(await keyFor());
    const channel = { node: bob.address, signer };
    await done(payer, requestClose(payer, channel));
    await done(node, asRedeemed(await sign(signer, 0n, 1n)));
    expect((await refused(payer, closeChannel(payer, channel))).name).toBe('NotClosable');
    const { timestamp } = await maker.read.getBlock();
    await maker.test.setNextBlockTimestamp({ timestamp: timestamp + 86_400n });
    await maker.read.request({ method: 'evm_mine', params: [] } as never);
    await done(payer, closeChannel(payer, channel));
    const late = await refused(node, asRedeemed(await sign(signer, 1n, 1n)));
    expect(late.name).toBe('ChannelIsClosed');
    // A closed channel never opens again, so that an old voucher cannot be used in a new one.
    expect((await refused(payer, openChannel(payer, { ...channel, amountWei: 1n }))).name).toBe('ChannelExists');
  });

  it('with the other signature of the same key (high s)', async () => {
    const signer = await open(await keyFor());
    const voucher = await sign(signer, 0n, 1n);
    const s = hexToBigInt(voucher.vs) & (PARITY - 1n);
    const twin = 2n * HALF_ORDER + 1n - s;
    const flipped = (hexToBigInt(voucher.vs) & PARITY) === 0n ? PARITY : 0n;
    expect(s <= HALF_ORDER && twin > HALF_ORDER).toBe(true);
    // The compact form cannot express most of them, and OpenZeppelin refuses the rest.
    const malleated = { ...voucher, vs: numberToHex((twin & (PARITY - 1n)) | flipped, { size: 32 }) };
    expect(['UnknownChannel', 'ECDSAInvalidSignature', 'ECDSAInvalidSignatureS']).toContain(
      (await refused(node, asRedeemed(malleated))).name,
    );
    const high = { ...voucher, vs: numberToHex(HALF_ORDER + 1n, { size: 32 }) };
    expect((await refused(node, asRedeemed(high))).name).toBe('ECDSAInvalidSignatureS');
    await done(node, asRedeemed(voucher));
  });

  it('of another session key of the same payer', async () => {
    await open(await keyFor());
    const unopened = await keyFor();
    const { name, message } = await refused(node, asRedeemed(await sign(unopened, 0n, 1n)));
    expect(name).toBe('UnknownChannel');
    expect(message).toContain(unopened);
  });

  it('for nothing', async () => {
    const signer = await open(await keyFor());
    const voucher = await sign(signer, 0n, 1n);
    await expect(asRedeemed({ ...voucher, lines: [] })).rejects.toEqual(coded('wallet/session-bad-voucher'));
    await expect(asRedeemed()).rejects.toThrow('missing');
  });

  it('above the cap of its session key is never signed, for any deposit', async () => {
    const signer = await open(await keyFor());
    const all = await sign(signer, 0n, CAP);
    await done(node, asRedeemed(all));
    await done(payer, topUp(payer, { node: bob.address, signer, amountWei: DEPOSIT }));
    await expect(sign(signer, CAP, 1n)).rejects.toEqual(coded('wallet/session-over-cap'));
    // Nor by claiming that less was redeemed: that voucher is not valid.
    const pretended = await sign(signer, 0n, 1n);
    expect((await refused(node, asRedeemed(pretended))).name).toBe('WrongBase');
  });

  it('redeemed once more by a token that calls back', async () => {
    const { abi, bytecode } = compileSolidity(HOSTILE)['Here']!;
    const clients = clientsOver(transport);
    const token = await deploySolidity(clients, { abi, bytecode });
    const { AccessManager, ModelRegistry, InfluenceBook } = maker.addresses;
    const parts = { token, models: ModelRegistry, influences: InfluenceBook, ledger: carol.address, window: 172_800n };
    const args = [AccessManager, { ...parts, treasury: carol.address }] as const;
    const settlementCode = encodeDeployData({ abi: settlementAbi, bytecode: initCode.Settlement as Hex, args });
    const settlement = await deploySolidity(clients, { abi: [], bytecode: settlementCode });
    const there = (context: TestContext): TestContext => ({
      ...context,
      addresses: { ...context.addresses, OpenToken: token, Settlement: settlement },
    });
    const [cheated, victim] = [there(payer), there(node)];
    const onToken = async (functionName: string, ...given: unknown[]) => {
      const data = encodeFunctionData({ abi, functionName, args: given });
      expect(await clients.wallet.sendTransactionSync({ to: token, data })).toMatchObject({ status: 'success' });
    };
    const { account } = await payer.signer();
    await onToken('mint', account.address, parseEther('10'));
    // Even if the token may redeem, the reentrancy guard stops it.
    await done(victim, setRelayer(victim, { relayer: token, isAllowed: true }));
    const terms = { node: bob.address, chainId: embedded.id, settlement, capWei: CAP };
    const { signer } = await sessions.create({ ...terms, expiresAtMs: wallet.host.now() + 3_600_000 });
    const channel = { node: bob.address, signer, amountWei: parseEther('2') };
    await done(cheated, openChannel(cheated, channel));
    const voucher = await sign(signer, 0n, parseEther('1'));
    const [redemption] = (await redeem(victim, { node: bob.address, vouchers: [voucher] })).steps;

    const creditOf = (of: Address) =>
      maker.read.readContract({ address: settlement, abi: settlementAbi, functionName: 'credit', args: [of] });
    const answer = async () => {
      const found = await maker.read.readContract({ address: token, abi, functionName: 'answer' });
      return wordsOfRevert((found as Hex).slice(0, 10) as Hex);
    };
    const again = encodeFunctionData({ abi: settlementAbi, functionName: 'withdrawFor', args: [bob.address] });
    await onToken('callBack', settlement, redemption.data);
    await done(cheated, topUp(cheated, channel));
    expect(await answer()).toMatchObject({ name: 'ReentrancyGuardReentrantCall' });
    expect(await creditOf(bob.address)).toBe(0n);
    await done(victim, redeem(victim, { node: bob.address, vouchers: [voucher] }));
    const earned = await creditOf(bob.address);
    expect(earned).toBeGreaterThan(0n);
    await onToken('callBack', settlement, again);
    await done(victim, withdrawCredit(victim, { to: bob.address }));
    expect(await answer()).toMatchObject({ name: 'ReentrancyGuardReentrantCall' });
    const paid = { address: token, abi, functionName: 'balanceOf', args: [bob.address] } as const;
    expect(await maker.read.readContract(paid)).toBe(earned);
    expect(await creditOf(bob.address)).toBe(0n);
  });
});
