// A model version before publication: its content and its sources, checked like in the contract.

import { citedKey, packDatanetRef, packParent, type Lineage } from '#lib/formats/payment/lineage.ts';
import { BadInputError, requireHash, requireSmall } from '../../input.ts';

export interface ModelRelease extends Lineage {
  /** Content hash of the adapter's files. */
  adapter: string;
  /** sha2-256 digest of the manifest's CID. */
  manifest: string;
  rank: number;
  sizeKiB: number;
  /** Bits of a stored weight; 0 when matrices have several types. */
  quant: number;
}

const MOST_REFS = 16;

/** `Release` of IModelRegistry. */
export function requireRelease({ adapter, manifest, rank, sizeKiB, quant, parent, refs }: ModelRelease) {
  if (refs.length > MOST_REFS) throw new BadInputError('The cited Datanets', `are more than ${MOST_REFS}`);
  refs.forEach((ref, at) => {
    if (ref.weight === 0) throw new BadInputError('A cited Datanet', 'has no weight');
    if (at > 0 && citedKey(refs[at - 1]!) >= citedKey(ref)) {
      throw new BadInputError('The cited Datanets', 'must ascend by Datanet and version, each once');
    }
  });
  return {
    adapter: requireHash(adapter, 'The adapter'),
    manifest: requireHash(manifest, 'The manifest'),
    rank: requireSmall(rank, 32, 'The rank'),
    sizeKiB: requireSmall(sizeKiB, 32, 'The size'),
    quant: requireSmall(quant, 8, 'The quantisation'),
    parent: packParent(parent),
    refs: refs.map(packDatanetRef),
  };
}

export const citesWords = ({ refs }: Pick<ModelRelease, 'refs'>): string =>
  refs.length === 0
    ? 'citing no Datanet'
    : `citing ${refs.map(({ datanet, version }) => `Datanet ${datanet} v${version}`).join(', ')}`;
