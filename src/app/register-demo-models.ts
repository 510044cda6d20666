// Registers the adapters that come with the app on the sandbox chain, so that there are models to look at. The account that does it has a
// public key, so the user signs nothing. Every other chain is refused.

import { createWalletClient, custom, parseEther } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { faucet } from '#lib/chain/actions/sandbox/faucet.ts';
import { SANDBOX_PHRASE } from '#lib/chain/actions/sandbox/sandbox-open.ts';
import { BadInputError } from '#lib/chain/input.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import { TransactionFailedError } from '#lib/chain/tx/errors.ts';
import { runPlan, type TxHost } from '#lib/chain/tx/run.ts';
import { createMemoryTxStore } from '#lib/chain/tx/store.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { planPublication, type PublicationInput } from '#lib/flows/plan-publication.ts';
import { publishAdapter } from '#lib/flows/publish-adapter.ts';
import { citationsOf } from '#lib/flows/publishing/read-training.ts';
import { readDatanetIndex } from '#lib/datanets/published/datanet-index.ts';
import { composeDatanets } from './compose-datanets.ts';
import { composeModels, DEMO_BASE, DEMO_LICENCE, demoFolder } from './compose-models.ts';
import { composeWallet } from './compose-wallet.ts';
import { shippedDatanets } from './shipped-datanets.ts';

/** After those of deploy/sandbox-parties.ts. */
const PUBLISHER_INDEX = 7;
const PRICES = { perCallWei: parseEther('0.01'), per1kTokensWei: 0n };
const PARTS = { devBps: 4000, dataBps: 4000, nodeBps: 2000 };

/** Yields the name of each adapter before it is registered. What is registered already is not registered again. */
export async function* registerDemoModels(
  signal: AbortSignal,
): AsyncGenerator<{ name: string; at: number; of: number }> {
  const { planning, openBase, readDemo } = composeModels();
  const { rows } = composeWallet();
  const datanets = await composeDatanets().context();
  const account = mnemonicToAccount(SANDBOX_PHRASE, { addressIndex: PUBLISHER_INDEX });
  const { chain: own } = datanets;
  if (own.mode !== 'embedded') throw new BadInputError('Registering the demo models', 'is part of the sandbox only');
  if ((await own.read.getBalance({ address: account.address })) < parseEther('1')) await faucet(own, account.address);
  const signer = createWalletClient({ account, chain: own.chain, transport: custom(own.read) });
  const chain: ChainContext = { ...own, signer: async () => signer, ready: async () => signer };
  // Its transactions are not resumed after a reload: a repetition finds what is registered.
  const host: TxHost = { store: createMemoryTxStore(), now: () => Date.now(), newId: () => crypto.randomUUID() };
  const run = async (plan: ActionPlan) => {
    for await (const { state, explanation } of runPlan(chain, plan, host, { signal }))
      if ('failure' in state) throw new TransactionFailedError(explanation, state.failure);
    return true;
  };
  const context = { ...datanets, chain, pinners: [], run, underWay: async () => [] };
  const base: PublicationInput['base'] = { ...(await openBase(DEMO_BASE, signal)), licence: DEMO_LICENCE };
  const { adapters } = await readDemo(signal);
  const entries = await readDatanetIndex(shippedDatanets, signal);
  for (const [at, { id, name, description, path }] of adapters.entries()) {
    yield { name, at, of: adapters.length };
    await rows.refresh();
    const source = entries.find((one) => one.id === id);
    const sources = source
      ? [{ name, id: source.manifest.toString(), rows: source.rows, licence: '', leaves: '' }]
      : [];
    const input: PublicationInput = {
      ...{
        base,
        adapter: demoFolder(`${path}/`),
        name,
        description,
        licence: 'CC-BY-4.0',
        parent: null,
        training: null,
      },
      data: citationsOf(sources, rows.tables?.datanetVersions ?? []).data,
      as: { terms: { payout: account.address, ...PARTS }, ...PRICES },
      account: account.address,
    };
    for await (const event of planPublication({ ...(await planning()), chain }, input, { signal }))
      if (event.type === 'planned') for await (const _ of publishAdapter(context, event.plan, { signal }));
  }
  await rows.refresh();
}
