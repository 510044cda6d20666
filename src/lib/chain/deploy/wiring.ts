// Calls that set up the deployed contracts: roles, the first distribution, the hand-over to the Timelock. Each call can check
// whether it was already made.

import {
  encodeFunctionData,
  getAbiItem,
  keccak256,
  stringToHex,
  toFunctionSelector,
  zeroAddress,
  zeroHash,
  type Abi,
  type AbiFunction,
  type Address,
  type Hex,
  type PublicClient,
} from 'viem';
import { accessManagerAbi } from '#lib/chain/abi/access-manager.ts';
import { attributionCourtAbi } from '#lib/chain/abi/attribution-court.ts';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { genesisAbi } from '#lib/chain/abi/genesis.ts';
import { influenceBookAbi } from '#lib/chain/abi/influence-book.ts';
import { modelRegistryAbi } from '#lib/chain/abi/model-registry.ts';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { questBoardAbi } from '#lib/chain/abi/quest-board.ts';
import { seasonRewardsAbi } from '#lib/chain/abi/season-rewards.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { timelockControllerAbi } from '#lib/chain/abi/timelock-controller.ts';
import type { ContractName, DeployPlan } from './plan.ts';

export type ChainReader = Pick<PublicClient, 'readContract'>;

export interface WiringCall {
  what: string;
  to: Address;
  data: Hex;
  done(reader: ChainReader): Promise<boolean>;
}

/** Role ids of the AccessManager, as `contracts/src/gov/Roles.sol` has them; 0 is OpenZeppelin's admin. */
export const ROLES = { ADMIN: 0n, PARAM: 1n, PAUSER: 2n, ISSUER: 3n } as const;

type Role = keyof typeof ROLES;

interface Restrictions {
  of: ContractName;
  abi: Abi;
  roles: Readonly<Partial<Record<Role, readonly string[]>>>;
}

/** Which role may call what. Restricted functions that are missing here would belong to the admin. */
export const RESTRICTIONS: readonly Restrictions[] = [
  {
    of: 'NodeRegistry',
    abi: nodeRegistryAbi,
    roles: { PAUSER: ['pause'], PARAM: ['unpause', 'setMinStake'] },
  },
  {
    of: 'DatanetRegistry',
    abi: datanetRegistryAbi,
    roles: { PAUSER: ['pause'], PARAM: ['unpause', 'addLicence', 'decideAppeal'] },
  },
  { of: 'ModelRegistry', abi: modelRegistryAbi, roles: { PAUSER: ['pause'], PARAM: ['unpause', 'setBaseLicence'] } },
  { of: 'InfluenceBook', abi: influenceBookAbi, roles: { PARAM: ['setPostFee'] } },
  // `wire` stays with the admin: the founder calls it once, before the hand-over, and it works once only.
  { of: 'AttributionLedger', abi: attributionLedgerAbi, roles: { PARAM: ['announceCourt'] } },
  { of: 'AttributionCourt', abi: attributionCourtAbi, roles: { PAUSER: ['hold'], PARAM: ['setPostFee'] } },
  { of: 'Settlement', abi: settlementAbi, roles: { PAUSER: ['pause'], PARAM: ['unpause', 'setFee'] } },
  { of: 'QuestBoard', abi: questBoardAbi, roles: { PARAM: ['startSeason'], ISSUER: ['addQuest', 'awardMany'] } },
  { of: 'SeasonRewards', abi: seasonRewardsAbi, roles: { PARAM: ['publish'] } },
];

const selectorOf = (abi: Abi, name: string): Hex => toFunctionSelector(getAbiItem({ abi, name }) as AbiFunction);

const DEFAULT_ADMIN_ROLE = zeroHash;

