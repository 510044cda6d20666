// What the form of a proposal offers: each kind has its fields and reads what was typed there into one call; the last takes any.

import { isAddress, isHex } from 'viem';
import { announceCourtCall } from '#lib/chain/actions/governance/announce-court-call.ts';
import type { GovernedCall } from '#lib/chain/actions/governance/governed-call.ts';
import { payFromTreasuryCall } from '#lib/chain/actions/governance/pay-from-treasury-call.ts';
import { setFeeCall } from '#lib/chain/actions/governance/set-fee-call.ts';
import { setMinStakeCall } from '#lib/chain/actions/governance/set-min-stake-call.ts';
import { setPostFeeCall } from '#lib/chain/actions/governance/set-post-fee-call.ts';
import { setVotingPeriodCall } from '#lib/chain/actions/governance/set-voting-period-call.ts';
import { BadInputError } from '#lib/chain/input.ts';
import type { Addresses } from '#lib/chain/deploy/plan.ts';
import { readAmount } from '#lib/chain/words/read-amount.ts';
import { readPercent } from '#lib/chain/words/read-percent.ts';

interface ProposalKind {
  id: string;
  name: string;
  fields: readonly { label: string; placeholder: string }[];
  /** `values` in the order of the fields. */
  callOf(values: readonly string[], addresses: Addresses): GovernedCall;
}

const whole = (text: string, field: string): bigint => {
  if (!/^\d{1,12}$/.test(text.trim())) throw new BadInputError(field, 'must be a whole number');
  return BigInt(text.trim());
};

export const PROPOSAL_KINDS: readonly ProposalKind[] = [
  {
    id: 'fee',
    name: 'Set the protocol’s fee',
    fields: [{ label: 'Fee, in percent of each payment', placeholder: '2.5' }],
    callOf: ([fee = ''], addresses) => setFeeCall(addresses, readPercent(fee, 'The fee')),
  },
  {
    id: 'stakes',
    name: 'Set the least stake of a node',
    fields: [{ label: 'Least stake, in OPEN', placeholder: '1000' }],
    callOf: ([least = ''], addresses) => setMinStakeCall(addresses, readAmount(least)),
  },
  {
    id: 'pay',
    name: 'Pay OPEN from the treasury',
    fields: [
      { label: 'To', placeholder: '0x…' },
      { label: 'Amount, in OPEN', placeholder: '0.0' },
    ],
    callOf: ([to = '', amount = ''], addresses) =>
      payFromTreasuryCall(addresses, { to: to.trim(), amountWei: readAmount(amount) }),
  },
  {
    id: 'period',
    name: 'Set how long a vote lasts',
    fields: [{ label: 'Hours', placeholder: '120' }],
    callOf: ([hours = ''], addresses) => setVotingPeriodCall(addresses, whole(hours, 'The time') * 3600n),
  },
  {
    id: 'court-fee',
    name: 'Set the fee for answers before the court',
    fields: [{ label: 'The part that does not follow the price of gas, in ETH', placeholder: '0.0001' }],
    callOf: ([fee = ''], addresses) => setPostFeeCall(addresses, 'AttributionCourt', readAmount(fee)),
  },
  {
    id: 'row-fee',
    name: 'Set the fee for showing a row',
    fields: [{ label: 'The part that does not follow the price of gas, in ETH', placeholder: '0.0001' }],
    callOf: ([fee = ''], addresses) => setPostFeeCall(addresses, 'InfluenceBook', readAmount(fee)),
  },
  {
    id: 'court',
    name: 'Announce the next court for pots',
    fields: [{ label: 'Its contract', placeholder: '0x…' }],
    callOf: ([court = ''], addresses) => announceCourtCall(addresses, court.trim()),
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
      return { target: to, data: bytes };
    },
  },
];
