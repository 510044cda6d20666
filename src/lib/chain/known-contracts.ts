// The product's contracts with names, addresses and ABIs, to decode calls.

import { getContractAddress, parseAbi } from 'viem';
import { attributionCourtAbi } from './abi/attribution-court.ts';
import { datanetRegistryAbi } from './abi/datanet-registry.ts';
import { deviceAccountAbi } from './abi/device-account.ts';
import { attributionLedgerAbi } from './abi/attribution-ledger.ts';
import { influenceBookAbi } from './abi/influence-book.ts';
import { modelRegistryAbi } from './abi/model-registry.ts';
import { nodeRegistryAbi } from './abi/node-registry.ts';
import { openGovernorAbi } from './abi/open-governor.ts';
import { openTokenAbi } from './abi/open-token.ts';
import { payToAbi } from './abi/pay-to.ts';
import { questBoardAbi } from './abi/quest-board.ts';
import { seasonRewardsAbi } from './abi/season-rewards.ts';
import { settlementAbi } from './abi/settlement.ts';
import { stakedOpenAbi } from './abi/staked-open.ts';
import { timelockControllerAbi } from './abi/timelock-controller.ts';
import { workRewardsAbi } from './abi/work-rewards.ts';
import type { Addresses } from './deploy/plan.ts';
import type { KnownContract } from './wallet/explain-call.ts';

const ABIS = {
  OpenToken: openTokenAbi,
  StakedOpen: stakedOpenAbi,
  Settlement: settlementAbi,
  PayTo: payToAbi,
  NodeRegistry: nodeRegistryAbi,
  WorkRewards: workRewardsAbi,
  OpenGovernor: openGovernorAbi,
  DatanetRegistry: datanetRegistryAbi,
  ModelRegistry: modelRegistryAbi,
  InfluenceBook: influenceBookAbi,
  AttributionLedger: attributionLedgerAbi,
  AttributionCourt: attributionCourtAbi,
  QuestBoard: questBoardAbi,
  SeasonRewards: seasonRewardsAbi,
  DeviceAccount: deviceAccountAbi,
  TimelockController: timelockControllerAbi,
} as const;

const vestingAbi = parseAbi(['function release(address token)']);
/** Genesis creates these in this order. */
const VESTINGS = ['community', 'investors', 'team', 'ecosystem'];

export const knownContracts = (addresses: Addresses): KnownContract[] => [
  ...Object.entries(ABIS).map(([name, abi]) => ({ name, address: addresses[name as keyof typeof ABIS], abi })),
  ...VESTINGS.map((of, at) => ({
    name: `Vesting of ${of}`,
    address: getContractAddress({ from: addresses.Genesis, nonce: BigInt(at + 1) }),
    abi: vestingAbi,
  })),
];
