// `payable model`: the registered models of a chain, what one costs and earns, and what its owner changes.

import { announceTerms } from '#lib/chain/actions/models/announce-terms.ts';
import { deprecateVersion } from '#lib/chain/actions/models/deprecate-version.ts';
import { termsWords } from '#lib/chain/actions/models/model-terms.ts';
import { setPrice } from '#lib/chain/actions/models/set-price.ts';
import { readModel, readReleases, type ModelFacts, type TermsFacts } from '#lib/chain/reads/read-model.ts';
import { inOpen } from '#lib/chain/words/amount-words.ts';
import { readPercent } from '#lib/chain/words/read-percent.ts';
import { counted } from '#lib/core/count-words.ts';
import { asDay, asTime } from '#lib/core/time-words.ts';
import {
  type ModelIncome,
  type PublishedModel,
  type PublishedModelVersion,
} from '#lib/registry/published/published-models.ts';
import { amountWei, chainCommand, runAction, word, type VerbContext } from '../chain/chain-command.ts';
import { UsageError } from '../errors.ts';
import { PUBLICATION_OPTIONS } from '../model/publication-options.ts';
import { publish } from '../model/publish.ts';
import { readModels } from '../model/registered-rows.ts';
import * as option from '../option-values.ts';

function wholeOf(verb: VerbContext, at: number, what: string): number {
  const text = word(verb, at, what);
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(`${what} is "${text.slice(0, 40)}".`, 'It is a whole number from 1. See payable model list.');
  }
  return Number(text);
}

async function factsOf(verb: VerbContext): Promise<ModelFacts> {
  const id = wholeOf(verb, 0, 'The model');
  const found = await readModel(verb.context, BigInt(id));
  if (!found) throw new UsageError(`There is no model ${id} on this chain.`, 'See payable model list.');
  return found;
}

const paidWords = ({ calls, grossWei }: ModelIncome): string => `${counted(calls, 'call')} paid ${inOpen(grossWei)}`;

const lineOf = ({ id, base, licence, versions, perCallWei, per1kTokensWei, owner, income }: PublishedModel): string =>
  `${id} on ${base.family}, ${counted(versions.length, 'version')}, ${licence}, owned by ${owner}: ${inOpen(perCallWei)} a call and ${inOpen(per1kTokensWei)} per 1,000 tokens; ${paidWords(income)}`;

async function list(verb: VerbContext) {
  const { models, block } = await readModels(verb);
  return { line: models.map(lineOf).join('\n') || 'No model is registered on this chain.', object: { block, models } };
}

function versionLine({ version, adapter, manifest, parent, refs, isDeprecated, income }: PublishedModelVersion) {
  const continues = parent ? `, continues model ${parent.model} v${parent.version}` : '';
  const cites = refs.map(({ datanet, version: n, weight }) => `Datanet ${datanet} v${n} (weight ${weight})`).join(', ');
  const state = isDeprecated ? ', deprecated' : '';
  return `v${version}${state}${continues}${cites ? `, cites ${cites}` : ''}: files ${adapter}, manifest ${manifest}; ${paidWords(income)}`;
}

const termsLine = (what: string, terms: TermsFacts): string =>
  `${what} ${asTime(BigInt(terms.effectiveAt))}: ${termsWords(terms)}`;

async function show(verb: VerbContext) {
  const facts = await factsOf(verb);
  const { models, block } = await readModels(verb);
  const model = models.find(({ id }) => id === String(facts.id));
  if (!model)
    throw new UsageError(`The logs of this chain lack model ${facts.id}.`, 'Check --rpc and the first block.');
  const numbers = model.versions.map(({ version }) => version);
  const releases = await readReleases(verb.context, facts.id, numbers);
  const versions = model.versions.map((one, at) => ({ ...one, ...releases[at]! }));
  const lines = [
    lineOf(model),
    `registered ${asDay(BigInt(facts.createdAt))}; income as booked up to block ${block}`,
    termsLine('terms in force since', facts.terms),
    ...(facts.announced ? [termsLine('announced terms, from', facts.announced)] : []),
    ...versions.map((one) => `${versionLine(one)}; rank ${one.rank}, ${one.sizeKiB} KiB`),
  ];
  const { terms, announced, createdAt } = facts;
  return { line: lines.join('\n'), object: { ...model, versions, terms, announced, createdAt, block } };
}

