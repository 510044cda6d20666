// The rules of the embedded chain: hardfork, limits, fees. They equal those of
// `anvil --hardfork osaka --enable-tx-gas-limit` with its default gas limit and base fee, so gas and fees agree.

import { createCustomCommon, Hardfork, Mainnet, type Common } from '@ethereumjs/common';

/** Gas of one block; EIP-7825 limits one transaction to less. */
export const BLOCK_GAS_LIMIT = 30_000_000n;
/** EIP-7825: the most gas one transaction may ask for. */
export const TX_GAS_LIMIT = 16_777_216n;
/** Bytes of one signed transaction, as geth's pool limits it. */
export const MAX_TX_BYTES = 128 * 1024;
export const INITIAL_BASE_FEE_WEI = 1_000_000_000n;
/** Result of `eth_maxPriorityFeePerGas`; the chain accepts 0, too. */
export const SUGGESTED_TIP_WEI = 1_000_000_000n;

export const createRules = (chainId: number): Common =>
  createCustomCommon({ chainId, name: 'payable-embedded' }, Mainnet, { hardfork: Hardfork.Osaka });

interface FeeParent {
  number: bigint;
  gasLimit: bigint;
  gasUsed: bigint;
  baseFeeWei: bigint;
}

/**
 * Base fee of the block after `parent` (EIP-1559: changes by at most an eighth; divisions round down). The block after genesis
 * keeps the genesis fee, like anvil.
 */
export function nextBaseFeeWei({ number, gasLimit, gasUsed, baseFeeWei }: FeeParent): bigint {
  const target = gasLimit / 2n;
  if (number === 0n || gasUsed === target) return baseFeeWei;
  if (gasUsed > target) {
    const rise = (baseFeeWei * (gasUsed - target)) / target / 8n;
    return baseFeeWei + (rise > 1n ? rise : 1n);
  }
  const fall = (baseFeeWei * (target - gasUsed)) / target / 8n;
  return baseFeeWei - fall;
}
