// The sandbox chain and its transactions in a folder: one file per block, the newest state, one file per transaction.
// Blocks are written before the state that includes them; a folder that is inconsistent is refused on reading.

import type { BlockRecord } from '#lib/chain/embedded/block-record.ts';
import type { StateSnapshot } from '#lib/chain/embedded/chain.ts';
import type { ChainStore } from '#lib/chain/embedded/persist.ts';
import type { TxRecord } from '#lib/chain/tx/record.ts';
import type { TxStore } from '#lib/chain/tx/store.ts';
import type { Hex } from 'viem';
import type { JsonFolder } from './json-folder.ts';

const BLOCK = 'block-';
const STATE = 'state.json';
const GENESIS = 'genesis.json';
const TX = 'tx-';

const blockName = (number: number): string => `${BLOCK}${String(number).padStart(10, '0')}.json`;

export function createFolderChainStore(folder: JsonFolder): ChainStore {
  const state = () => (folder.read(STATE) as StateSnapshot | undefined) ?? null;
  const dropAfter = (number: number) => {
    if ((state()?.number ?? 0) > number) folder.remove(STATE);
    // From the newest down: a crash in between leaves blocks without a gap.
    for (const name of folder.names(BLOCK).reverse()) if (name > blockName(number)) folder.remove(name);
  };
  return {
    async load() {
      const blocks = folder.names(BLOCK).map((name) => folder.read(name) as BlockRecord);
      return { genesis: (folder.read(GENESIS) as Hex | undefined) ?? null, blocks, snapshot: state() };
    },
    async append(block, snapshot) {
      folder.write(blockName(Number(block.header.number)), block);
      if (snapshot) folder.write(STATE, snapshot);
    },
    async rewind(number) {
      dropAfter(number);
    },
    async replace(genesis, { blocks, snapshot }) {
      dropAfter(0);
      folder.write(GENESIS, genesis);
      for (const block of blocks) folder.write(blockName(Number(block.header.number)), block);
      if (snapshot) folder.write(STATE, snapshot);
    },
  };
}

export function createFolderTxStore(folder: JsonFolder): TxStore {
  const nameOf = (id: string) => `${TX}${id}.json`;
  return {
    async put(record) {
      folder.write(nameOf(record.id), record);
    },
    async get(id) {
      return folder.read(nameOf(id)) as TxRecord | undefined;
    },
    async list(chainId) {
      return folder
        .names(TX)
        .map((name) => folder.read(name) as TxRecord)
        .filter((record) => record.chainId === chainId)
        .sort((a, b) => b.createdAt - a.createdAt);
    },
  };
}
