// What the user reads before signing: amounts in full, contracts by name, a warning for unknown data.

import { encodeFunctionData, getAddress, parseEther, type Abi, type Address } from 'viem';
import { expect, it } from 'vitest';
import { openTokenAbi } from '../abi/open-token.ts';
import { settlementAbi } from '../abi/settlement.ts';
import type { ApprovalRequest, WalletCall } from './approval.ts';
import { explainRequest } from './explain-request.ts';
import { signInMessage } from './sign-in.ts';

const open: Address = '0x00000000000000000000000000000000000000a1';
const settlement: Address = '0x00000000000000000000000000000000000000b2';
const friend: Address = '0x00000000000000000000000000000000000000C3';
const me: Address = '0x00000000000000000000000000000000000000d4';
const known = {
  chainName: 'Test',
  contracts: [
    { name: 'OpenToken', address: open, abi: openTokenAbi as Abi },
    { name: 'Settlement', address: settlement, abi: settlementAbi as Abi },
  ],
};
const asking = (calls: WalletCall[], delegatesTo: Address | null = null): ApprovalRequest => ({
  kind: 'transaction',
  chainId: 1,
  from: me,
  calls,
  maxFeeWei: parseEther('0.001'),
  delegatesTo,
});
const token = (functionName: 'transfer' | 'approve', to: Address, wei: bigint): WalletCall => ({
  to: open,
  valueWei: 0n,
  data: encodeFunctionData({ abi: openTokenAbi, functionName, args: [to, wei] }),
});
const sentences = (call: WalletCall) => explainRequest(asking([call]), known).sentences;

it('describes payments in full', () => {
  expect(sentences(token('transfer', friend, parseEther('1234.5')))).toEqual(['Pay 1,234.5 OPEN to 0x0000…00C3.']);
  expect(sentences({ to: friend, valueWei: 1n, data: '0x' })).toEqual(['Pay 0.000000000000000001 ETH to 0x0000…00C3.']);
});

it('names the spender and the amount of an approval', () => {
  expect(sentences(token('approve', settlement, parseEther('5')))).toEqual([
    'Let Settlement (0x0000…00b2) take up to 5 OPEN of yours.',
  ]);
  expect(sentences(token('approve', settlement, 0n))[0]).toContain('none of your OPEN any more');
});

it('names calls of known contracts with their arguments', () => {
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'open', args: [friend, me, 7n] });
  const [sentence, paid] = sentences({ to: settlement, valueWei: 2n, data });
  expect(sentence).toBe(
    'Put 0.000000000000000007 OPEN of yours into a channel to the node 0x0000…00C3, to be spent by the session key 0x0000…00D4.',
  );
  expect(paid).toContain('0.000000000000000002 ETH');
});

it('shows all mentioned addresses in full, with their names', () => {
  const { rows } = explainRequest(asking([token('approve', settlement, 1n), token('transfer', friend, 1n)]), known);
  const full = `OpenToken: ${getAddress(open)}\nSettlement: ${getAddress(settlement)}\n${friend}`;
  expect(rows).toContainEqual({ label: 'Addresses in full', value: full });
});

it('says where the user signs in, and what for', () => {
  const text = signInMessage({
    ...{
      address: getAddress(me),
      chainId: 1,
      domain: 'payable.example',
      uri: 'https://pinner.example/',
      nonce: '12345678',
    },
    nowMs: 0,
  });
  const request = { kind: 'message', from: me, text, raw: '0x' } as const;
  const told = explainRequest(request, { ...known, host: 'payable.example' });
  expect(told.title).toBe('Sign in at pinner.example');
  expect(told.sentences.join(' ')).toMatch(/shows pinner\.example that the wallet is yours.*costs nothing/);
  expect(told.rows[1]).toEqual({ label: 'Message', value: text });
  expect(told.warning).toBeNull();
  expect(explainRequest(request, { ...known, host: 'other.example' }).warning).toContain('other.example');
  const plain = { ...request, text: 'Sign in to nowhere' };
  expect(explainRequest(plain, known).title).toBe('Sign a message');
});

it('warns of unreadable data only', () => {
  const warningOf = (call: WalletCall) => explainRequest(asking([call]), known).warning;
  expect(warningOf({ to: friend, valueWei: 0n, data: '0x12345678' })).toContain('does not know');
  expect(warningOf({ to: null, valueWei: 0n, data: '0x12345678' })).toContain('does not know');
  expect(warningOf(token('transfer', friend, 1n))).toBeNull();
});

it('says that a batch is one, and that delegating lasts', () => {
  const { title, sentences } = explainRequest(
    asking([token('approve', settlement, 1n), token('transfer', friend, 1n)], me),
    known,
  );
  expect(title).toBe('Send 2 calls as one');
  expect(sentences.slice(2)).toEqual([
    'These 2 happen together or not at all.',
    expect.stringContaining('From now on your account runs'),
  ]);
});

it('shows every field of typed data, and its domain', () => {
  const request = (verifyingContract: Address): ApprovalRequest => ({
    kind: 'typed-data',
    from: me,
    chainId: 1,
    data: {
      domain: { name: 'Settlement', chainId: 1, verifyingContract },
      types: { DepositOrder: [{ name: 'amount', type: 'uint96' }] },
      primaryType: 'DepositOrder',
      message: { amount: 5n },
    },
  });
  const { title, sentences, rows, warning } = explainRequest(request(settlement), known);
  expect(title).toBe('Sign for Settlement');
  expect(sentences[0]).toBe('Sign “deposit order” for Settlement.');
  expect(rows).toContainEqual({ label: 'Amount', value: '0.000000000000000005 OPEN' });
  expect(rows).toContainEqual({ label: 'Addresses in full', value: `Settlement: ${getAddress(settlement)}` });
  expect(warning).toBeNull();
  const foreign = explainRequest(request(friend), known);
  expect(foreign.warning).toContain('no contract of this app');
  expect(foreign.rows).toContainEqual({ label: 'amount', value: '5' });
});