async function price(verb: VerbContext) {
  const prices = {
    perCallWei: amountWei(word(verb, 1, 'The price of a call')),
    per1kTokensWei: amountWei(word(verb, 2, 'The price of 1,000 tokens')),
  };
  const model = BigInt(wholeOf(verb, 0, 'The model'));
  return runAction(verb, await setPrice(verb.context, { model, ...prices }));
}

async function terms(verb: VerbContext) {
  const { values, context } = verb;
  const { id, terms: before } = await factsOf(verb);
  const part = (name: string, field: string): number =>
    readPercent(option.required(values, name, `${field}, in percent`), `Option --${name}`);
  const next = {
    payout: option.text(values, 'payout') ?? before.payout,
    devBps: part('developer', 'the developer’s part'),
    dataBps: part('contributors', 'the contributors’ part'),
    nodeBps: part('node', 'the node’s part'),
  };
  return runAction(verb, await announceTerms(context, { model: id, terms: next }));
}

async function deprecate(verb: VerbContext) {
  const model = BigInt(wholeOf(verb, 0, 'The model'));
  const version = wholeOf(verb, 1, 'The version');
  if (!option.flag(verb.values, 'yes')) {
    const hint = 'Add --yes once you are sure.';
    throw new UsageError(`Version ${version} of model ${model} would be deprecated for ever.`, hint);
  }
  return runAction(verb, await deprecateVersion(verb.context, { model, version }));
}

export const model = chainCommand(
  'model',
  'registered models: list, show, publish, price, terms, deprecate',
  {
    list: { usage: '', summary: 'all models, their prices and what they were paid', run: list },
    show: { usage: 'MODEL', summary: 'one model: terms, versions, sources, income', run: show },
    publish: { usage: '', summary: 'uploads an adapter and registers it; see the options below', run: publish },
    price: { usage: 'MODEL PER-CALL PER-1000-TOKENS', summary: 'sets its price, in OPEN', run: price },
    terms: { usage: 'MODEL', summary: 'announces terms that apply three days later', run: terms },
    deprecate: { usage: 'MODEL VERSION', summary: 'marks a version as no longer to be used, for ever', run: deprecate },
  },
  {
    developer: { type: 'string' },
    contributors: { type: 'string' },
    node: { type: 'string' },
    payout: { type: 'string' },
    yes: { type: 'boolean' },
    ...PUBLICATION_OPTIONS,
  },
  `  --developer, --contributors, --node PERCENT
                         parts of a payment after the fee, together 100 (terms, publish); publish takes 40, 40 and 20 by default
  --payout ADDRESS       where the developer’s part is paid; default: as before (terms), or the key’s account (publish)
  --yes                  deprecates without a question, for it cannot be undone; uploads and signs what publish has shown

publish:
  --adapter DIR --base MODEL --name TEXT --licence SPDX --price OPEN
                         what every publication needs; MODEL is what generate --model takes
  --description TEXT     what it is for
  --citing DATANET@VERSION[:ROWS]
                         a registered Datanet version that it was trained on, and how many of its rows were used; may be repeated
  --parent MODEL@VERSION the registered version that it continues
  --model MODEL          publishes the next version of this model; price and terms stay
  --price-1k OPEN        of 1,000 tokens; default 0
  --base-at PLACE        where others find the base: owner/name@COMMIT or ipfs:CID; default: its files are uploaded too
  --base-licence SPDX    of a base that is not registered yet
  --training FILE        the manifest of the training run, which is published with the adapter
  --calls N --tokens N   for the earnings that are shown; default 1,000 calls
  --pinner URL           keeps the files; may be repeated. --gateway URL is only asked for blocks of Datanets
  --card-only --out DIR  writes the folder with its cards, and ends

`,
);
