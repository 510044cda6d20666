// A mined block as it is kept and as JSON-RPC shows it: plain hex, ready for IndexedDB and for JSON.
// It knows shapes only.

import type { Hex } from 'viem';

export interface LogRecord {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockNumber: Hex;
  blockHash: Hex;
  blockTimestamp: Hex;
  transactionHash: Hex;
  transactionIndex: Hex;
  logIndex: Hex;
  removed: false;
}

export interface ReceiptRecord {
  type: Hex;
  status: '0x0' | '0x1';
  transactionHash: Hex;
  transactionIndex: Hex;
  blockHash: Hex;
  blockNumber: Hex;
  from: Hex;
  to: Hex | null;
  contractAddress: Hex | null;
  cumulativeGasUsed: Hex;
  gasUsed: Hex;
  effectiveGasPrice: Hex;
  logs: LogRecord[];
  logsBloom: Hex;
}

/** A transaction as `eth_getTransactionByHash` gives it; fields depend on its type. */
export type TransactionRecord = { hash: Hex; from: Hex; blockHash: Hex; transactionIndex: Hex } & Record<
  string,
  unknown
>;

/** Native coin given by the faucet, carried as an EIP-4895 withdrawal so that it is part of the block's hash. */
export interface CreditRecord {
  index: Hex;
  validatorIndex: '0x0';
  address: Hex;
  /** In gwei, as EIP-4895 has it. */
  amount: Hex;
}

export interface HeaderRecord {
  hash: Hex;
  parentHash: Hex;
  sha3Uncles: Hex;
  miner: Hex;
  stateRoot: Hex;
  transactionsRoot: Hex;
  receiptsRoot: Hex;
  logsBloom: Hex;
  difficulty: Hex;
  number: Hex;
  gasLimit: Hex;
  gasUsed: Hex;
  timestamp: Hex;
  extraData: Hex;
  mixHash: Hex;
  nonce: Hex;
  baseFeePerGas: Hex;
  withdrawalsRoot: Hex;
}

export interface BlockRecord {
  header: HeaderRecord;
  /** The signed transactions as they came in; replaying them makes everything else in this record again. */
  raw: Hex[];
  credits: CreditRecord[];
  transactions: TransactionRecord[];
  receipts: ReceiptRecord[];
}
