// What a proposal can ask for without writing call data by hand. Each kind has its fields and makes one call of them; the
// last takes any call.

import { encodeFunctionData, isAddress, isHex, type Address, type Hex } from 'viem';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { openGovernorAbi } from '#lib/chain/abi/open-governor.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { BadInputError, requireAddress } from '#lib/chain/input.ts';
import type { Addresses } from '#lib/chain/deploy/plan.ts';
import { readAmount } from '#lib/chain/words/read-amount.ts';

export interface ProposedCall {
  target: Address;
  valueWei: bigint;
  data: Hex;
}

export interface ProposalKind {
  id: string;
  name: string;
  fields: readonly { label: string; placeholder: string }[];
  /** `values` in the order of the fields. */
  callOf(values: readonly string[], addresses: Addresses): ProposedCall;
}

const call = (target: Address, data: Hex): ProposedCall => ({ target, valueWei: 0n, data });

const whole = (text: string, field: string): bigint => {
  if (!/^\d{1,12}$/.test(text.trim())) throw new BadInputError(field, 'must be a whole number');
  return BigInt(text.trim());
};

/** "2.5" percent in hundredths of a percent. */
function bpsOf(text: string): bigint {
  const found = /^(\d{1,3})(?:[.](\d{1,2}))?$/.exec(text.trim());
  if (!found) throw new BadInputError('The fee', 'must be a percentage like 2.5, with two decimals at most');
  return BigInt(found[1]!) * 100n + BigInt((found[2] ?? '').padEnd(2, '0'));
}

export const PROPOSAL_KINDS: readonly ProposalKind[] = [
  {
    id: 'fee',
    name: 'Set the protocol’s fee',
    fields: [{ label: 'Fee, in percent of each payment', placeholder: '2.5' }],
    callOf: ([fee = ''], { Settlement }) =>
      call(Settlement, encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [Number(bpsOf(fee))] })),
  },
  {
    id: 'stakes',
    name: 'Set the least stakes',
    fields: [
      { label: 'Of a node, in OPEN', placeholder: '1000' },
      { label: 'Of an attester, in OPEN', placeholder: '10000' },
    ],
    callOf([node = '', attester = ''], { NodeRegistry }) {
      const args = [readAmount(node), readAmount(attester)] as const;
      return call(NodeRegistry, encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'setMinStakes', args }));
    },
  },
  {
    id: 'pay',
    name: 'Pay OPEN from the treasury',
    fields: [
      { label: 'To', placeholder: '0x…' },
      { label: 'Amount, in OPEN', placeholder: '0.0' },
    ],
    callOf([to = '', amount = ''], { OpenToken }) {
      const args = [requireAddress(to.trim(), 'The recipient'), readAmount(amount)] as const;
      return call(OpenToken, encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args }));
    },
  },
  {
    id: 'period',
    name: 'Set how long a vote lasts',
    fields: [{ label: 'Hours', placeholder: '120' }],
    callOf([hours = ''], { OpenGovernor }) {
      const seconds = whole(hours, 'The time') * 3600n;
      if (seconds === 0n || seconds > 0xffff_ffffn) throw new BadInputError('The time', 'must lie within a century');
      const args = [Number(seconds)] as const;
      return call(OpenGovernor, encodeFunctionData({ abi: openGovernorAbi, functionName: 'setVotingPeriod', args }));
    },
  },
  {
    id: 'own',
    name: 'Any other call',
    fields: [
      { label: 'Contract', placeholder: '0x…' },
      { label: 'Call data', placeholder: '0x…' },
    ],
    callOf([target = '', data = '']) {
      const [to, bytes] = [target.trim(), data.trim()];
      if (!isAddress(to)) throw new BadInputError('The contract', 'is no address, or is mistyped');
      if (!isHex(bytes) || bytes.length % 2 !== 0)
        throw new BadInputError('The call data', 'must be whole bytes in hex');
      return call(to, bytes);
    },
  },
];
