// What a user chooses to publish: adapter, base, data, texts, price and split. It is kept while a publication is under way, so that after
// a reload the same publication can be planned again; chain and pinners say what of it is done.

import type { Address } from 'viem';
import { readPercent } from '#lib/chain/words/read-percent.ts';
import { readPrice } from '#lib/chain/words/read-amount.ts';
import { BadInputError } from '#lib/chain/input.ts';
import type { Prices } from '#lib/chain/actions/models/set-price.ts';
import type { ModelTerms } from '#lib/chain/actions/models/model-terms.ts';
import type { PublicationInput } from '#lib/flows/plan-publication.ts';
import type { UsedData } from '#lib/flows/publishing/cited-data.ts';
import type { ModelVersion } from '#lib/formats/payment/lineage.ts';

/** A cited Datanet version; `rows` is empty for all of them. */
export interface DraftCitation {
  datanet: string;
  version: number;
  rows: string;
}

export interface PublishModelChoices {
  adapter: string;
  base: string;
  name: string;
  description: string;
  licence: string;
  baseLicence: string;
  data: DraftCitation[];
  /** `MODEL@VERSION`, or empty. */
  parent: string;
  /** The number of an own model that gets a version; empty for a new one. */
  model: string;
  perCall: string;
  per1k: string;
  dev: string;
  contributors: string;
  node: string;
}

const START: PublishModelChoices = {
  ...{ adapter: '', base: 'demo', name: '', description: '', licence: 'CC-BY-4.0', baseLicence: 'Apache-2.0' },
  ...{ data: [], parent: '', model: '', perCall: '0.01', per1k: '0', dev: '40', contributors: '40', node: '20' },
};

const KEY = 'payable:publish-model';

export class PublishModelDraft {
  choices: PublishModelChoices = $state({ ...START });
  /** These choices are of a publication that did not end. */
  isUnfinished = $state(false);
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null) {
    this.#storage = storage;
    const kept = readKept(storage?.getItem(KEY) ?? null);
    if (!kept) return;
    this.choices = kept;
    this.isUnfinished = true;
  }

  /** Before uploading begins. */
  keep() {
    this.isUnfinished = true;
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.choices));
    } catch {
      // If storage is full or blocked, the choices are typed again after a reload.
    }
  }

  /** It is published, or given up. */
  forget() {
    this.isUnfinished = false;
    this.#storage?.removeItem(KEY);
  }

  /** @throws BadAmountError, BadInputError */
  get prices(): Prices {
    return { perCallWei: readPrice(this.choices.perCall), per1kTokensWei: readPrice(this.choices.per1k) };
  }

  /** @throws BadInputError */
  get parts(): Omit<ModelTerms, 'payout'> {
    const { dev, contributors, node } = this.choices;
    return {
      devBps: readPercent(dev, 'Your part'),
      dataBps: readPercent(contributors, 'The contributors’ part'),
      nodeBps: readPercent(node, 'The node’s part'),
    };
  }

  /** All but the files. @throws BadAmountError, BadInputError */
  inputFor(account: Address | null): Omit<PublicationInput, 'base' | 'adapter' | 'training'> {
    const { name, description, licence, data, parent, model } = this.choices;
    return {
      ...{ name: name.trim(), description: description.trim(), licence, account },
      data: data.map(({ datanet, version, rows }): UsedData => ({
        datanet: BigInt(datanet),
        version,
        rows: rowsOf(rows),
      })),
      parent: parentOf(parent),
      as:
        model === ''
          ? { terms: { payout: account ?? NO_ACCOUNT, ...this.parts }, ...this.prices }
          : { model: BigInt(model) },
    };
  }
}

/** Only where nothing is signed. */
const NO_ACCOUNT = '0x000000000000000000000000000000000000dEaD';

function rowsOf(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!/^[1-9]\d{0,8}$/.test(trimmed))
    throw new BadInputError('The number of rows used', 'is not a whole number from 1 on');
  return Number(trimmed);
}

function parentOf(text: string): ModelVersion | null {
  const [model, version] = text.split('@');
  return model && version ? { model: BigInt(model), version: Number(version) } : null;
}

/** Storage may hold anything, as of an older version of the app. */
function readKept(text: string | null): PublishModelChoices | null {
  try {
    const kept = JSON.parse(text ?? 'null') as Partial<Record<keyof PublishModelChoices, unknown>> | null;
    if (kept === null || typeof kept !== 'object') return null;
    const isText = (name: keyof PublishModelChoices) => name === 'data' || typeof kept[name] === 'string';
    const isWhole = (Object.keys(START) as (keyof PublishModelChoices)[]).every(isText);
    return isWhole && Array.isArray(kept.data) && kept.data.every(isCitation) ? (kept as PublishModelChoices) : null;
  } catch {
    return null;
  }
}

function isCitation(value: unknown): value is DraftCitation {
  const { datanet, version, rows } = (value ?? {}) as Partial<Record<keyof DraftCitation, unknown>>;
  return (
    typeof datanet === 'string' &&
    /^\d{1,18}$/.test(datanet) &&
    Number.isSafeInteger(version) &&
    typeof rows === 'string'
  );
}
