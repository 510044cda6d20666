// Parses an operator's description of an L2.

import { defineChain, type Chain } from 'viem';
import { chainConfig } from 'viem/op-stack';
import { devnet, embedded } from './chains.ts';
import { ChainConfigError } from './errors.ts';

const text = (config: Record<string, unknown>, field: string, max: number): string => {
  const value = config[field];
  if (typeof value !== 'string' || value.length === 0 || value.length > max) {
    throw new ChainConfigError(field, `must be a text of 1 to ${max} characters`);
  }
  return value;
};

const url = (config: Record<string, unknown>, field: string): string => {
  const value = text(config, field, 500);
  const parsed = URL.parse(value);
  const local = parsed !== null && ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname);
  if (parsed?.protocol !== 'https:' && !(local && parsed.protocol === 'http:')) {
    throw new ChainConfigError(field, 'must be an https URL (http only for localhost)');
  }
  if (parsed.username || parsed.password) throw new ChainConfigError(field, 'must not carry a name or password');
  return value;
};

/**
 * Parses `{ id, name, currency?, rpcUrl, explorerUrl?, testnet?, opStack? }` into a viem chain. For the OP Stack it adds the
 * system contracts and the formatters of receipts and transactions. Refuses the ids of the sandbox and the devnet: signatures
 * made there would be valid here.
 */
export function parseChainConfig(value: unknown): Chain {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ChainConfigError('(whole)', 'must be an object');
  }
  const config = value as Record<string, unknown>;
  const { id } = config;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) {
    throw new ChainConfigError('id', 'must be a whole number from 1');
  }
  if (id === embedded.id || id === devnet.id) {
    throw new ChainConfigError('id', `${id} belongs to the sandbox or the devnet`);
  }
  const symbol = config['currency'] === undefined ? 'ETH' : text(config, 'currency', 12);
  const { testnet = false, opStack = false } = config;
  if (typeof testnet !== 'boolean') throw new ChainConfigError('testnet', 'must be true or false');
  if (typeof opStack !== 'boolean') throw new ChainConfigError('opStack', 'must be true or false');
  const name = text(config, 'name', 60);
  return defineChain({
    ...(opStack ? chainConfig : {}),
    id,
    name,
    nativeCurrency: { name: symbol, symbol, decimals: 18 },
    rpcUrls: { default: { http: [url(config, 'rpcUrl')] } },
    ...(config['explorerUrl'] === undefined
      ? {}
      : { blockExplorers: { default: { name: `${name} explorer`, url: url(config, 'explorerUrl') } } }),
    testnet,
  });
}
