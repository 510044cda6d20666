// `payable stake`: stakes OPEN for a node, and withdraws it.

import { isHex } from 'viem';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { workRewardsAbi } from '#lib/chain/abi/work-rewards.ts';
import { addReward } from '#lib/chain/actions/staking/add-reward.ts';
import { addStake } from '#lib/chain/actions/staking/add-stake.ts';
import { claimReward } from '#lib/chain/actions/staking/claim-reward.ts';
import { countWork } from '#lib/chain/actions/staking/count-work.ts';
import { exitStake } from '#lib/chain/actions/staking/exit-stake.ts';
import { requestExit } from '#lib/chain/actions/staking/request-exit.ts';
import { stake as registerNode } from '#lib/chain/actions/staking/stake.ts';
import { asTime } from '#lib/core/time-words.ts';
import { inOpen } from '#lib/chain/words/amount-words.ts';
import { addressOrOwn, amountWei, chainCommand, runAction, word, type VerbContext } from '../chain/chain-command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';

async function status(verb: VerbContext) {
  const { read, addresses } = verb.context;
  const node = addressOrOwn(verb, 'Whose stake?');
  const registry = { address: addresses.NodeRegistry, abi: nodeRegistryAbi, args: [node] } as const;
  const rewards = { address: addresses.WorkRewards, abi: workRewardsAbi, args: [node] } as const;
  const [found, rewardWei] = await Promise.all([
    read.readContract({ ...registry, functionName: 'nodeOf' }),
    read.readContract({ ...rewards, functionName: 'rewardOf' }),
  ]);
  const { stake: stakeWei, exiting: exitingWei, exitAt, caps, peerId } = found;
  const leaving = exitingWei === 0n ? '' : `, ${inOpen(exitingWei)} leaving at ${asTime(BigInt(exitAt))}`;
  return {
    line: `${node} has ${inOpen(stakeWei)} at stake${leaving}, and ${inOpen(rewardWei)} of rewards.`,
    object: { node, stakeWei, exitingWei, exitAt, caps, peerId, rewardWei },
  };
}

function peerIdOf({ values }: VerbContext) {
  const peerId = option.required(values, 'peer-id', 'the digest of the peer id: 0x and 64 hexadecimal digits');
  if (!isHex(peerId) || peerId.length !== 66) {
    throw new UsageError('Option --peer-id is not a digest.', 'It is 0x and 64 hexadecimal digits.');
  }
  return peerId;
}

const amount = (context: VerbContext): bigint => amountWei(word(context, 0, 'The amount'));

export const stake = chainCommand(
  'stake',
  'nodes: stake, add, earn, leave',
  {
    status: { usage: 'ADDRESS', summary: 'stake of an address, or of your key', run: status },
    register: {
      usage: 'AMOUNT',
      summary: 'registers your node with a stake',
      async run(context) {
        const caps = option.whole(context.values, 'caps', 0, 0xffff) ?? 0;
        const input = { amountWei: amount(context), peerId: peerIdOf(context), caps };
        return runAction(context, await registerNode(context.context, input));
      },
    },
    add: {
      usage: 'AMOUNT',
      summary: 'adds to the stake of your node',
      run: async (context) => runAction(context, await addStake(context.context, amount(context))),
    },
    'request-exit': {
      usage: 'AMOUNT',
      summary: 'starts the way out, seven days long',
      run: async (context) => runAction(context, await requestExit(context.context, amount(context))),
    },
    count: {
      usage: '',
      summary: 'counts the work of your node in this round',
      run: async (context) => runAction(context, await countWork(context.context)),
    },
    claim: {
      usage: '',
      summary: 'takes home what the work of your node has earned',
      run: async (context) => runAction(context, await claimReward(context.context)),
    },
    reward: {
      usage: 'AMOUNT',
      summary: 'gives OPEN to the nodes that answer paid calls',
      run: async (context) => runAction(context, await addReward(context.context, amount(context))),
    },
    exit: {
      usage: '',
      summary: 'takes home what has waited',
      run: async (context) => runAction(context, await exitStake(context.context)),
    },
  },
  { 'peer-id': { type: 'string' }, caps: { type: 'string' } },
  "  --peer-id 0x…          digest of the node's peer id (register)\n  --caps N               what the node offers, one bit each (register; default 0)\n",
);
