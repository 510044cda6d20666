// Simulates transactions: `eth_call` and `eth_estimateGas`. Runs on the head's state inside a checkpoint that is always reverted.

import { createBlock } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import type { EVMResult } from '@ethereumjs/evm';
import { createTx, type TypedTxData } from '@ethereumjs/tx';
import {
  createAccount,
  bytesToHex,
  createAddressFromString,
  hexToBytes,
  type EOACode7702AuthorizationListItem,
} from '@ethereumjs/util';
import { runTx, type RunTxResult } from '@ethereumjs/vm';
import type { AccessList, Hex } from 'viem';
import { refused, rejected, RPC_CODES, RpcFailure } from '../errors.ts';
import type { Chain } from './chain.ts';
import { headerAfter } from './execute-block.ts';
import { TX_GAS_LIMIT } from './rules.ts';

export interface CallRequest {
  from: Hex;
  to: Hex | null;
  data: Hex;
  valueWei: bigint;
  /** Gas limit; undefined means the most that a transaction may have. */
  gas: bigint | undefined;
  /** Gas price that the sender offers; 0n when not given. */
  feeCapWei: bigint;
  accessList: AccessList;
  /** Signed EIP-7702 authorisations that take effect first. */
  authorizations: EOACode7702AuthorizationListItem[];
  /** Code overrides of accounts. */
  codes: readonly { address: Hex; code: Hex }[];
}

const nextBlock = (chain: Chain, common: Common, timestamp: bigint) =>
  // No base fee: otherwise an account without coins could not simulate.
  createBlock({ header: { ...headerAfter(chain.head().header, timestamp), baseFeePerGas: 0n } }, { common });

const poor = (balanceWei: bigint, costWei: bigint) =>
  rejected(`insufficient funds for gas * price + value: balance ${balanceWei}, tx cost ${costWei}`);

const putCodes = async ({ state }: Chain, { codes }: CallRequest): Promise<void> => {
  for (const { address, code } of codes) await state.putCode(createAddressFromString(address), hexToBytes(code));
};

/** Runs `request` as a whole transaction with `gas` in the next block, and reverts it. */
function tryTransaction(chain: Chain, request: CallRequest, gas: bigint, timestamp: bigint): Promise<RunTxResult> {
  const sender = createAddressFromString(request.from);
  return chain.undone(async (vm) => {
    const { common } = vm;
    await putCodes(chain, request);
    const account = (await chain.state.getAccount(sender)) ?? createAccount({});
    if (account.balance < request.valueWei) throw poor(account.balance, request.valueWei);
    const fields = {
      nonce: account.nonce,
      gasLimit: gas,
      value: request.valueWei,
      data: request.data,
      chainId: common.chainId(),
      accessList: request.accessList.map(({ address, storageKeys }) => ({ address, storageKeys: [...storageKeys] })),
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      ...(request.to ? { to: request.to } : {}),
    };
    const data: TypedTxData =
      request.authorizations.length > 0
        ? { ...fields, type: 4, authorizationList: request.authorizations }
        : { ...fields, type: 2 };
    try {
      const tx = createTx(data, { common, freeze: false });
      // The sender needs no signature here, since nothing is kept.
      tx.getSenderAddress = () => sender;
      return await runTx(vm, { tx, block: nextBlock(chain, common, timestamp) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const low = /minimum gas limit of (\d+)/.exec(message);
      if (low) throw rejected(`intrinsic gas too low: have ${gas}, want ${low[1]}`);
      if (message.includes('EIP-3607')) throw rejected('sender not an eoa: the account has code of its own');
      throw error;
    }
  });
}

/** A failed run as a JSON-RPC error, with the contract's return data. */
function failureOf({ execResult }: EVMResult, gas: bigint): RpcFailure | undefined {
  const what = execResult.exceptionError?.error;
  if (what === undefined) return undefined;
  if (what === 'revert') {
    return new RpcFailure(RPC_CODES.reverted, 'execution reverted', bytesToHex(execResult.returnValue));
  }
  if (what === 'insufficient balance') return rejected('insufficient funds for gas * price + value');
  if (what === 'out of gas') return refused(`gas required exceeds allowance (${gas})`);
  return refused(`execution failed: ${what}`);
}

const allowance = ({ gas }: CallRequest): bigint => (gas === undefined || gas > TX_GAS_LIMIT ? TX_GAS_LIMIT : gas);

/** The call's return data; for a creation, the code it would deploy. Any address may be the caller, even a contract. */
export async function callContract(chain: Chain, request: CallRequest, timestamp: bigint): Promise<Hex> {
  const gas = allowance(request);
  const result =
    request.authorizations.length > 0
      ? await tryTransaction(chain, request, gas, timestamp)
      : await chain.undone(async (vm) => {
          await putCodes(chain, request);
          return vm.evm.runCall({
            block: nextBlock(chain, vm.common, timestamp),
            caller: createAddressFromString(request.from),
            ...(request.to ? { to: createAddressFromString(request.to) } : {}),
            data: hexToBytes(request.data),
            value: request.valueWei,
            gasLimit: gas,
            gasPrice: 0n,
          });
        });
  const failure = failureOf(result, gas);
  if (failure) throw failure;
  return bytesToHex(result.execResult.returnValue);
}

/**
 * Gas limit for a transaction. A plain transfer needs exactly its cost; all else gets (spent + refund) · 65/64 + 2300, rounded
 * down, because a call passes on 63/64 of its gas and refunds come last; if that proves too little, a fifth more each time.
 */
export async function estimateGas(chain: Chain, request: CallRequest, timestamp: bigint): Promise<bigint> {
  const most = allowance(request);
  const first = await tryTransaction(chain, request, most, timestamp);
  const failure = failureOf(first, most);
  if (failure) throw failure;
  const { totalGasSpent, gasRefund, execResult } = first;
  // At most a fifth of the gas used is refunded, which is a quarter of what remains after the refund.
  const spent = totalGasSpent + (gasRefund < totalGasSpent / 4n ? gasRefund : totalGasSpent / 4n);
  let gas = spent;
  if (execResult.executionGasUsed > 0n) {
    gas = (spent * 65n) / 64n + 2300n;
    while (gas < most && (await tryTransaction(chain, request, gas, timestamp)).execResult.exceptionError) {
      gas = (gas * 6n) / 5n;
    }
    if (gas > most) gas = most;
  }
  await checkFunds(chain, request, gas);
  return gas;
}

/** Fails early when the sender cannot pay the offered price; skipped without an offer. */
async function checkFunds(chain: Chain, { from, valueWei, feeCapWei }: CallRequest, gas: bigint): Promise<void> {
  if (feeCapWei === 0n) return;
  const balanceWei = (await chain.state.getAccount(createAddressFromString(from)))?.balance ?? 0n;
  const costWei = valueWei + gas * feeCapWei;
  if (balanceWei < costWei) throw poor(balanceWei, costWei);
}
