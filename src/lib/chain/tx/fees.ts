// What a transaction will cost: gas on this chain, and on an OP-Stack chain its data on the layer below and the operator's
// part. It quotes; it signs and sends nothing.

import { BaseError, ContractFunctionRevertedError, parseAbi, type Address, type Hex } from 'viem';
import { estimateL1Fee } from 'viem/op-stack';
import type { ChainContext } from '../context.ts';
import type { Trial } from './batch-trial.ts';

/** The call that is to be paid for. */
export interface Call {
  to: Address;
  data: Hex;
  valueWei: bigint;
}

export interface FeeQuote {
  gas: bigint;
  /** Gas at the price it will about have. */
  l2Wei: bigint;
  /** The data's place on the layer below, and the operator's part; 0 where there is no layer below. */
  l1Wei: bigint;
  operatorWei: bigint;
  /** The sandbox and a devnet quote the layer below as a rollup would, and take nothing for it. */
  belowIsCharged: boolean;
  /** What leaves the account. */
  totalWei: bigint;
}

/** The GasPriceOracle predeploy of every OP-Stack chain. */
const ORACLE: Address = '0x420000000000000000000000000000000000000F';
const operatorFeeAbi = parseAbi(['function getOperatorFee(uint256 gasUsed) view returns (uint256)']);

type Quoter = Pick<ChainContext, 'read' | 'mode'>;

/** Oracles from before Isthmus have no such function and their chains no such fee; any other failure is one. */
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
