// What publishing an adapter would do, checked before anything is signed or uploaded: that it opens on its base, that its licence fits
// those of base, parent and all data, what the folder on IPFS holds, what the registry is given, and what its calls would pay.

import type { CID } from 'multiformats/cid';
import type { Address } from 'viem';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import type { ModelRelease } from '#lib/chain/actions/models/model-release.ts';
import { requireTerms, type ModelTerms } from '#lib/chain/actions/models/model-terms.ts';
import { requirePrices, type Prices } from '#lib/chain/actions/models/set-price.ts';
import { readModel } from '#lib/chain/reads/read-model.ts';
import {
  findBase,
  findFirstRelease,
  findReleaseOf,
  readRelease,
  type RegisteredBase,
  type Release,
} from '#lib/chain/reads/read-release.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { PayableError } from '#lib/core/errors.ts';
import type { Folder } from '#lib/core/folder.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { modelId } from '#lib/engine/model-id.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { findLicence, LICENCES, type ListedLicence } from '#lib/formats/datanet/licences.ts';
import type { ModelCard } from '#lib/formats/model/model-card.ts';
import { encodeModelManifest } from '#lib/formats/model/model-manifest.ts';
import { hashLineage, type ModelVersion } from '#lib/formats/payment/lineage.ts';
import { copiedFile, type ExportedFile } from '#lib/model/exports/exported-file.ts';
import { NotPublishableError } from '#lib/registry/errors.ts';
import type { PublishedModel } from '#lib/registry/published/published-models.ts';
import { adapterFiles, storedBits } from '#lib/registry/publishing/adapter-files.ts';
import { cardFiles } from '#lib/registry/publishing/card-files.ts';
import { folderId } from '#lib/registry/publishing/folder-files.ts';
import { checkModelLicence, type LicensedSource } from '#lib/registry/publishing/publication-licence.ts';
import type { SimulationInput } from '#lib/settlement/simulate-earnings.ts';
import { readCitedData, type UsedData } from './publishing/cited-data.ts';
import { croissantFiles } from './publishing/croissant-files.ts';
import { readParentPayees } from './publishing/parent-payees.ts';
import { readTrainingFacts } from './publishing/read-training.ts';

export interface PublicationInput {
  base: {
    folder: Folder;
    /** `owner/name@commit` or `ipfs:CID`; or the files of the folder that are published beside the adapter. */
    from: { place: string } | { files: readonly string[] };
    /** SPDX id, needed for a base that is not registered; else the registry's counts. */
    licence: string | null;
  };
  adapter: Folder;
  name: string;
  description: string;
  licence: string;
  data: readonly UsedData[];
  parent: ModelVersion | null;
  /** Text of the manifest of the training run, `training/manifest@1`. */
  training: string | null;
  /** A new model, or the next version of one, whose terms and prices stay. */
  as: { model: bigint } | ({ terms: ModelTerms } & Prices);
  /** Who publishes; null where the plan is only to be looked at. */
  account: Address | null;
}

export interface PublicationContext extends Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'> {
  /** All models of the chain. */
  models(): Promise<readonly PublishedModel[]>;
}

export interface PublicationPlan {
  card: ModelCard;
  /** Of the folder on IPFS. */
  files: ExportedFile[];
  folder: CID;
  /** Names the folder; the registry has its digest. */
  manifest: Block;
  base: {
    /** Null when it is registered first. */
    registered: RegisteredBase | null;
    architecture: Hex;
    family: string;
    licence: number;
    /** Its files, where they are published too. */
    published: { files: ExportedFile[]; folder: CID } | null;
  };
  release: ModelRelease;
  licence: number;
  as: PublicationInput['as'];
  terms: ModelTerms;
  prices: Prices;
  /** Everything but the number of calls and tokens; or why it cannot be said. */
  simulation: Omit<SimulationInput, 'calls' | 'tokens'> | string;
  /** The same was published before, by the same account. */
  published: Release | null;
}

export type PlanPublicationEvent =
  /** Which part is read now; base and data may take long. */
  { type: 'reading'; what: 'adapter' | 'base' | 'data' } | { type: 'planned'; plan: PublicationPlan };

/** Least part of contributors where a model has sources. */
const LEAST_DATA_BPS = 1000;

/**
 * Reads files, chain and IPFS; signs, stores and uploads nothing.
 *
 * @throws NotPublishableError, AdapterMismatchError, FormatError, UnsupportedError, TrainingDataError, BadInputError, and as `openPublished`
 * @example
 * import { planPublication } from '#lib/flows/plan-publication.ts';
 * import { publicationWords } from '#lib/flows/publishing/publication-words.ts';
 *
 * for await (const event of planPublication(publishing, publication, { signal })) {
 *   if (event.type === 'planned') show(publicationWords(event.plan).join(' '));
 * }
 */
