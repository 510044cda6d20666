// Every call of the product's contracts has a sentence for any arguments, without raw names or numbers.

import {
  encodeFunctionData,
  maxUint256,
  parseEther,
  stringToHex,
  type Abi,
  type AbiFunction,
  type AbiParameter,
} from 'viem';
import { expect, it, test } from 'vitest';
import { knownContracts } from '../../known-contracts.ts';
import { openTokenAbi } from '../../abi/open-token.ts';
import { SHIPPED_CONTRACTS } from '../../parse-chain-contracts.ts';
import { explainCall } from '../explain-call.ts';
import { rawWords } from '#tests/support/raw-words.ts';
import { wordsOf } from './call-words.ts';

const contracts = knownContracts(SHIPPED_CONTRACTS.addresses);
/** Called by tokens; no user signs them. */
const CALLED_BACK = /^on.*Received$/;
const isSigned = (entry: Abi[number]): entry is AbiFunction =>
  entry.type === 'function' &&
  (entry.stateMutability === 'nonpayable' || entry.stateMutability === 'payable') &&
  !CALLED_BACK.test(entry.name);

const { OpenToken } = SHIPPED_CONTRACTS.addresses;
/** Calls that a proposal may contain. */
const innerCall = encodeFunctionData({
  abi: openTokenAbi,
  functionName: 'transfer',
  args: [OpenToken, parseEther('5')],
});

/** A fitting value: readable text if possible, so that no raw value is shown. */
function fill(type: AbiParameter): unknown {
  const name = type.name ?? '';
  const list = /^(.*)\[\d*\]$/.exec(type.type);
  if (list) return [fill({ ...type, type: list[1]! })];
  if (type.type === 'tuple' && 'components' in type)
    return Object.fromEntries(type.components.map((one) => [one.name, fill(one)]));
  if (type.type === 'address')
    return /^targets?$/.test(name) ? OpenToken : '0x00000000000000000000000000000000000000a1';
  if (type.type === 'bool') return true;
  if (type.type === 'string') return 'Some words of a person';
  if (type.type === 'bytes') return /^(calldatas|payloads?|data)$/.test(name) ? innerCall : `0x${'5e'.repeat(70)}`;
  if (type.type === 'bytes32')
    return /tags|family/.test(name) ? stringToHex('birds', { size: 32 }) : `0x${'a3'.repeat(32)}`;
  const bits = Number(/\d+$/.exec(type.type)![0]);
  if (bits <= 48) return name === 'licence' ? 2 : 2 ** (bits - 1) - 7;
  return /id$|nonce|salt|refs|parent/i.test(name) ? 2n ** BigInt(bits - 1) - 7n : parseEther('1.25');
}

const calls = contracts.flatMap(({ name, address, abi }) =>
  abi.filter(isSigned).map((entry) => ({ contract: name, address, abi, entry })),
);

it('the ABIs contain calls', () => expect(calls.length).toBeGreaterThan(120));

test.each(calls.map((call) => [`${call.contract}.${call.entry.name}`, call] as const))('%s', (_, call) => {
  const { contract, address, entry } = call;
  expect(wordsOf(contract, entry.name), 'has a sentence of its own').toBeTypeOf('function');
  const data = encodeFunctionData({ abi: [entry], functionName: entry.name, args: entry.inputs.map(fill) });
  const told = explainCall({ to: address, valueWei: 0n, data }, { contracts });
  expect(rawWords([...told.sentences, ...told.details.flatMap(({ label, value }) => [label, value])])).toEqual([]);
  for (const sentence of told.sentences) expect(sentence).toMatch(/^\p{Lu}.*[.:]$/su);
});

it('an unlimited amount is named as such', () => {
  const data = encodeFunctionData({ abi: openTokenAbi, functionName: 'approve', args: [OpenToken, maxUint256] });
  const [sentence] = explainCall({ to: OpenToken, valueWei: 0n, data }, { contracts }).sentences;
  expect(sentence).toMatch(/take up to more OPEN than there is, all of it, of yours/);
});
