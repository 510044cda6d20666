// The product's contracts by name, where they lie and how they are called. For decoding only.

import { datanetRegistryAbi } from './abi/datanet-registry.ts';
import { deviceAccountAbi } from './abi/device-account.ts';
import { attributionLedgerAbi } from './abi/attribution-ledger.ts';
import { modelRegistryAbi } from './abi/model-registry.ts';
import { nodeRegistryAbi } from './abi/node-registry.ts';
import { openGovernorAbi } from './abi/open-governor.ts';
import { openTokenAbi } from './abi/open-token.ts';
import { seasonRewardsAbi } from './abi/season-rewards.ts';
import { settlementAbi } from './abi/settlement.ts';
import { stakedOpenAbi } from './abi/staked-open.ts';
import type { Addresses } from './deploy/plan.ts';
import type { KnownContract } from './wallet/explain-request.ts';

const ABIS = {
  OpenToken: openTokenAbi,
  StakedOpen: stakedOpenAbi,
  Settlement: settlementAbi,
  NodeRegistry: nodeRegistryAbi,
  OpenGovernor: openGovernorAbi,
  DatanetRegistry: datanetRegistryAbi,
  ModelRegistry: modelRegistryAbi,
  AttributionLedger: attributionLedgerAbi,
  SeasonRewards: seasonRewardsAbi,
  DeviceAccount: deviceAccountAbi,
} as const;

export const knownContracts = (addresses: Addresses): KnownContract[] =>
  Object.entries(ABIS).map(([name, abi]) => ({ name, address: addresses[name as keyof typeof ABIS], abi }));
