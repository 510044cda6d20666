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

/** Influence money of one node and model version, from when it is sealed. */
export type PotRow = {
  id: string;
  state: 'sealed' | 'proposed' | 'final' | 'flat';
  node?: Address;
  model?: string;
  version?: number;
  word?: Hex;
  court?: Address;
  /** Of the last proposal. */
  proposer?: Address;
  round?: number;
  accounts?: number;
  poolWei?: string;
  totalWei?: string;
  /** Where the receipts can be had. */
  dataHash?: Hex;
  /** Of the list that is final. */
  root?: Hex;
};
type ClaimRow = { pot: string; account: Address; amountWei: string };
type InfluenceRow = {
  model: string;
  version: number;
  artefact: Hex;
  root: Hex;
  rows: number;
  threshold: number;
  rhoBps: number;
  isVoid: boolean;
};

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

/** A base model that adapters are made for. */
export type BaseRow = {
  id: string;
  /** A short text of 32 bytes. */
  family: Hex;
  architecture: Hex;
  licence: number;
};
export type ModelRow = {
  id: string;
  owner: Address;
  base: number;
  licence: number;
  /** Set from its first version on. */
  versions?: number;
  perCallWei?: string;
  per1kTokensWei?: string;
};
export type ModelVersionRow = {
  model: string;
  version: number;
  adapter: Hex;
  manifest: Hex;
  parent: string;
  /** Cited Datanet versions as contracts pack them, in decimal, separated by spaces. */
  refs: string;
  deprecated: boolean;
};
/** What a version was paid, and where it went. */
export type IncomeRow = {
  model: string;
  version: number;
  calls: string;
  grossWei: string;
  feeWei: string;
  devWei: string;
  /** For contributors; of it, `poolWei` is shared by influence. */
  dataWei: string;
  poolWei: string;
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
  pots: Table<`${bigint}`, PotRow>;
  claims: Table<`${bigint}:${Address}`, ClaimRow>;
  influence: Table<`${bigint}:${bigint | number}`, InfluenceRow>;
  datanets: Table<`${bigint}`, DatanetRow>;
  curators: Table<`${bigint}:${Address}`, CuratorRow>;
  contributions: Table<`${bigint}:${bigint | number}`, ContributionRow>;
  datanetVersions: Table<`${bigint}:${bigint | number}`, DatanetVersionRow>;
  bases: Table<`${bigint | number}`, BaseRow>;
  models: Table<`${bigint}`, ModelRow>;
  modelVersions: Table<`${bigint}:${bigint | number}`, ModelVersionRow>;
  income: Table<`${bigint}:${bigint | number}`, IncomeRow>;
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