export async function* planPublication(
  context: PublicationContext,
  input: PublicationInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<PlanPublicationEvent, void, void> {
  const { chain, digester } = context;
  const { name, description, parent, account } = input;
  const licence = requireLicence(input.licence);
  yield { type: 'reading', what: 'base' };
  const { place, published: baseFiles } = await placeOfBase(input.base, signal);
  yield { type: 'reading', what: 'adapter' };
  const adapter = await adapterFiles({ model: input.base.folder, adapter: input.adapter }, place, signal);
  const baseId = await modelId(input.base.folder, signal);
  const architecture: Hex = `0x${baseId}`;
  const registered = await findBase(chain, architecture);
  const baseLicence = registered
    ? listedLicence(registered.licence, 'The base')
    : requireBaseLicence(input.base.licence);
  yield { type: 'reading', what: 'data' };
  const { cited, licences } = await readCitedData(context, input.data, signal);
  const above = parent && (await requireParent(context, parent, architecture));
  const sources: LicensedSource[] = [{ name: 'The base', licence: baseLicence }, ...licences];
  if (above) sources.push({ name: parentName(above), licence: listedLicence(above.licence, parentName(above)) });
  checkModelLicence(licence, sources);

  const { family } = adapter.source.architecture;
  const card: ModelCard = {
    ...{ name, description, licence: licence.spdx, parent },
    base: { place, id: baseId, family, licence: baseLicence.spdx },
    adapter: adapter.card,
    data: cited.map((one) => one.card),
    training: null,
  };
  const training =
    input.training === null
      ? null
      : {
          text: input.training,
          facts: readTrainingFacts(input.training, { adapter: card.adapter.id, base: baseId }),
        };
  const described = await cardFiles({
    ...{ card, training, provider: account ?? 'unknown' },
    bytes: cited.reduce((sum, { open }) => sum + open.version.stats.bytes, 0),
    newest: cited.length === 0 ? null : Math.max(...cited.map(({ open }) => open.version.createdAt)),
  });
  const files = [...adapter.files, ...described.files, ...(await croissantFiles(cited, signal))];
  const folder = await folderId(files, signal);
  const manifest = encodeModelManifest({ name, description, files: folder }, digester);
  const release: ModelRelease = {
    adapter: `0x${card.adapter.id}`,
    manifest: toHex(manifest.cid.multihash.digest),
    rank: card.adapter.rank,
    sizeKiB: Math.ceil(adapter.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024),
    quant: storedBits(adapter.source),
    parent,
    refs: cited.map(({ ref }) => ref),
  };
  const first = await findFirstRelease(chain, `0x${card.adapter.id}`);
  if (first) requireSameLineage(first, release);
  const { terms, prices } = await termsInForce(context, input, licence, architecture);
  if ((parent !== null || cited.length > 0) && terms.dataBps < LEAST_DATA_BPS) {
    throw new NotPublishableError(
      `Contributors would have ${terms.dataBps / 100} % of a payment; a model with sources gives them at least ${LEAST_DATA_BPS / 100} %.`,
      'model' in input.as ? 'Announce other terms first.' : 'Give contributors more.',
    );
  }
  const model = 'model' in input.as ? input.as.model : null;
  const owner = first === null ? null : account;
  const plan: PublicationPlan = {
    ...{ card: described.card, files, folder, manifest, release, as: input.as, terms, prices },
    licence: numberOf(licence),
    base: { registered, architecture, family, licence: numberOf(baseLicence), published: baseFiles },
    simulation: await simulationOf(context, { release, terms, prices, cited, parent }, signal),
    published: owner && (await findReleaseOf(chain, { owner, manifest: release.manifest as Hex, model })),
  };
  yield { type: 'planned', plan };
}

const numberOf = (licence: ListedLicence): number => LICENCES.indexOf(licence) + 1;

function requireLicence(spdx: string): ListedLicence {
  const found = findLicence(spdx);
  if (found) return found;
  const known = LICENCES.map((one) => one.spdx).join(', ');
  throw new NotPublishableError(
    `The registry does not know the licence "${spdx.slice(0, 60)}".`,
    `Choose one of ${known}.`,
  );
}

function requireBaseLicence(spdx: string | null): ListedLicence {
  if (spdx !== null) return requireLicence(spdx);
  throw new NotPublishableError(
    'The base is not registered yet, so its licence is not known.',
    'Name the licence of the base; it is in its repository.',
  );
}

function listedLicence(id: number, of: string): ListedLicence {
  const found = LICENCES[id - 1];
  if (found) return found;
  throw new NotPublishableError(
    `${of} has licence ${id} of the registry, which this version of the app does not know.`,
    'Use a newer version.',
  );
}

const parentName = ({ model, version }: ModelVersion): string => `Model ${model} v${version}`;

async function placeOfBase({ folder, from }: PublicationInput['base'], signal: AbortSignal) {
  if ('place' in from) return { place: from.place, published: null };
  const files = await Promise.all(from.files.map((path) => copiedFile(folder, path)));
  const id = await folderId(files, signal);
  return { place: `ipfs:${id.toString()}`, published: { files, folder: id } };
}

async function requireParent({ chain }: PublicationContext, parent: ModelVersion, architecture: Hex): Promise<Release> {
  const found = await readRelease(chain, parent.model, parent.version);
  if (!found)
    throw new NotPublishableError(
      `There is no ${parentName(parent)} on ${chain.chain.name}.`,
      'Name a registered version.',
    );
  if (found.base.architecture !== architecture)
    throw new NotPublishableError(`${parentName(parent)} has another base.`, 'A model continues one of the same base.');
  return found;
}

/** As `_keepLineage` of ModelRegistry. */
function requireSameLineage(first: Release, release: ModelRelease): void {
  const lineage = hashLineage(release);
  if (lineage === first.lineage || lineage === hashLineage({ parent: first, refs: [] })) return;
  throw new NotPublishableError(
    `These files are registered as model ${first.model} v${first.version}, with other sources.`,
    `Cite what that version cites, or name it as the parent and cite no data.`,
  );
}

async function termsInForce(
  { chain }: PublicationContext,
  { as, account }: PublicationInput,
  licence: ListedLicence,
  architecture: Hex,
): Promise<{ terms: ModelTerms; prices: Prices }> {
  if (!('model' in as)) {
    const { terms, perCallWei, per1kTokensWei } = as;
    requireTerms(terms);
    requirePrices(as);
    return { terms, prices: { perCallWei, per1kTokensWei } };
  }
  const facts = await readModel(chain, as.model);
  const newest = await readRelease(chain, as.model, null);
  const refuse = (what: string, hint: string): never => {
    throw new NotPublishableError(what, hint);
  };
  if (!facts || !newest)
    return refuse(`There is no model ${as.model} on ${chain.chain.name}.`, 'Look at the list of models.');
  if (account !== null && facts.owner.toLowerCase() !== account.toLowerCase())
    return refuse(`Model ${as.model} belongs to ${facts.owner}.`, 'Only its owner publishes a version of it.');
  if (facts.licence !== numberOf(licence))
    return refuse(
      `Model ${as.model} has another licence than ${licence.spdx}.`,
      'All versions have the licence of their model.',
    );
  if (newest.base.architecture !== architecture)
    return refuse(`Model ${as.model} has another base.`, 'Register a new model for this base.');
  return { terms: facts.terms, prices: { perCallWei: facts.perCallWei, per1kTokensWei: facts.per1kTokensWei } };
}

interface Simulated extends Pick<PublicationPlan, 'release' | 'terms' | 'prices'> {
  cited: Awaited<ReturnType<typeof readCitedData>>['cited'];
  parent: ModelVersion | null;
}

/** A parent whose sources cannot be read leaves the simulation out, and nothing else. */
async function simulationOf(
  context: PublicationContext,
  { release, terms, prices, cited, parent }: Simulated,
  signal: AbortSignal,
): Promise<PublicationPlan['simulation']> {
  const { addresses, read } = context.chain;
  const settlement = { address: addresses.Settlement, abi: settlementAbi } as const;
  const feeBps = await read.readContract({ ...settlement, functionName: 'feeBps' });
  const { devBps, dataBps, nodeBps } = terms;
  try {
    const none = { parents: [], datanets: [] };
    const above = parent ? await readParentPayees(context, await context.models(), parent, signal) : none;
    const own = cited.map(({ simulated }) => simulated);
    const isOwn = (one: (typeof own)[number]) =>
      own.some(({ datanet, version }) => datanet === one.datanet && version === one.version);
    return {
      ...prices,
      terms: { feeBps, devBps, dataBps, nodeBps },
      lineage: { parent, refs: release.refs },
      datanets: [...own, ...above.datanets.filter((one) => !isOwn(one))],
      parents: above.parents,
    };
  } catch (error) {
    if (signal.aborted || !(error instanceof PayableError)) throw error;
    return error.message;
  }
}
