// Estimates the cost of a transaction: gas, and on an OP-Stack chain the L1 data fee and the operator fee.

import { BaseError, ContractFunctionRevertedError, parseAbi, type Address, type Hex } from 'viem';
import { estimateL1Fee } from 'viem/op-stack';
import type { ChainContext } from '../context.ts';
import type { Trial } from './batch-trial.ts';

/** The call to estimate. */
export interface Call {
  to: Address;
  data: Hex;
  valueWei: bigint;
}

export interface FeeQuote {
  gas: bigint;
  /** Gas at the expected price. */
  l2Wei: bigint;
  /** L1 data fee, followed by the operator fee; 0 when there is no L1. */
  l1Wei: bigint;
  operatorWei: bigint;
  /** False in the sandbox and on a devnet, which estimate L1 costs like a rollup but do not charge them. */
  belowIsCharged: boolean;
  /** Total taken from the account. */
  totalWei: bigint;
}

/** The GasPriceOracle predeploy of every OP-Stack chain. */
const ORACLE: Address = '0x420000000000000000000000000000000000000F';
const operatorFeeAbi = parseAbi(['function getOperatorFee(uint256 gasUsed) view returns (uint256)']);

type Quoter = Pick<ChainContext, 'read' | 'mode'>;

/** Oracles from before Isthmus lack this function, and their chains have no such fee. Other failures are errors. */
async function operatorFee(read: ChainContext['read'], gas: bigint): Promise<bigint> {
  try {
    return await read.readContract({
      address: ORACLE,
      abi: operatorFeeAbi,
      functionName: 'getOperatorFee',
      args: [gas],
    });
  } catch (error) {
    if (error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError)) return 0n;
    throw error;
  }
}

/** Formulas: docs.optimism.io, "Transaction fees": L2 gas, Fjord L1 data fee, Isthmus operator fee. */
export async function quoteFee(
  { read, mode }: Quoter,
  from: Address,
  call: Call,
  { stateOverride, moreGas = 0n }: Trial = {},
): Promise<FeeQuote> {
  const { to, data, valueWei: value } = call;
  const [estimated, gasPrice, oracle] = await Promise.all([
    read.estimateGas({ account: from, to, data, value, ...(stateOverride ? { stateOverride } : {}) }),
    read.getGasPrice(),
    read.getCode({ address: ORACLE }),
  ]);
  const gas = estimated + moreGas;
  const l2Wei = gas * gasPrice;
  const below = { l1Wei: 0n, operatorWei: 0n };
  if (oracle !== undefined && oracle !== '0x') {
    const request = { account: from, to, data, value, gasPriceOracleAddress: ORACLE, chain: read.chain! };
    [below.l1Wei, below.operatorWei] = await Promise.all([estimateL1Fee(read, request), operatorFee(read, gas)]);
  }
  const belowIsCharged = mode === 'l2';
  const totalWei = l2Wei + (belowIsCharged ? below.l1Wei + below.operatorWei : 0n);
  return { gas, l2Wei, ...below, belowIsCharged, totalWei };
}
