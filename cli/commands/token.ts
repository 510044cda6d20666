// `payable token`: balances, supply and transfers of OPEN.

import { hexToString } from 'viem';
import { genesisAbi } from '#lib/chain/abi/genesis.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { SANDBOX_OPEN_WEI, sandboxOpen } from '#lib/chain/actions/sandbox/sandbox-open.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { inOpen } from '#lib/chain/words/amount-words.ts';
import { addressOrOwn, amountWei, chainCommand, runAction, word, type VerbContext } from '../chain/chain-command.ts';
import * as option from '../option-values.ts';

async function info({ context: { read, addresses } }: VerbContext) {
  const token = { address: addresses.OpenToken, abi: openTokenAbi } as const;
  const [name, symbol, supplyWei, buckets] = await Promise.all([
    read.readContract({ ...token, functionName: 'name' }),
    read.readContract({ ...token, functionName: 'symbol' }),
    read.readContract({ ...token, functionName: 'totalSupply' }),
    read.readContract({ address: addresses.Genesis, abi: genesisAbi, functionName: 'buckets' }),
  ]);
  const allocation = buckets.map(({ id, beneficiary, amount, start, duration }) => ({
    id: hexToString(id, { size: 32 }),
    beneficiary,
    amountWei: amount,
    start,
    durationSeconds: duration,
  }));
  const parts = allocation.map(({ id, amountWei }) => `${id} ${inOpen(amountWei)}`).join(', ');
  return {
    line: `${name} (${symbol}) at ${addresses.OpenToken}: supply ${inOpen(supplyWei)}; ${parts}.`,
    object: { name, symbol, address: addresses.OpenToken, supplyWei, allocation },
  };
}

async function balance(verb: VerbContext) {
  const { read, addresses } = verb.context;
  const address = addressOrOwn(verb, 'Whose balance?');
  const token = { address: addresses.OpenToken, abi: openTokenAbi, args: [address] } as const;
  const [balanceWei, votesWei] = await Promise.all([
    read.readContract({ ...token, functionName: 'balanceOf' }),
    read.readContract({ ...token, functionName: 'getVotes' }),
  ]);
  return {
    line: `${address} holds ${inOpen(balanceWei)} and carries ${inOpen(votesWei)} of votes.`,
    object: { address, balanceWei, votesWei },
  };
}

async function drip(verb: VerbContext) {
  const to = addressOrOwn(verb, 'Whose account?');
  const hash = await sandboxOpen(verb.context, to);
  return {
    line: `The sandbox gave ${inOpen(SANDBOX_OPEN_WEI)} to ${to}, in transaction ${hash}.`,
    object: { to, amountWei: SANDBOX_OPEN_WEI, hash },
  };
}

export const token = chainCommand(
  'token',
  'OPEN: supply, balances, transfer',
  {
    info: { usage: '', summary: 'supply and first distribution, from the contracts', run: info },
    balance: { usage: 'ADDRESS', summary: 'of an address, or of your key', run: balance },
    faucet: { usage: 'ADDRESS', summary: 'OPEN to try things with, for you or an address (sandbox)', run: drip },
    transfer: {
      usage: 'ADDRESS AMOUNT',
      summary: 'pays OPEN, or with --ether the coin of the chain',
      async run(context) {
        const to = word(context, 0, 'The recipient');
        const wei = amountWei(word(context, 1, 'The amount'));
        const what = option.flag(context.values, 'ether') ? 'ETH' : 'OPEN';
        return runAction(context, await transfer(context.context, { to, amountWei: wei, what }));
      },
    },
  },
  { ether: { type: 'boolean' } },
  '  --ether                transfer moves the coin of the chain, not OPEN\n',
);
