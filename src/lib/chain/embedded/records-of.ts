// Converts transactions, logs, receipts and headers to records.

import type { Block } from '@ethereumjs/block';
import type { TypedTransaction } from '@ethereumjs/tx';
import { bytesToHex } from '@ethereumjs/util';
import type { RunTxResult } from '@ethereumjs/vm';
import { getContractAddress, numberToHex, toHex, type Hex } from 'viem';
import type { HeaderRecord, LogRecord, ReceiptRecord, TransactionRecord } from './block-record.ts';
import { effectiveGasPriceWei, hashOf, isFeeMarket } from './transaction.ts';

/** A transaction with the result of running it. */
export interface Ran {
  tx: TypedTransaction;
  result: RunTxResult;
}

export function headerRecord(block: Block): HeaderRecord {
  const { header } = block;
  return {
    hash: bytesToHex(header.hash()),
    parentHash: bytesToHex(header.parentHash),
    sha3Uncles: bytesToHex(header.uncleHash),
    miner: header.coinbase.toString(),
    stateRoot: bytesToHex(header.stateRoot),
    transactionsRoot: bytesToHex(header.transactionsTrie),
    receiptsRoot: bytesToHex(header.receiptTrie),
    logsBloom: bytesToHex(header.logsBloom),
    difficulty: '0x0',
    number: numberToHex(header.number),
    gasLimit: numberToHex(header.gasLimit),
    gasUsed: numberToHex(header.gasUsed),
    timestamp: numberToHex(header.timestamp),
    extraData: bytesToHex(header.extraData),
    mixHash: bytesToHex(header.mixHash),
    nonce: bytesToHex(header.nonce),
    baseFeePerGas: numberToHex(header.baseFeePerGas!),
    withdrawalsRoot: bytesToHex(header.withdrawalsRoot!),
  };
}

export function transactionRecord({ tx }: Ran, at: number, header: HeaderRecord): TransactionRecord {
  const { gasLimit, data, ...json } = tx.toJSON();
  return {
    ...json,
    hash: hashOf(tx),
    from: tx.getSenderAddress().toString(),
    to: json.to ?? null,
    gas: gasLimit,
    input: data,
    ...(isFeeMarket(tx) ? { gasPrice: toHex(effectiveGasPriceWei(tx, BigInt(header.baseFeePerGas))) } : {}),
    blockHash: header.hash,
    blockNumber: header.number,
    transactionIndex: numberToHex(at),
  };
}

/** Receipts of a whole block; logs are numbered through the block. */
export function receiptRecords(ran: Ran[], header: HeaderRecord): ReceiptRecord[] {
  let logAt = 0;
  return ran.map(({ tx, result }, at) => {
    const transactionHash = hashOf(tx);
    const place = {
      blockNumber: header.number,
      blockHash: header.hash,
      transactionHash,
      transactionIndex: numberToHex(at),
    };
    const logs = result.receipt.logs.map(([address, topics, data]): LogRecord => ({
      address: bytesToHex(address),
      topics: topics.map((topic): Hex => bytesToHex(topic)),
      data: bytesToHex(data),
      ...place,
      blockTimestamp: header.timestamp,
      logIndex: numberToHex(logAt++),
      removed: false,
    }));
    const from = tx.getSenderAddress().toString();
    return {
      type: numberToHex(tx.type),
      status: result.execResult.exceptionError ? '0x0' : '0x1',
      ...place,
      from,
      to: tx.to?.toString() ?? null,
      contractAddress: tx.to ? null : (getContractAddress({ from, nonce: tx.nonce }).toLowerCase() as Hex),
      cumulativeGasUsed: numberToHex(result.receipt.cumulativeBlockGasUsed),
      gasUsed: numberToHex(result.totalGasSpent),
      effectiveGasPrice: numberToHex(effectiveGasPriceWei(tx, BigInt(header.baseFeePerGas))),
      logs,
      logsBloom: bytesToHex(result.receipt.bitvector),
    };
  });
}
