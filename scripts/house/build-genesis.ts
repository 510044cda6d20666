// The accounts the embedded chain begins with: what is on every chain before anyone deploys.

import { embedded } from '#lib/chain/chains.ts';
import { CREATE2_DEPLOYER, type Genesis } from '#lib/chain/embedded/genesis.ts';

/** 1 January 2026, 00:00 UTC: before any clock the app will run under. */
const TIMESTAMP = 1_767_225_600;

export async function buildGenesis(): Promise<Genesis> {
  return { format: 'payable/genesis@1', chainId: embedded.id, timestamp: TIMESTAMP, accounts: [CREATE2_DEPLOYER] };
}
