// Creates a Datanet, owned by the acting account. Its licence never changes.

import { encodeFunctionData } from 'viem';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import { inPercent } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { licenceWords } from '../../words/licence-words.ts';
import { BadInputError, requireBps, requireHash, requireShortText, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface NewDatanet {
  /** Name in its description, for the explanation. */
  name?: string;
  /** sha2-256 digest of the description's CID. */
  meta: string;
  /** Id in the registry's table of licences. */
  licence: number;
  curatorBps: number;
  /** Whether anyone may contribute; else curators only. */
  isOpen: boolean;
  /** Whole OPEN a contributor must have staked. */
  minStakeOpen: number;
  tags: readonly string[];
}

const MAX_TAGS = 16;

/** Tags as the registry stores them: short and unique. */
export function tagWords(tags: readonly string[]): `0x${string}`[] {
  if (tags.length > MAX_TAGS) throw new BadInputError('The tags', `are more than ${MAX_TAGS}`);
  // A repeated tag counts once.
  return [...new Set(tags.map((tag) => requireShortText(tag, 'A tag')))];
}

/** Who may contribute, in words. */
export const accessWords = (isOpen: boolean, minStakeOpen: number): string =>
  `${isOpen ? 'anyone' : 'only its curators'}${minStakeOpen === 0 ? '' : ` with ${minStakeOpen} OPEN staked`} may contribute`;

/**
 * @example
 * import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
 *
 * const rules = { licence: 2, curatorBps: 500, isOpen: true, minStakeOpen: 0 };
 * const plan = await createDatanet(chain, { name: 'Rare birds', meta: digest, ...rules, tags: ['birds'] });
 * show(plan.steps[0].explanation);
 */
export async function createDatanet(context: ChainContext, input: NewDatanet): Promise<ActionPlan> {
  const licence = requireSmall(input.licence, 32, 'The licence', 1);
  const curatorBps = requireBps(input.curatorBps, 'The share of the curators');
  const minStake = requireSmall(input.minStakeOpen, 32, 'The least stake');
  const meta = requireHash(input.meta, 'The description');
  const args = [meta, licence, curatorBps, input.isOpen, minStake, tagWords(input.tags)] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'create', args });
  const called = input.name === undefined ? 'a Datanet' : `the Datanet “${input.name}”`;
  const explanation = `You create ${called} under ${licenceWords(licence)}: ${accessWords(input.isOpen, minStake)}, its curators get ${inPercent(BigInt(curatorBps))} of its income`;
  return planOf(context, 'create-datanet', explanation, { to: context.addresses.DatanetRegistry, data });
}
