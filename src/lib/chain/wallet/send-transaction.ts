// Sends calls as a transaction: fills in missing fields, requests approval, signs and sends. One call is sent directly; several
// become one EIP-7702 batch of the account itself. Following the transaction is left to `tx/`.

import {
  createClient,
  keccak256,
  type Address,
  type Chain,
  type Hex,
  type SignedAuthorization,
  type Transport,
} from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { estimateFeesPerGas, estimateGas, getCode, getTransactionCount, sendRawTransaction } from 'viem/actions';
import { batchTrial } from '../tx/batch-trial.ts';
import { revertDataOf } from '../tx/errors.ts';
import type { Approve, WalletCall } from './approval.ts';
import { batchData, delegationTo, isBatchCall } from '../tx/delegation.ts';
import { SigningRefusedError } from './errors.ts';
import type { InTurn } from './wallet-host.ts';
import type { SendRequest } from './wallet-params.ts';

/**
 * Gas limit of a batch whose account delegates in the same transaction, when the chain cannot simulate the delegation. Nothing is
 * signed before the user agrees to this bound; the actual fee is at most that.
 */
const FIRST_BATCH_GAS = 3_000_000n;

interface Parts {
  chain: Chain;
  transport: Transport;
  /** Address of DeviceAccount. */
  deviceAccount: Address;
  approve: Approve;
  /** The unlocked account; throws when the wallet is locked. */
  account(): PrivateKeyAccount;
  /** Runs `work` while no other tab holds the lock `name`. */
  inTurn: InTurn;
}

/** Whether the batch contract is deployed on the chain. */
export async function canBatch({
  chain,
  transport,
  deviceAccount,
}: Omit<Parts, 'approve' | 'account' | 'inTurn'>): Promise<boolean> {
  const code = await getCode(createClient({ chain, transport }), { address: deviceAccount });
  return code !== undefined && code !== '0x';
}

/** Returns the hash of the sent transaction. */
export async function sendTransaction(request: SendRequest, parts: Parts): Promise<Hex> {
  const { chain, transport, deviceAccount } = parts;
  const { from, calls } = request;
  const client = createClient({ chain, transport });
  const isBatch = calls.length > 1;
  const batch = calls.filter(isBatchCall);
  if (isBatch && batch.length < calls.length) {
    throw new SigningRefusedError('A contract cannot be deployed inside a batch.');
  }
  if (isBatch && !(await canBatch(parts))) {
    throw new SigningRefusedError(
      `${chain.name} has no batch contract, so several calls cannot happen together there.`,
    );
  }
  const code = isBatch ? await getCode(client, { address: from }) : undefined;
  const delegates = isBatch && code?.toLowerCase() !== delegationTo(deviceAccount);
  const call: WalletCall = isBatch ? { to: from, valueWei: 0n, data: batchData(batch) } : calls[0]!;
  const fields = { ...(call.to ? { to: call.to } : {}), value: call.valueWei, data: call.data };

  const nextNonce = async () =>
    request.nonce ?? (await getTransactionCount(client, { address: from, blockTag: 'pending' }));
  const fees = await estimateFeesPerGas(client, { chain, type: 'eip1559' });
  const maxFeePerGas = request.maxFeePerGas ?? fees.maxFeePerGas;
  const tip = request.maxPriorityFeePerGas ?? fees.maxPriorityFeePerGas;
  const maxPriorityFeePerGas = tip > maxFeePerGas ? maxFeePerGas : tip;
  const price = { maxFeePerGas, maxPriorityFeePerGas };
  const gasWith = async (authorizationList?: SignedAuthorization[]) =>
    estimateGas(client, {
      account: from,
      ...fields,
      ...price,
      nonce: await nextNonce(),
      ...(authorizationList ? { authorizationList } : {}),
    });

  /** Includes the authorisation's gas and a fifth on top, since the estimate after signing must not exceed it. */
  const gasOfFirstBatch = async (): Promise<bigint> => {
    const { stateOverride, moreGas } = await batchTrial(client, from, deviceAccount);
    try {
      const estimated = await estimateGas(client, { account: from, ...fields, stateOverride });
      return ((estimated + moreGas) * 6n) / 5n;
    } catch (error) {
      if (revertDataOf(error) !== undefined) throw error;
      return FIRST_BATCH_GAS;
    }
  };

  const gas = request.gas ?? (delegates ? await gasOfFirstBatch() : await gasWith());
  await parts.approve({
    kind: 'transaction',
    chainId: chain.id,
    from,
    calls,
    maxFeeWei: gas * maxFeePerGas,
    delegatesTo: delegates ? deviceAccount : null,
  });

  const account = parts.account();
  if (account.address !== from) throw new SigningRefusedError('The wallet was changed while this was asked.');
  // Read the nonce under the lock: another tab may have sent since approval.
  return parts.inTurn(`payable-send:${chain.id}:${from}`, async () => {
    const nonce = await nextNonce();
    const base = { ...fields, ...price, chainId: chain.id, nonce };
    if (!delegates) {
      return sendRaw(client, await account.signTransaction({ ...base, gas, type: 'eip1559' }));
    }
    // The account's own transaction uses a nonce first, so the authorisation needs the next one.
    const authorization = await account.signAuthorization({
      address: deviceAccount,
      chainId: chain.id,
      nonce: nonce + 1,
    });
    const needed = await gasWith([authorization]);
    if (needed > gas) throw new SigningRefusedError(`The batch needs ${needed} gas, more than was agreed to.`);
    const authorizationList = [authorization];
    return sendRaw(client, await account.signTransaction({ ...base, gas: needed, type: 'eip7702', authorizationList }));
  });
}

async function sendRaw(client: ReturnType<typeof createClient>, serializedTransaction: Hex): Promise<Hex> {
  try {
    return await sendRawTransaction(client, { serializedTransaction });
  } catch (error) {
    // The first attempt arrived, and only its response was lost.
    if (error instanceof Error && /already known/i.test(error.message)) return keccak256(serializedTransaction);
    throw error;
  }
}
