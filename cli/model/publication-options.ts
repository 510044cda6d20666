// The options of `payable model publish` as the input of a publication: paths, names and numbers, checked before anything is read.

import { readdirSync } from 'node:fs';
import type { Address } from 'viem';
import type { ModelTerms } from '#lib/chain/actions/models/model-terms.ts';
import type { Prices } from '#lib/chain/actions/models/set-price.ts';
import { readPercent } from '#lib/chain/words/read-percent.ts';
import { isAddress, isOnIpfs, parseRepo } from '#lib/files/parse-repo.ts';
import type { UsedData } from '#lib/flows/publishing/cited-data.ts';
import type { PublicationInput } from '#lib/flows/plan-publication.ts';
import type { ModelVersion } from '#lib/formats/payment/lineage.ts';
import { filesOfModel } from '#lib/formats/model/files-of-model.ts';
import { GGUF_FILE } from '#lib/model/sources/gguf-file.ts';
import { isGgufFile, openNodeFolder } from '#node/open-folder.ts';
import { amountWei } from '../chain/chain-command.ts';
import type { OptionTypes, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import { findModel, isDirectory, readInput, requireAdapter } from '../input-files.ts';
import * as option from '../option-values.ts';
import { isPulledName, pulledPlace } from '../pulled-models.ts';

export const PUBLICATION_OPTIONS: OptionTypes = {
  adapter: { type: 'string' },
  base: { type: 'string' },
  'base-at': { type: 'string' },
  'base-licence': { type: 'string' },
  name: { type: 'string' },
  description: { type: 'string' },
  licence: { type: 'string' },
  citing: { type: 'string', multiple: true },
  parent: { type: 'string' },
  price: { type: 'string' },
  'price-1k': { type: 'string' },
  model: { type: 'string' },
  training: { type: 'string' },
  pinner: { type: 'string', multiple: true },
  gateway: { type: 'string', multiple: true },
  calls: { type: 'string' },
  tokens: { type: 'string' },
  'card-only': { type: 'boolean' },
  out: { type: 'string' },
};

/** Parts of a payment where none are named: contributors have what a model with sources usually gives. */
const PARTS = { devBps: 4000, dataBps: 4000, nodeBps: 2000 };

export function publicationOf(values: OptionValues, account: Address | null): PublicationInput {
  const adapter = option.required(values, 'adapter', 'a PEFT adapter directory');
  const base = option.required(values, 'base', 'the model that the adapter is for');
  const name = option.required(values, 'name', 'what the model is called');
  const licence = option.required(values, 'licence', 'its SPDX licence, such as CC-BY-4.0');
  const parent = option.text(values, 'parent');
  const training = option.text(values, 'training');
  return {
    base: baseOf(values, base),
    adapter: openNodeFolder(requireAdapter(adapter, 'a PEFT adapter directory after --adapter')),
    ...{ name, description: option.text(values, 'description') ?? '', licence, account },
    data: option.list(values, 'citing').map(usedData),
    parent: parent === undefined ? null : versionOf(parent, '--parent'),
    training: training === undefined ? null : readInput(training),
    as: asOf(values, account),
  };
}

function baseOf(values: OptionValues, name: string): PublicationInput['base'] {
  const path = findModel(name);
  const licence = option.text(values, 'base-licence') ?? null;
  const place = option.text(values, 'base-at') ?? (isPulledName(name) ? pulledPlace(name) : undefined);
  const folder = openNodeFolder(path);
  if (place !== undefined) {
    const { id } = parseRepo(place);
    if (isAddress(id))
      throw new UsageError(
        `The base is at ${id.slice(0, 120)}, which others would have to trust.`,
        'Name a place of the hub with its commit, or ipfs:CID, after --base-at.',
      );
    if (!isOnIpfs(id) && !/@[0-9a-f]{40}(?::|$)/.test(place))
      throw new UsageError(
        `The base ${place.slice(0, 120)} may change.`,
        'Write owner/name@COMMIT with all 40 digits of the commit.',
      );
    return { folder, from: { place }, licence };
  }
  const files = isGgufFile(path) || !isDirectory(path) ? [GGUF_FILE] : filesOfModel(readdirSync(path));
  if (files === null) throw new UsageError(`${path} has no weights.`, 'Name a directory with config.json and weights.');
  return { folder, from: { files }, licence };
}

/** `3@2`, or `3@2:180` where 180 of its rows were used. */
function usedData(text: string): UsedData {
  const [, datanet, version, rows] = /^([1-9]\d{0,15})@([1-9]\d{0,8})(?::([1-9]\d{0,8}))?$/.exec(text) ?? [];
  if (datanet === undefined)
    throw new UsageError(
      `Option --citing is "${text.slice(0, 60)}".`,
      'It takes DATANET@VERSION or DATANET@VERSION:ROWS.',
    );
  return { datanet: BigInt(datanet), version: Number(version), rows: rows === undefined ? null : Number(rows) };
}

export function versionOf(text: string, name: string): ModelVersion {
  const [, model, version] = /^([1-9]\d{0,9})@([1-9]\d{0,8})$/.exec(text) ?? [];
  if (model === undefined) throw new UsageError(`Option ${name} is "${text.slice(0, 60)}".`, 'It takes MODEL@VERSION.');
  return { model: BigInt(model), version: Number(version) };
}

function asOf(values: OptionValues, account: Address | null): { model: bigint } | ({ terms: ModelTerms } & Prices) {
  const model = option.text(values, 'model');
  const named = ['price', 'price-1k', 'developer', 'contributors', 'node', 'payout'].filter(
    (name) => values[name] !== undefined,
  );
  if (model !== undefined) {
    if (!/^[1-9]\d{0,9}$/.test(model))
      throw new UsageError(`Option --model is "${model.slice(0, 40)}".`, 'It takes the number of a model.');
    if (named.length > 0)
      throw new UsageError(
        `Options --model and --${named[0]!} exclude each other.`,
        'A version has price and terms of its model; see payable model price and terms.',
      );
    return { model: BigInt(model) };
  }
  const parts = ['developer', 'contributors', 'node'] as const;
  const isSplit = parts.some((name) => values[name] !== undefined);
  const part = (name: (typeof parts)[number]): number =>
    readPercent(option.required(values, name, 'its part of a payment, in percent'), `Option --${name}`);
  const split = isSplit ? { devBps: part('developer'), dataBps: part('contributors'), nodeBps: part('node') } : PARTS;
  const payout = option.text(values, 'payout') ?? account ?? NO_ACCOUNT;
  return {
    terms: { payout, ...split },
    perCallWei: amountWei(option.required(values, 'price', 'the price of a call in OPEN')),
    per1kTokensWei: amountWei(option.text(values, 'price-1k') ?? '0'),
  };
}

/** Only where nothing is signed. */
const NO_ACCOUNT = '0x000000000000000000000000000000000000dEaD';
