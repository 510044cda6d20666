// The sandbox with model 1 on it, as a file that the app can bring in.

import { keccak256, parseEther, stringToHex, type Address, type Hex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { expect } from 'vitest';
import { modelRegistryAbi } from '#lib/chain/abi/model-registry.ts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { publishModel } from '#lib/chain/actions/models/publish-model.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { toHex } from '#lib/core/bytes.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { contextOver, runToEnd } from './chain-context.ts';
import type { Packed } from './datanets.ts';
import { createSandbox } from './sandbox.ts';

const maker = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const digest = (text: string) => keccak256(stringToHex(text));

interface Made {
  /** The rows that version 2 cites. */
  cites: Packed;
  /** The digest of version 2's manifest. */
  manifest: Hex;
  /** Is given the model in the end. */
  owner: Address;
}

/** Model 1 costs 0.5 OPEN a call. With `made` it has a second version, which cites Datanet 1 and was paid 10 OPEN for a call. */
export async function sandboxWithModel(made?: Made): Promise<Buffer> {
  const sandbox = await createSandbox(Date.now);
  await sandbox.giveEther(maker.address);
  const context = contextOver(sandbox.transport, maker);
  const done = async (plan: Promise<ActionPlan>) => {
    for (const { state } of await runToEnd(context, await plan)) expect(state).toMatchObject({ status: 'safe' });
  };
  await done(addBase(context, { family: 'llama', architecture: digest('config'), licence: 11 }));
  const [devBps, dataBps] = made ? [5000, 3000] : [8000, 0];
  const terms = { payout: maker.address, devBps, dataBps, nodeBps: 2000 };
  const digests = { adapter: digest('adapter'), manifest: digest('manifest') };
  const first = { ...digests, rank: 8, sizeKiB: 1, quant: 0, parent: null, refs: [] };
  const prices = { perCallWei: parseEther('0.5'), per1kTokensWei: 0n };
  await done(registerModel(context, { base: 1, licence: 11, terms, first, ...prices }));
  if (made) {
    const { version, contributors, cid } = made.cites;
    const rules = { licence: 2, curatorBps: 0, isOpen: true, minStakeOpen: 0, tags: [] };
    await done(createDatanet(context, { meta: digest('about'), ...rules }));
    const roots = { rowsRoot: version.rowRoot, sharesRoot: sharesRoot(contributors) };
    const published = { manifest: toHex(cid.multihash.digest), ...roots, rows: version.stats.rows, parent: 0 };
    await done(publishDatanet(context, { datanet: 1n, ...published }));
    const sources = { parent: { model: 1n, version: 1 }, refs: [{ datanet: 1n, version: 1, weight: 1 }] };
    const next = { ...first, ...sources, adapter: digest('adapter 2'), manifest: made.manifest };
    await done(publishModel(context, { model: 1n, release: next }));
    const call = { model: 1n, version: 2, node: maker.address, amountWei: parseEther('10'), callHash: digest('call') };
    await done(invoke(context, call));
    const signer = await context.signer();
    const registry = { address: context.addresses.ModelRegistry, abi: modelRegistryAbi } as const;
    const args = [maker.address, made.owner, 1n] as const;
    await signer.writeContract({ ...registry, functionName: 'transferFrom', args });
  }
  return Buffer.from(await sandbox.node.exportChain());
}
