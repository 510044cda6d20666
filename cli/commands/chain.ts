// `payable chain`: state of the chain, accounts, free coins of the sandbox, deployment of the contracts.

import type { Address } from 'viem';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { faucet } from '#lib/chain/actions/sandbox/faucet.ts';
import { moveTime } from '#lib/chain/actions/sandbox/move-time.ts';
import { asTime } from '#lib/core/time-words.ts';
import { inEther, inOpen } from '#lib/chain/words/amount-words.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { planDeployment, type Addresses, type CreationCode } from '#lib/chain/deploy/plan.ts';
import { runDeployment } from '#lib/chain/deploy/run.ts';
import { addressOrOwn, chainCommand, word, type VerbContext } from '../chain/chain-command.ts';
import { UsageError } from '../errors.ts';

async function status({ context }: VerbContext) {
  const { mode, chain, read, addresses } = context;
  const head = await read.getBlock();
  const entries = Object.entries(addresses);
  const found = await Promise.all(entries.map(([, address]) => read.getCode({ address })));
  const missing = entries.filter((_, at) => (found[at] ?? '0x') === '0x').map(([name]) => name);
  const contracts = missing.length === 0 ? `all ${entries.length} contracts` : `${missing.length} contracts missing`;
  return {
    line: `${chain.name} (${mode}, chain ${chain.id}) at block ${head.number}; ${contracts}.`,
    object: {
      mode,
      chainId: chain.id,
      name: chain.name,
      block: head.number,
      timestamp: head.timestamp,
      missing,
      addresses,
    },
  };
}

async function balances({ read, addresses }: ChainContext, address: Address) {
  const balanceOf = { abi: openTokenAbi, functionName: 'balanceOf', args: [address] } as const;
  const [etherWei, openWei, stakedWei] = await Promise.all([
    read.getBalance({ address }),
    read.readContract({ address: addresses.OpenToken, ...balanceOf }),
    read.readContract({ address: addresses.StakedOpen, ...balanceOf }),
  ]);
  return { address, etherWei, openWei, stakedWei };
}

async function accounts({ context, account, parties }: VerbContext) {
  const known = Object.entries(parties ?? {}) as [string, Address][];
  if (account) known.unshift(['you', account.address]);
  if (known.length === 0) throw new UsageError('No account is known.', 'Give --key-file FILE, or set PAYABLE_KEY.');
  const found = await Promise.all(
    known.map(async ([name, address]) => ({ name, ...(await balances(context, address)) })),
  );
  const lines = found.map(
    ({ name, address, etherWei, openWei, stakedWei }) =>
      `${name} ${address}: ${inEther(etherWei)}, ${inOpen(openWei)}, ${inOpen(stakedWei)} staked`,
  );
  return { line: lines.join('\n'), object: { accounts: found } };
}

async function later(verb: VerbContext) {
  const { context } = verb;
  const seconds = word(verb, 0, 'The number of seconds');
  if (!/^[1-9]\d{0,11}$/.test(seconds)) {
    throw new UsageError(`"${seconds.slice(0, 40)}" is not a number of seconds.`, 'A day has 86400.');
  }
  const token = { address: context.addresses.OpenToken, abi: openTokenAbi, functionName: 'clock' } as const;
  await moveTime(context, BigInt(await context.read.readContract(token)) + BigInt(seconds));
  const { number, timestamp } = await context.read.getBlock();
  return { line: `It is ${asTime(timestamp)} now, in block ${number}.`, object: { block: number, timestamp } };
}

async function drip(verb: VerbContext) {
  const to = addressOrOwn(verb, 'Whose account?');
  const amountWei = await faucet(verb.context, to);
  return { line: `The sandbox gave ${inEther(amountWei)} to ${to}.`, object: { to, amountWei } };
}

async function deploy({ context, parties, signal }: VerbContext) {
  if (parties === null) {
    throw new UsageError('The description of the chain names no parties.', 'See docs/guides/run-an-l2.md.');
  }
  const plan = planDeployment(code as CreationCode, parties);
  const other = Object.entries(plan.addresses).find(
    ([name, address]) => context.addresses[name as keyof Addresses] !== address,
  );
  if (other) {
    throw new UsageError(
      `These parties put ${other[0]} at ${other[1]}; the addresses say otherwise.`,
      'Addresses hang on parties and code: write them anew with "npm run l2".',
    );
  }
  const clients = { reader: context.read, wallet: await context.signer() };
  const head = await context.read.getBlockNumber({ cacheTime: 0 });
  let transactions = 0;
  for await (const event of runDeployment(plan, clients, { signal })) {
    if (event.kind === 'done') ({ transactions } = event);
  }
  if (transactions === 0) {
    return { line: 'Everything stood already.', object: { transactions, addresses: plan.addresses } };
  }
  const fromBlock = Number(head) + 1;
  return {
    line: `Deployed in ${transactions} transactions, from block ${fromBlock} on.`,
    object: { transactions, fromBlock, addresses: plan.addresses },
  };
}

export const chain = chainCommand('chain', 'the chain: state, accounts, faucet, deployment', {
  status: { usage: '', summary: 'which chain this is, its head, and whether the contracts stand', run: status },
  accounts: { usage: '', summary: 'what you and the parties of the sandbox hold', run: accounts },
  faucet: { usage: 'ADDRESS', summary: 'free coins of the sandbox, for you or an address', run: drip },
  later: { usage: 'SECONDS', summary: 'moves the time of the sandbox or a devnet on', run: later },
  deploy: { usage: '', summary: 'puts what is missing of the contracts onto a devnet or an l2', run: deploy },
});