/** All calls in order. Those to the AccessManager come last and end with the hand-over. */
export function wiringOf({ addresses, parties }: DeployPlan): WiringCall[] {
  const { AccessManager: manager, TimelockController: timelock, OpenGovernor: governor } = addresses;

  const timelockRole = (role: Hex, account: Address) => (reader: ChainReader) =>
    reader.readContract({
      address: timelock,
      abi: timelockControllerAbi,
      functionName: 'hasRole',
      args: [role, account],
    });
  const managerRole = (role: Role, account: Address) => async (reader: ChainReader) => {
    const args = [ROLES[role], account] as const;
    const [holds] = await reader.readContract({
      address: manager,
      abi: accessManagerAbi,
      functionName: 'hasRole',
      args,
    });
    return holds;
  };
  const not = (question: (reader: ChainReader) => Promise<boolean>) => async (reader: ChainReader) =>
    !(await question(reader));

  const distribute: WiringCall = {
    what: 'OPEN is handed out',
    to: addresses.Genesis,
    data: encodeFunctionData({ abi: genesisAbi, functionName: 'distribute', args: [addresses.OpenToken] }),
    done: async (reader) => {
      const balanceOf = { abi: openTokenAbi, functionName: 'balanceOf', args: [addresses.Genesis] } as const;
      return (await reader.readContract({ address: addresses.OpenToken, ...balanceOf })) === 0n;
    },
  };

  const wireLedger: WiringCall = {
    what: 'the AttributionLedger knows its Settlement and its court',
    to: addresses.AttributionLedger,
    data: encodeFunctionData({
      abi: attributionLedgerAbi,
      functionName: 'wire',
      args: [addresses.Settlement, addresses.AttributionCourt],
    }),
    done: async (reader) => {
      const court = { abi: attributionLedgerAbi, functionName: 'court' } as const;
      return (await reader.readContract({ address: addresses.AttributionLedger, ...court })) !== zeroAddress;
    },
  };

  const proposing = (['PROPOSER_ROLE', 'CANCELLER_ROLE'] as const).map((name): WiringCall => {
    const role = keccak256(stringToHex(name));
    return {
      what: `the governor is the Timelock's ${name}`,
      to: timelock,
      data: encodeFunctionData({ abi: timelockControllerAbi, functionName: 'grantRole', args: [role, governor] }),
      done: timelockRole(role, governor),
    };
  });
  const timelockAlone: WiringCall = {
    what: 'the Timelock is its own admin',
    to: timelock,
    data: encodeFunctionData({
      abi: timelockControllerAbi,
      functionName: 'renounceRole',
      args: [DEFAULT_ADMIN_ROLE, parties.founder],
    }),
    done: not(timelockRole(DEFAULT_ADMIN_ROLE, parties.founder)),
  };

  const restrict = RESTRICTIONS.flatMap(({ of, abi, roles }) =>
    Object.entries(roles).map(([role, functions]): WiringCall => {
      const target = addresses[of];
      const selectors = functions.map((name) => selectorOf(abi, name));
      const roleId = ROLES[role as Role];
      return {
        what: `${functions.join(', ')} of ${of} is for ${role}`,
        to: manager,
        data: encodeFunctionData({
          abi: accessManagerAbi,
          functionName: 'setTargetFunctionRole',
          args: [target, selectors, roleId],
        }),
        done: async (reader) => {
          const question = { address: manager, abi: accessManagerAbi, functionName: 'getTargetFunctionRole' } as const;
          const found = await Promise.all(
            selectors.map((selector) => reader.readContract({ ...question, args: [target, selector] })),
          );
          return found.every((id) => id === roleId);
        },
      };
    }),
  );

  const holders: readonly (readonly [Role, Address])[] = [
    ['PARAM', timelock],
    ['PAUSER', parties.guardian],
    ['ISSUER', parties.issuer],
    ['ADMIN', timelock],
  ];
  const grants = holders.map(([role, account]): WiringCall => ({
    what: `${account} is ${role}`,
    to: manager,
    data: encodeFunctionData({ abi: accessManagerAbi, functionName: 'grantRole', args: [ROLES[role], account, 0] }),
    done: managerRole(role, account),
  }));
  const handOver: WiringCall = {
    what: 'the founder keeps nothing',
    to: manager,
    data: encodeFunctionData({
      abi: accessManagerAbi,
      functionName: 'renounceRole',
      args: [ROLES.ADMIN, parties.founder],
    }),
    done: not(managerRole('ADMIN', parties.founder)),
  };

  return [distribute, wireLedger, ...proposing, timelockAlone, ...restrict, ...grants, handOver];
}
