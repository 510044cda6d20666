// The indexer's tables: key and row type of each, as stored. Reducers write them; reads and pages use them. Amounts are decimal
// text, which every store can hold.

import type { Address, Hash, Hex } from 'viem';
import type { RowStore } from './rows.ts';

export type Token = 'OPEN' | 'sOPEN';

/** The contract addresses to which all other rows belong. */
type AboutRow = { addresses: string };

type BalanceRow = { token: Token; account: Address; amountWei: string };
type TransferRow = {
  token: Token;
  from: Address;
  to: Address;
  amountWei: string;
  blockNumber: number;
  transactionHash: Hash;
};
type AllowanceRow = { token: Token; owner: Address; spender: Address; grantedWei: string };
type DelegationRow = { token: Token; delegator: Address; delegate: Address };
type VotesRow = { token: Token; delegate: Address; votesWei: string };

export type NodeRow = {
  node: Address;
  /** null before the node has registered. */
  peerId: Hex | null;
  caps: number;
  stakeWei: string;
  exitingWei: string;
  /** Seconds since 1970; 0 without a pending exit. */
  exitAt: number;
};

export type ProposalRow = {
  proposalId: string;
  proposer: Address;
  /** A list as JSON text, like the next two fields; values as decimal text. */
  targets: string;
  valuesWei: string;
  calldatas: string;
  description: string;
  /** Seconds since 1970. */
  voteStart: number;
  voteEnd: number;
  againstWei: string;
  forWei: string;
  abstainWei: string;
  mark: 'created' | 'queued' | 'executed' | 'cancelled';
  /** Set once it is queued. */
  executableAt?: number;
  transactionHash: Hash;
};
export type BallotRow = { proposalId: string; voter: Address; support: number; weightWei: string; reason: string };

export type ChannelRow = {
  payer: Address;
  node: Address;
  signer: Address;
  depositWei: string;
  redeemedWei: string;
  /** Seconds since 1970; 0 while it is open. */
  closeAt: number;
  state: 'open' | 'closing' | 'closed';
};
type WithdrawalRow = { account: Address; amountWei: string };

/** An epoch proposed before the first indexed block has only its hash and state. */
type EpochRow = {
  hash: Hex;
  state: 'pending' | 'final' | 'rejected';
  attester?: Address;
  from?: number;
  to?: number;
  paidWei?: string;
  totalWei?: string;
  accountsRoot?: Hex;
  dataHash?: Hex;
  bondWei?: string;
  challengeEnd?: number;
  challenger?: Address;
};
type ClaimRow = { account: Address; claimedWei: string };

export type DatanetRow = {
  id: string;
  owner: Address;
  meta: Hex;
  licence: number;
  curatorBps: number;
  open: boolean;
  minStakeOpen: number;
  versions: number;
  /** Short texts of 32 bytes, separated by spaces. */
  tags: string;
};
type CuratorRow = { datanet: string; curator: Address };
export type ContributionRow = {
  datanet: string;
  contribution: number;
  contributor: Address;
  content: Hex;
  rows: number;
  rowsRoot: Hex;
  state: 'pending' | 'accepted' | 'rejected' | 'appealed' | 'dismissed' | 'withdrawn';
  reason: Hex | null;
  /** The reason of its last appeal. */
  appeal?: Hex;
  wasAccepted: boolean;
};
export type DatanetVersionRow = {
  datanet: string;
  version: number;
  manifest: Hex;
  rowsRoot: Hex;
  sharesRoot: Hex;
  rows: number;
  publisher: Address;
};

type ModelRow = {
  id: string;
  owner: Address;
  base: number;
  licence: number;
  /** Set from its first version on. */
  versions?: number;
  perCallWei?: string;
  per1kTokensWei?: string;
  payout?: Address;
  devBps?: number;
  dataBps?: number;
  nodeBps?: number;
};
export type ModelVersionRow = {
  model: string;
  version: number;
  adapter: Hex;
  manifest: Hex;
  parent: string;
  /** Numbers of Datanets, separated by spaces. */
  cites: string;
  deprecated: boolean;
};
export type IncomeRow = {
  model: string;
  calls: string;
  grossWei: string;
  feeWei: string;
  devWei: string;
  dataWei: string;
  nodeWei: string;
};

type Table<Key extends string, Row> = { key: Key; row: Row };

interface Tables {
  about: Table<'contracts', AboutRow>;
  balances: Table<`${Token}:${Address}`, BalanceRow>;
  /** Block number and log index, padded with zeros. */
  transfers: Table<`${string}:${string}`, TransferRow>;
  allowances: Table<`${Token}:${Address}:${Address}`, AllowanceRow>;
  delegations: Table<`${Token}:${Address}`, DelegationRow>;
  votes: Table<`${Token}:${Address}`, VotesRow>;
  nodes: Table<Address, NodeRow>;
  proposals: Table<`${bigint}`, ProposalRow>;
  ballots: Table<`${bigint}:${Address}`, BallotRow>;
  channels: Table<`${Address}:${Address}:${Address}`, ChannelRow>;
  withdrawals: Table<Address, WithdrawalRow>;
  epochs: Table<Hex, EpochRow>;
  claims: Table<Address, ClaimRow>;
  datanets: Table<`${bigint}`, DatanetRow>;
  curators: Table<`${bigint}:${Address}`, CuratorRow>;
  contributions: Table<`${bigint}:${bigint | number}`, ContributionRow>;
  datanetVersions: Table<`${bigint}:${bigint | number}`, DatanetVersionRow>;
  models: Table<`${bigint}`, ModelRow>;
  modelVersions: Table<`${bigint}:${bigint | number}`, ModelVersionRow>;
  income: Table<`${bigint}`, IncomeRow>;
}

export type TableName = keyof Tables;
export type RowOf<Name extends TableName> = Readonly<Tables[Name]['row']>;
export type KeyOf<Name extends TableName> = Tables[Name]['key'];

/** The rows of a table, by key. Only reducers write into a store, so its rows have the table's type. */
export async function listRows<Name extends TableName>(
  store: Pick<RowStore, 'list'>,
  table: Name,
): Promise<RowOf<Name>[]> {
  return (await store.list(table)).map(({ row }) => row as unknown as RowOf<Name>);
}

/** Several tables at once. */
export async function listTables<Name extends TableName>(
  store: Pick<RowStore, 'list'>,
  tables: readonly Name[],
): Promise<{ [One in Name]: RowOf<One>[] }> {
  const lists = await Promise.all(tables.map(async (table) => [table, await listRows(store, table)] as const));
  return Object.fromEntries(lists) as unknown as { [One in Name]: RowOf<One>[] };
}

export async function getRow<Name extends TableName>(
  store: Pick<RowStore, 'get'>,
  table: Name,
  key: KeyOf<Name>,
): Promise<RowOf<Name> | null> {
  return (await store.get(table, key)) as unknown as RowOf<Name> | null;
}
