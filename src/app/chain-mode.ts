// Which chains the app offers: the sandbox first, unless the operator built the app for a chain of their own.

import * as configured from '$env/static/public';
import { devnet, embedded } from '#lib/chain/chains.ts';
import { parseChainConfig } from '#lib/chain/parse-chain-config.ts';
import { parseChainContracts, SHIPPED_CONTRACTS, type ChainContracts } from '#lib/chain/parse-chain-contracts.ts';
import { ChainModeState } from '#lib/state/chain-mode.svelte.ts';
import { localStorageOrNull } from './local-storage.ts';

const text = (configured as Record<string, string | undefined>)['PUBLIC_PAYABLE_CHAIN'];
const described = text ? (JSON.parse(text) as unknown) : null;
const own = described === null ? null : parseChainConfig(described);
const ownContracts = described === null ? null : parseChainContracts(described);

export const chainModeState = new ChainModeState(
  own ? [own, embedded, devnet] : [embedded, devnet],
  localStorageOrNull(),
);

/** The contracts' addresses on one of the app's chains. */
export const contractsOn = (chainId: number): ChainContracts =>
  ownContracts !== null && chainId === own?.id ? ownContracts : SHIPPED_CONTRACTS;
