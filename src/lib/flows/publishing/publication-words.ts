// The plan of a publication in sentences, for people to read before they sign.

import { termsWords } from '#lib/chain/actions/models/model-terms.ts';
import { briefOpen, inOpen } from '#lib/chain/words/amount-words.ts';
import { counted } from '#lib/core/count-words.ts';
import { simulateEarnings, type Simulation } from '#lib/settlement/simulate-earnings.ts';
import type { PublicationPlan } from '../plan-publication.ts';

const KINDS = { lora: 'a LoRA', rslora: 'an rsLoRA', dora: 'a DoRA' } as const;

/**
 * @example
 * import { publicationWords } from '#lib/flows/publishing/publication-words.ts';
 *
 * for (const sentence of publicationWords(publicationPlan)) show(sentence);
 */
export function publicationWords(plan: PublicationPlan): string[] {
  const { card, base, files, manifest, folder, terms, prices, published, as } = plan;
  const { name, adapter, data, parent, licence } = card;
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  const words = [
    `"${name}" is ${KINDS[adapter.kind]} of rank ${adapter.rank} for a base of the family ${card.base.family}, which it opens on.`,
    `Its licence is ${licence}; the licences of the base (${card.base.licence}) and of all its sources allow that.`,
    ...data.map(
      (one) =>
        `It cites ${one.name} v${one.version}: ${counted(one.rowsUsed, 'row')} of ${one.rows}, ${counted(one.contributors, 'contributor')}, ${one.licence}.`,
    ),
    ...(data.length === 0 ? ['It cites no Datanet.'] : []),
    ...(parent ? [`It continues model ${parent.model} v${parent.version}.`] : []),
    ...(card.training
      ? []
      : ['No manifest of the training run is given, so the card says that the recipe is not known.']),
    `${counted(files.length, 'file')} with ${counted(bytes, 'byte')} go to IPFS as ${folder.toString()}, named by the manifest ${manifest.cid.toString()}.`,
  ];
  if (base.published) {
    const baseBytes = base.published.files.reduce((sum, one) => sum + one.bytes, 0);
    words.push(
      `The base goes to IPFS too, with ${counted(baseBytes, 'byte')}, as ${base.published.folder.toString()}.`,
    );
  } else words.push(`The base is found at ${card.base.place}.`);
  if (published) {
    words.push(`It was published before, as model ${published.model} v${published.version}; nothing is signed.`);
    return words;
  }
  if (!base.registered) words.push('You register the base first, in a transaction of its own.');
  words.push(
    'model' in as
      ? `You publish it as the next version of model ${as.model}, whose price and terms stay.`
      : 'You register it as a new model.',
    `A call costs ${inOpen(prices.perCallWei)}, and 1,000 tokens cost ${inOpen(prices.per1kTokensWei)}; of a payment after the fee go ${termsWords(terms)}.`,
  );
  return words;
}

/**
 * Where the money of so many calls and tokens would go, by the rules of the contracts.
 *
 * @example
 * import { earningsWords } from '#lib/flows/publishing/publication-words.ts';
 *
 * for (const sentence of earningsWords(publicationPlan, { calls: 1_000n, tokens: 0n })) show(sentence);
 */
export function earningsWords(
  { simulation, terms }: Pick<PublicationPlan, 'simulation' | 'terms'>,
  { calls, tokens }: { calls: bigint; tokens: bigint },
): string[] {
  if (typeof simulation === 'string') return [`What calls would pay cannot be said: ${simulation}`];
  const paid = simulateEarnings({ ...simulation, calls, tokens });
  return [
    `${counted(calls, 'call')} with ${counted(tokens, 'token')} would pay ${inOpen(paid.grossWei)}: ${inOpen(paid.feeWei)} to the treasury, ${inOpen(paid.devWei)} to ${terms.payout}, ${inOpen(paid.nodeWei)} to the nodes that answer, ${inOpen(paid.dataWei)} to contributors.`,
    ...paid.datanets.map(datanetWords),
    ...paid.parents.map(
      ({ model, version, payout, wei }) => `Model ${model} v${version} would bring ${inOpen(wei)} to ${payout}.`,
    ),
  ];
}

const MOST_HOLDERS = 5;

function datanetWords({ datanet, version, citedBy, curatorsWei, holdersWei, holders }: Simulation['datanets'][number]) {
  const most = [...holders].sort((a, b) => (a.wei < b.wei ? 1 : -1)).slice(0, MOST_HOLDERS);
  const accounts = most.map(({ account, rows, wei }) => `${account} ${briefOpen(wei)} for ${counted(rows, 'row')}`);
  const more = holders.length > most.length ? `, and ${counted(holders.length - most.length, 'other')}` : '';
  const through = citedBy ? ` (cited by model ${citedBy.model} v${citedBy.version})` : '';
  return `Datanet ${datanet} v${version}${through}: ${inOpen(curatorsWei)} to its owner for curators, ${inOpen(holdersWei)} to contributors: ${accounts.join(', ') || 'none has an account'}${more}.`;
}
