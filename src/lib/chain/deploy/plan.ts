// The deployment plan: contracts in order, with their constructor arguments and the resulting addresses. It is the same on every
// chain, since it depends on the CREATE2 deployer and the parties only.

import {
  concatHex,
  encodeDeployData,
  getContractAddress,
  parseEther,
  zeroAddress,
  zeroHash,
  type Abi,
  type Address,
  type ContractConstructorArgs,
  type Hex,
} from 'viem';
import { accessManagerAbi } from '#lib/chain/abi/access-manager.ts';
import { attributionCourtAbi } from '#lib/chain/abi/attribution-court.ts';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { dataCommitmentsAbi } from '#lib/chain/abi/data-commitments.ts';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { deviceAccountAbi } from '#lib/chain/abi/device-account.ts';
import { genesisAbi } from '#lib/chain/abi/genesis.ts';
import { influenceBookAbi } from '#lib/chain/abi/influence-book.ts';
import { modelRegistryAbi } from '#lib/chain/abi/model-registry.ts';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { nodeWorkedAbi } from '#lib/chain/abi/node-worked.ts';
import { openGovernorAbi } from '#lib/chain/abi/open-governor.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { payToAbi } from '#lib/chain/abi/pay-to.ts';
import { questBoardAbi } from '#lib/chain/abi/quest-board.ts';
import { seasonRewardsAbi } from '#lib/chain/abi/season-rewards.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { timelockControllerAbi } from '#lib/chain/abi/timelock-controller.ts';
import { votesSumAbi } from '#lib/chain/abi/votes-sum.ts';
import { workRewardsAbi } from '#lib/chain/abi/work-rewards.ts';

/** Nick's deployer: takes a salt and creation code, which alone determine the contract's address. */
export const CREATE2_DEPLOYER_ADDRESS: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

const SALT = zeroHash;
const TIMELOCK_SECONDS = 172_800n;
/** In which a proposal can be questioned; all times of attribution follow from it. */
const WINDOW_SECONDS = 172_800n;
const NODE_QUEST_STAKE_WEI = parseEther('1000');
/** Protocol fees that the quest asks for: those of about 10 OPEN paid for calls. */
const NODE_QUEST_WORK_WEI = parseEther('0.3');

export type ContractName =
  | 'AccessManager'
  | 'TimelockController'
  | 'Genesis'
  | 'OpenToken'
  | 'NodeRegistry'
  | 'VotesSum'
  | 'OpenGovernor'
  | 'DatanetRegistry'
  | 'ModelRegistry'
  | 'InfluenceBook'
  | 'AttributionLedger'
  | 'Settlement'
  | 'AttributionCourt'
  | 'QuestBoard'
  | 'SeasonRewards'
  | 'NodeWorked'
  | 'WorkRewards'
  | 'PayTo'
  | 'DeviceAccount'
  | 'DataCommitments';

/** Creation code without constructor arguments, by name, as `init-code.json` has it. */
export type CreationCode = Readonly<Record<ContractName, Hex>>;

/** Accounts that hold roles or tokens. Other parties give other addresses. */
export interface Parties {
  /** Wires the roles and hands everything over to the Timelock; keeps no role. */
  founder: Address;
  /** May pause entries, hold the court's clocks and veto proposals, each a few times and for two years. */
  guardian: Address;
  /** Awards points. */
  issuer: Address;
  investors: Address;
  team: Address;
  liquidity: Address;
}

export interface PlannedContract {
  name: ContractName;
  address: Address;
  /** Input of the deployer after the salt: creation code and encoded arguments. */
  initCode: Hex;
  constructorArgs: readonly unknown[];
}

/** All addresses by name; the NodeRegistry deploys sOPEN. */
export type Addresses = Readonly<Record<ContractName | 'StakedOpen', Address>>;

export interface DeployPlan {
  parties: Parties;
  /** In deployment order: a contract comes after those in its arguments. */
  contracts: readonly PlannedContract[];
  addresses: Addresses;
}

/** Call data for the deployer. */
export const deployerCall = ({ initCode }: PlannedContract): Hex => concatHex([SALT, initCode]);

/** Plans the whole deployment; nothing in it depends on the chain. */
export function planDeployment(code: CreationCode, parties: Parties): DeployPlan {
  const contracts: PlannedContract[] = [];
  const place = <const TAbi extends Abi>(name: ContractName, abi: TAbi, args: ContractConstructorArgs<TAbi>) => {
    const wide: Abi = abi;
    const constructorArgs = (args ?? []) as readonly unknown[];
    const initCode = encodeDeployData({ abi: wide, bytecode: code[name], args: constructorArgs });
    const from = { opcode: 'CREATE2', from: CREATE2_DEPLOYER_ADDRESS, salt: SALT } as const;
    const address = getContractAddress({ ...from, bytecode: initCode });
    contracts.push({ name, address, initCode, constructorArgs });
    return address;
  };

  const manager = place('AccessManager', accessManagerAbi, [parties.founder]);
  // Anyone may execute a queued operation; only the governor may propose one, once it is wired.
  const timelock = place('TimelockController', timelockControllerAbi, [
    TIMELOCK_SECONDS,
    [],
    [zeroAddress],
    parties.founder,
  ]);
  const { investors, team, liquidity } = parties;
  const genesis = place('Genesis', genesisAbi, [{ treasury: timelock, investors, team, liquidity }]);
  const open = place('OpenToken', openTokenAbi, [genesis]);
  const nodes = place('NodeRegistry', nodeRegistryAbi, [open, manager]);
  const staked = getContractAddress({ from: nodes, nonce: 1n });
  const votes = place('VotesSum', votesSumAbi, [open, staked]);
  place('OpenGovernor', openGovernorAbi, [votes, timelock, manager, parties.guardian]);
  const datanets = place('DatanetRegistry', datanetRegistryAbi, [manager, staked]);
  const models = place('ModelRegistry', modelRegistryAbi, [manager, datanets]);
  const window = WINDOW_SECONDS;
  const influences = place('InfluenceBook', influenceBookAbi, [manager, models, datanets, window]);
  const ledger = place('AttributionLedger', attributionLedgerAbi, [manager, open, models, datanets, window]);
  const common = { influences, ledger, treasury: timelock, window };
  const settlement = place('Settlement', settlementAbi, [manager, { token: open, models, ...common }]);
  place('AttributionCourt', attributionCourtAbi, [manager, { open, settlement, ...common }]);
  place('QuestBoard', questBoardAbi, [manager]);
  place('SeasonRewards', seasonRewardsAbi, [open, manager]);
  place('NodeWorked', nodeWorkedAbi, [nodes, settlement, NODE_QUEST_STAKE_WEI, NODE_QUEST_WORK_WEI]);
  place('WorkRewards', workRewardsAbi, [open, nodes, settlement]);
  place('PayTo', payToAbi, [open, settlement]);
  place('DeviceAccount', deviceAccountAbi, []);
  place('DataCommitments', dataCommitmentsAbi, []);

  const byName = Object.fromEntries(contracts.map(({ name, address }) => [name, address]));
  return { parties, contracts, addresses: { ...byName, StakedOpen: staked } as Addresses };
}
