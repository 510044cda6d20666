// On which chain the app stands: the sandbox first, unless an operator built the app for a chain of their own.

import * as configured from '$env/static/public';
import { devnet, embedded } from '#lib/chain/chains.ts';
import { parseChainConfig } from '#lib/chain/parse-chain-config.ts';
import { ChainModeState } from '#lib/state/chain-mode.svelte.ts';
import { localStorageOrNull } from './local-storage.ts';

const text = (configured as Record<string, string | undefined>)['PUBLIC_PAYABLE_CHAIN'];
const own = text ? parseChainConfig(JSON.parse(text)) : null;

export const chainModeState = new ChainModeState(
  own ? [own, embedded, devnet] : [embedded, devnet],
  localStorageOrNull(),
);
