// The chains this product speaks to, as viem chains. It knows names, ids and currencies; not who serves them:
// `embedded` is answered inside the app, `devnet` by a local node, everything else by configuration.

import { defineChain, type Chain } from 'viem';

/** The sandbox inside the app. Its id appears in every signing domain, so its signatures are worthless elsewhere. */
export const embedded = defineChain({
  id: 5_171_829,
  name: 'Payable sandbox',
  nativeCurrency: { name: 'Sandbox ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
  testnet: true,
});

/** A local node with its own id, so that sandbox signatures mean nothing there and the other way round. */
export const devnet = defineChain({
  id: 5_171_830,
  name: 'Payable devnet',
  nativeCurrency: { name: 'Devnet ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
  testnet: true,
});

export type ChainMode = 'embedded' | 'devnet' | 'l2';

/**
 * Which of the three modes a chain belongs to; the page always shows it.
 * @public
 */
export const chainMode = ({ id }: Pick<Chain, 'id'>): ChainMode =>
  id === embedded.id ? 'embedded' : id === devnet.id ? 'devnet' : 'l2';
