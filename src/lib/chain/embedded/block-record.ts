// A mined block as stored and as shown over JSON-RPC: plain hex, suitable for IndexedDB and JSON. Types only.

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

/** A transaction as in `eth_getTransactionByHash`; fields depend on its type. */
export type TransactionRecord = { hash: Hex; from: Hex; blockHash: Hex; transactionIndex: Hex } & Record<
  string,
  unknown
>;

/** Native coin from the faucet, recorded as an EIP-4895 withdrawal so that it is part of the block's hash. */
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
  /** The signed transactions as received; replaying them reproduces the rest of this record. */
  raw: Hex[];
  credits: CreditRecord[];
  transactions: TransactionRecord[];
  receipts: ReceiptRecord[];
}
