// Rows of Datanets and models: owners, versions, and the status of contributions.

import type { Address, Hex } from 'viem';
import { update, type DecodedLog, type Reducers, type Rows } from './reducer.ts';
import type { ContributionRow } from './tables.ts';

/** Transfer or mint of the asset's token. */
const moved =
  (table: 'datanets' | 'models') =>
  (rows: Rows, { args }: DecodedLog) => {
    const { to, tokenId } = args as { to: Address; tokenId: bigint };
    return update(rows, table, `${tokenId}`, () => ({ id: String(tokenId), owner: to }));
  };

const judged =
  (state: ContributionRow['state']) =>
  (rows: Rows, { args }: DecodedLog) => {
    const { id, contribution, reason } = args as { id: bigint; contribution: bigint | number; reason?: Hex };
    return update(rows, 'contributions', `${id}:${contribution}`, (before) => ({
      state,
      // A withdrawn contribution keeps the reason of its judgement and whether it was accepted, as versions may hold its rows.
      reason: reason ?? before.reason ?? null,
      wasAccepted: state === 'accepted' || before.wasAccepted === true,
    }));
  };

export const datanetReducers: Reducers = {
  Transfer: moved('datanets'),
  DatanetCreated(rows, { args }) {
    const { id, meta, licence, curatorBps, open, minStakeOpen } = args as {
      id: bigint;
      meta: Hex;
      licence: number;
      curatorBps: number;
      open: boolean;
      minStakeOpen: number;
    };
    const row = { meta, licence, curatorBps, open, minStakeOpen, versions: 0, tags: '' };
    return update(rows, 'datanets', `${id}`, () => row);
  },
  MetaSet(rows, { args }) {
    const { id, meta } = args as { id: bigint; meta: Hex };
    // The next event sets the new tags.
    return update(rows, 'datanets', `${id}`, () => ({ meta, tags: '' }));
  },
  AccessSet(rows, { args }) {
    const { id, open, minStakeOpen } = args as { id: bigint; open: boolean; minStakeOpen: number };
    return update(rows, 'datanets', `${id}`, () => ({ open, minStakeOpen }));
  },
  CuratorSet(rows, { args }) {
    const { id, curator, allowed } = args as { id: bigint; curator: Address; allowed: boolean };
    return rows.put('curators', `${id}:${curator}`, allowed ? { datanet: String(id), curator } : null);
  },
  TagAdded(rows, { args }) {
    const { id, tag } = args as { id: bigint; tag: Hex };
    return update(rows, 'datanets', `${id}`, ({ tags }) => ({ tags: tags ? `${tags} ${tag}` : tag }));
  },
  Contributed(rows, { args }) {
    const {
      id,
      contribution,
      contributor,
      content,
      rows: count,
      rowsRoot,
    } = args as {
      id: bigint;
      contribution: number;
      contributor: Address;
      content: Hex;
      rows: number;
      rowsRoot: Hex;
    };
    const row: ContributionRow = {
      datanet: String(id),
      contribution,
      contributor,
      content,
      rows: count,
      rowsRoot,
      state: 'pending',
      reason: null,
      wasAccepted: false,
    };
    return rows.put('contributions', `${id}:${contribution}`, row);
  },
  Accepted: judged('accepted'),
  Rejected: judged('rejected'),
  async Appealed(rows, { args }) {
    const { id, contribution, reason } = args as { id: bigint; contribution: number; reason: Hex };
    const change: Partial<ContributionRow> = { state: 'appealed', appeal: reason };
    await update(rows, 'contributions', `${id}:${contribution}`, () => change);
  },
  AppealDecided(rows, log) {
    return judged((log.args as { accepted: boolean }).accepted ? 'accepted' : 'dismissed')(rows, log);
  },
  ContributionWithdrawn: judged('withdrawn'),
  async VersionPublished(rows, { args }) {
    const {
      id,
      version,
      manifest,
      rowsRoot,
      sharesRoot,
      rows: count,
      publisher,
    } = args as {
      id: bigint;
      version: number;
      manifest: Hex;
      rowsRoot: Hex;
      sharesRoot: Hex;
      rows: number;
      publisher: Address;
    };
    const row = { datanet: String(id), version, manifest, rowsRoot, sharesRoot, rows: count, publisher };
    await rows.put('datanetVersions', `${id}:${version}`, row);
    await update(rows, 'datanets', `${id}`, () => ({ versions: version }));
  },
};

/** Terms are read from the registry: announced ones come into force by time alone, without a log. */
export const modelReducers: Reducers = {
  Transfer: moved('models'),
  BaseAdded(rows, { args }) {
    const { base, architecture, family, licence } = args as {
      base: number;
      architecture: Hex;
      family: Hex;
      licence: number;
    };
    return rows.put('bases', `${base}`, { id: String(base), family, architecture, licence });
  },
  BaseLicenceSet(rows, { args }) {
    const { base, licence } = args as { base: number; licence: number };
    return update(rows, 'bases', `${base}`, () => ({ licence }));
  },
  ModelRegistered(rows, { args }) {
    const { id, base, licence } = args as { id: bigint; base: number; licence: number };
    return update(rows, 'models', `${id}`, () => ({ base, licence }));
  },
  async VersionPublished(rows, { args }) {
    const { id, version, adapter, manifest, parent, refs } = args as {
      id: bigint;
      version: number;
      adapter: Hex;
      manifest: Hex;
      parent: bigint;
      refs: readonly bigint[];
    };
    const sources = { parent: String(parent), refs: refs.join(' ') };
    const row = { model: String(id), version, adapter, manifest, ...sources, deprecated: false };
    await rows.put('modelVersions', `${id}:${version}`, row);
    await update(rows, 'models', `${id}`, () => ({ versions: version }));
  },
  VersionDeprecated(rows, { args }) {
    const { id, version } = args as { id: bigint; version: number };
    return update(rows, 'modelVersions', `${id}:${version}`, () => ({ deprecated: true }));
  },
  PriceSet(rows, { args }) {
    const { id, perCall, per1kTokens } = args as { id: bigint; perCall: bigint; per1kTokens: bigint };
    const prices = { perCallWei: String(perCall), per1kTokensWei: String(per1kTokens) };
    return update(rows, 'models', `${id}`, () => prices);
  },
};
