// What a node signs for an answer (EIP-712). The digest is the receipt's id in the tree that a voucher pays. Types only: wallets sign,
// settlement/receipt-digest.ts hashes.

import type { AnswerReceipt } from './answer-receipt.ts';

const TYPES = {
  AnswerReceipt: [
    { name: 'payer', type: 'address' },
    { name: 'node', type: 'address' },
    { name: 'base', type: 'bytes32' },
    { name: 'engine', type: 'bytes32' },
    { name: 'input', type: 'bytes32' },
    { name: 'output', type: 'bytes32' },
    { name: 'inputTokens', type: 'uint32' },
    { name: 'outputTokens', type: 'uint32' },
    { name: 'liftMillinats', type: 'int64' },
    { name: 'time', type: 'uint64' },
    { name: 'cost', type: 'uint96' },
    { name: 'parts', type: 'Part[]' },
  ],
  Part: [
    { name: 'modelId', type: 'uint32' },
    { name: 'version', type: 'uint32' },
    { name: 'adapter', type: 'bytes32' },
    { name: 'weightBps', type: 'uint16' },
    { name: 'artefact', type: 'bytes32' },
    { name: 'query', type: 'bytes32' },
    { name: 'attribution', type: 'bytes32' },
    { name: 'feeBps', type: 'uint16' },
    { name: 'devBps', type: 'uint16' },
    { name: 'dataBps', type: 'uint16' },
    { name: 'nodeBps', type: 'uint16' },
    { name: 'rhoBps', type: 'uint16' },
    { name: 'cost', type: 'uint96' },
  ],
} as const;

const DOMAIN = { name: 'Payable Receipt', version: '1' } as const;

/** Ready for `signTypedData`. The domain names chain and Settlement; a free answer has neither. */
export function answerReceiptTypedData(receipt: AnswerReceipt) {
  const { chain, parts, liftMillinats, time, costWei } = receipt;
  const { payer, node, base, engine, input, output, inputTokens, outputTokens } = receipt;
  return {
    domain: chain === null ? DOMAIN : { ...DOMAIN, chainId: chain.chainId, verifyingContract: chain.settlement },
    types: TYPES,
    primaryType: 'AnswerReceipt',
    message: {
      ...{ payer, node, base, engine, input, output, inputTokens, outputTokens },
      liftMillinats: BigInt(liftMillinats),
      time: BigInt(time),
      cost: costWei,
      parts: parts.map(
        ({ modelId, version, adapter, weightBps, artefact, query, attribution, terms, costWei: cost }) => ({
          ...{ modelId, version, adapter, weightBps, artefact, query, attribution },
          ...{ feeBps: terms.feeBps, devBps: terms.devBps, dataBps: terms.dataBps, nodeBps: terms.nodeBps },
          rhoBps: terms.rhoBps,
          cost,
        }),
      ),
    },
  } as const;
}
