// Carries out a deployment through any wallet. Reads from the chain what is deployed and does only what is missing, so that it
// can be interrupted and rerun.

import {
  encodeFunctionData,
  type Account,
  type Address,
  type Chain,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem';
import { accessManagerAbi } from '#lib/chain/abi/access-manager.ts';
import { DeployFailedError, MissingDeployerError, NotTheFounderError } from '../errors.ts';
import { CREATE2_DEPLOYER_ADDRESS, deployerCall, type DeployPlan, type PlannedContract } from './plan.ts';
import { wiringOf } from './wiring.ts';

export interface DeployClients {
  reader: PublicClient;
  wallet: WalletClient<Transport, Chain, Account>;
}

export type DeployEvent =
  | { kind: 'found' | 'deployed'; contract: PlannedContract }
  | { kind: 'wired'; what: readonly string[] }
  | { kind: 'done'; transactions: number };

/**
 * Deploys what the plan has and the chain has not, then wires and hands over.
 * @throws MissingDeployerError when the chain has no deterministic deployer.
 * @throws NotTheFounderError when wiring is left to do and the wallet is not the founder's.
 * @throws DeployFailedError when a transaction reverts or leaves no contract behind.
 */
export async function* runDeployment(
  plan: DeployPlan,
  { reader, wallet }: DeployClients,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<DeployEvent, void> {
  const hasCode = async (address: Address) => ((await reader.getCode({ address })) ?? '0x') !== '0x';
  let transactions = 0;
  const send = async (what: string, to: Address, data: Hex) => {
    signal?.throwIfAborted();
    const hash = await wallet.sendTransaction({ to, data });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    if (receipt.status !== 'success') throw new DeployFailedError(what, hash);
    transactions += 1;
    return hash;
  };

  if (!(await hasCode(CREATE2_DEPLOYER_ADDRESS))) throw new MissingDeployerError(CREATE2_DEPLOYER_ADDRESS);
  for (const contract of plan.contracts) {
    const found = await hasCode(contract.address);
    if (!found) {
      const hash = await send(contract.name, CREATE2_DEPLOYER_ADDRESS, deployerCall(contract));
      if (!(await hasCode(contract.address))) throw new DeployFailedError(contract.name, hash);
    }
    yield { kind: found ? 'found' : 'deployed', contract };
  }

  const wiring = wiringOf(plan);
  // After the hand-over governance owns the roles; its later changes must not be undone.
  const handedOver = await wiring.at(-1)!.done(reader);
  const open = handedOver ? wiring.slice(0, 1) : wiring;
  const left = [];
  for (const call of open) if (!(await call.done(reader))) left.push(call);
  if (left.length > 0 && wallet.account.address !== plan.parties.founder) {
    throw new NotTheFounderError(wallet.account.address, plan.parties.founder);
  }
  const manager = plan.addresses.AccessManager;
  for (const { what, to, data } of left.filter((call) => call.to !== manager)) {
    await send(what, to, data);
    yield { kind: 'wired', what: [what] };
  }
  const roles = left.filter((call) => call.to === manager);
  if (roles.length > 0) {
    const args = [roles.map(({ data }) => data)] as const;
    await send('the roles', manager, encodeFunctionData({ abi: accessManagerAbi, functionName: 'multicall', args }));
    yield { kind: 'wired', what: roles.map(({ what }) => what) };
  }
  yield { kind: 'done', transactions };
}
