// Session keys sign what the contract will accept, and nothing beyond their terms.

import { parseEther, recoverTypedDataAddress, serializeSignature, type Hex, zeroHash } from 'viem';
import { parseCompactSignature, compactSignatureToSignature, serializeCompactSignature } from 'viem';
import { beforeEach, expect, it } from 'vitest';
import { createTestWalletHost } from '#tests/support/wallet-host.ts';
import { DeclinedError } from './errors.ts';
import { createKeystore, type Keystore } from './keystore.ts';
import { createSessionKeys, type SessionInfo, type SessionKeys } from './session-keys.ts';
import { voucherTypedData } from '../vouchers/voucher.ts';

const node = '0x00000000000000000000000000000000000000A1';
const settlement = '0x00000000000000000000000000000000000000b2';
const receipts: Hex = `0x${'11'.repeat(32)}`;
const CAP = parseEther('10');
const HOUR_MS = 3_600_000;

let test: ReturnType<typeof createTestWalletHost>;
let keystore: Keystore;
let sessions: SessionKeys;
let declines = false;
let session: SessionInfo;
const terms = () => ({ node, chainId: 5, settlement, capWei: CAP, expiresAtMs: test.host.now() + HOUR_MS }) as const;
const line = { modelId: 1, version: 1, amountWei: 1n, calls: 1, receipts };
const voucher = (baseWei: bigint, ...amounts: bigint[]) =>
  ({ node, baseWei, lines: amounts.map((amountWei) => ({ ...line, amountWei })) }) as const;
const coded = (code: string) => expect.objectContaining({ code }) as unknown;

beforeEach(async () => {
  test = createTestWalletHost();
  keystore = createKeystore(test.host);
  declines = false;
  sessions = createSessionKeys({
    host: test.host,
    keystore,
    approve: async () => {
      if (declines) throw new DeclinedError();
    },
  });
  await keystore.create('device');
  session = await sessions.create(terms());
});

it('signs vouchers that recover to the key the channel names', async () => {
  const signed = await sessions.sign(session.signer, voucher(1n, 2n, 3n));
  const compact = serializeCompactSignature({ r: signed.r, yParityAndS: signed.vs });
  const signature = serializeSignature(compactSignatureToSignature(parseCompactSignature(compact)));
  expect(await recoverTypedDataAddress({ ...voucherTypedData(5, settlement, signed), signature })).toBe(session.signer);
  expect(signed.payer).toBe((await keystore.read())!.address);
  expect((await sessions.list(session.payer))[0]).toMatchObject({ signedWei: 6n, capWei: CAP, isExpired: false });
});

it('counts the base: the cap covers the total debt', async () => {
  await sessions.sign(session.signer, voucher(CAP - 1n, 1n));
  await expect(sessions.sign(session.signer, voucher(CAP, 1n))).rejects.toEqual(coded('wallet/session-over-cap'));
  await expect(sessions.sign(session.signer, voucher(0n, CAP, 1n))).rejects.toEqual(coded('wallet/session-over-cap'));
  expect((await sessions.list(session.payer))[0]!.signedWei).toBe(CAP);
});

it('shows the highest amount signed, in any order of signatures', async () => {
  await Promise.all([5n, 1n, 3n].map((amount) => sessions.sign(session.signer, voucher(0n, amount))));
  expect((await sessions.list(session.payer))[0]!.signedWei).toBe(5n);
});

it('signs nothing after its end', async () => {
  test.pass(HOUR_MS);
  await keystore.unlock();
  await expect(sessions.sign(session.signer, voucher(0n, 1n))).rejects.toEqual(coded('wallet/session-expired'));
  expect((await sessions.list(session.payer))[0]!.isExpired).toBe(true);
});

it('pays its node alone', async () => {
  const other = { ...voucher(0n, 1n), node: settlement } as const;
  await expect(sessions.sign(session.signer, other)).rejects.toEqual(coded('wallet/session-bad-voucher'));
});

it.each([
  ['nothing', voucher(0n)],
  ['an empty line', voucher(0n, 0n)],
  ['a negative line', voucher(5n, -1n)],
  ['a negative base', voucher(-1n, 2n)],
  ['calls without receipts', { ...voucher(0n), lines: [{ ...line, receipts: zeroHash }] }],
  ['no calls', { ...voucher(0n), lines: [{ ...line, calls: 0 }] }],
  ['more calls than a line may have', { ...voucher(0n), lines: [{ ...line, calls: 65_537 }] }],
  ['a model that has no number', { ...voucher(0n), lines: [{ ...line, modelId: 0 }] }],
  ['a version that has no number', { ...voucher(0n), lines: [{ ...line, version: 0 }] }],
])('refuses %s', async (_what, bad) => {
  await expect(sessions.sign(session.signer, bad)).rejects.toEqual(coded('wallet/session-bad-voucher'));
});

it('signs nothing while the wallet is locked, nor after it is revoked', async () => {
  keystore.lock();
  await expect(sessions.sign(session.signer, voucher(0n, 1n))).rejects.toEqual(coded('wallet/locked'));
  await keystore.unlock();
  await sessions.revoke(session.signer);
  await expect(sessions.sign(session.signer, voucher(0n, 1n))).rejects.toEqual(coded('wallet/session-unknown'));
});

it.each([
  ['capWei', CAP * 100n],
  ['expiresAtMs', 4_000_000_000_000],
  ['chainId', 1],
  ['settlement', node],
] as const)('does not open when its %s was raised on the disk', async (field, value) => {
  Object.assign(test.store.disk.sessions.get(session.signer)!, { [field]: value });
  await expect(sessions.sign(session.signer, voucher(0n, 1n))).rejects.toEqual(coded('wallet/cannot-unseal'));
});

it('is created only with the user’s approval and valid terms', async () => {
  declines = true;
  await expect(sessions.create(terms())).rejects.toEqual(coded('wallet/declined'));
  declines = false;
  for (const bad of [
    { capWei: 0n },
    { capWei: 1n << 96n },
    { expiresAtMs: test.host.now() },
    { expiresAtMs: Infinity },
  ]) {
    await expect(sessions.create({ ...terms(), ...bad })).rejects.toEqual(coded('wallet/session-bad-terms'));
  }
  expect(await sessions.list(session.payer)).toHaveLength(1);
});

it('is not shown for another account, nor when its record is damaged', async () => {
  expect(await sessions.list(node)).toEqual([]);
  Object.assign(test.store.disk.sessions.get(session.signer)!, { capWei: 'much' });
  expect(await sessions.list(session.payer)).toEqual([]);
});
