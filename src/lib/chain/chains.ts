// The supported chains as viem chains: names, ids and currencies. `embedded` runs inside the app, `devnet` on a local node;
// others come from configuration.

import { defineChain, type Chain } from 'viem';

/** The sandbox inside the app. Its id is part of every signing domain, so its signatures are not valid elsewhere. */
export const embedded = defineChain({
  id: 5_171_829,
  name: 'Payable sandbox',
  nativeCurrency: { name: 'Sandbox ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
  testnet: true,
});

/** A local node with its own id, so that signatures are not valid in both it and the sandbox. */
export const devnet = defineChain({
  id: 5_171_830,
  name: 'Payable devnet',
  nativeCurrency: { name: 'Devnet ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
  testnet: true,
});

export type ChainMode = 'embedded' | 'devnet' | 'l2';

/** The mode of a chain, which pages always show. @public */
export const chainMode = ({ id }: Pick<Chain, 'id'>): ChainMode =>
  id === embedded.id ? 'embedded' : id === devnet.id ? 'devnet' : 'l2';
