// A Datanet in memory: its versions and contributions as a chain lists them, their blocks on a server that a device fetches from.

import { privateKeyToAccount } from 'viem/accounts';
import type { ChainContext } from '#lib/chain/context.ts';
import type { ContributionRow } from '#lib/chain/indexer/tables.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { contributionsOf } from '#lib/datanets/contributions/chain-contributions.ts';
import { packContribution } from '#lib/datanets/contributions/pack-contribution.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import type { Block, CID } from '#lib/formats/block/block.ts';
import type { BlockSource } from '#lib/ipfs/block-source.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { fetchBlock, fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { digester, memorySpill, packRows, TERMS } from './datanets.ts';
import { jsonl } from './imported.ts';
import { memoryNode } from './ipfs-node.ts';

const REGISTRY = `0x${'cd'.repeat(20)}`;
const NAME = `31337:${REGISTRY}:7`;
const accounts = [0x11, 0x22].map((seed) => privateKeyToAccount(`0x${String(seed).repeat(32)}`));

/** `blocks` are those of the server; what is deleted there can no longer be fetched. */
export async function memoryDatanet() {
  const node = await memoryNode();
  const blocks = new Map<string, Uint8Array>();
  const put = ({ cid, bytes }: Block) => void blocks.set(cid.toString(), bytes);
  const server: BlockSource = {
    name: 'The server',
    async block(cid) {
      const bytes = blocks.get(cid.toString());
      if (!bytes) throw new BlockMissingError(cid.toString(), { file: 'the server' });
      return bytes;
    },
  };
  const sources = [server];
  const versions: { manifest: Hex; rowsRoot: Hex; sharesRoot: Hex; rows: number }[] = [];
  const parents: CID[] = [];
  const contributions: ContributionRow[] = [];
  const chain = {
    addresses: { DatanetRegistry: REGISTRY },
    read: {
      readContract: async ({ functionName, args }: { functionName: string; args: [bigint, number] }) =>
        functionName === 'datanetOf' ? { versions: versions.length } : versions[args[1] - 1],
    },
  } as unknown as ChainContext;
  const context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester' | 'records'> = {
    chain,
    digester,
    ipfs: {
      node,
      fetch: async (root, options = {}) => void (await fetchDag(node, root, { ...options, sources })),
      block: (cid, signal) => fetchBlock(node, cid, { sources, signal }),
    },
    records: async (table) => (table === 'contributions' ? contributions : []) as never,
  };
  return {
    node,
    blocks,
    context,
    facts(): DatanetFacts {
      const { licence } = TERMS;
      return {
        ...{
          id: 7n,
          name: NAME,
          meta: `0x${'00'.repeat(32)}`,
          owner: `0x${'0e'.repeat(20)}`,
          licence: { ...licence, id: 2 },
        },
        ...{ versions: versions.length, pending: 0, accepted: 0, curatorBps: 0, isOpen: true },
        ...{ minStakeOpen: 0, createdAt: 1 },
      };
    },
    listed: () => contributionsOf(contributions, 7n),
    async publish(rows: readonly object[]) {
      const packed = await packRows(rows, { datanet: NAME, n: versions.length + 1, parents: parents.slice(-1) });
      parents.push(packed.cid);
      for (const [cid, bytes] of packed.source.blocks) blocks.set(cid, bytes);
      const { rowRoot, stats } = packed.version;
      const manifest = toHex(packed.cid.multihash.digest);
      versions.push({ manifest, rowsRoot: rowRoot, sharesRoot: sharesRoot(packed.contributors), rows: stats.rows });
      return packed.cid;
    },
    /** `who` is the index of an account. */
    async contribute(who: number, rows: readonly object[], state: ContributionRow['state'] = 'pending') {
      const { address, signTypedData } = accounts[who]!;
      const contributor = address.toLowerCase() as Hex;
      const packing = packContribution(
        readRows([new TextEncoder().encode(jsonl(rows))], 'rows.jsonl'),
        { datanet: NAME, contributor, licence: TERMS.licence, createdAt: 1_700_000_000 },
        { name: 'rows.jsonl', digester, spill: memorySpill(), sign: signTypedData },
      );
      let next = await packing.next();
      for (; !next.done; next = await packing.next()) put(next.value);
      const { cid, contribution } = next.value;
      contributions.push({
        ...{ datanet: '7', contribution: contributions.length + 1, contributor: address, state },
        ...{ content: toHex(cid.multihash.digest), rows: contribution.stats.rows, rowsRoot: contribution.rowRoot },
        ...{ reason: null, wasAccepted: state === 'accepted' },
      });
      return cid;
    },
  };
}
