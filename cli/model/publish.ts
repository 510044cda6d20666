// `payable model publish`: shows what would be published, then uploads, signs and waits. `--card-only` writes the folder and ends.

import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { runPlan } from '#lib/chain/tx/run.ts';
import { TransactionFailedError } from '#lib/chain/tx/errors.ts';
import { createPinnerAccess } from '#lib/datanets/pinners/pinner-access.ts';
import {
  planPublication,
  type PublicationContext,
  type PublicationInput,
  type PublicationPlan,
} from '#lib/flows/plan-publication.ts';
import { earningsWords, publicationWords } from '#lib/flows/publishing/publication-words.ts';
import { publishAdapter } from '#lib/flows/publish-adapter.ts';
import { writeExport } from '#lib/model/exports/write-export.ts';
import { simulateEarnings } from '#lib/settlement/simulate-earnings.ts';
import { createNodeDigester } from '#node/digester.ts';
import { replaceFile } from '#node/replace-file.ts';
import { openScratchIpfs } from '#node/scratch-ipfs.ts';
import type { Outcome, VerbContext } from '../chain/chain-command.ts';
import { makeFolder } from '../datanet/output-folder.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';
import { gatewaySources } from './pull-repo.ts';
import { publicationOf } from './publication-options.ts';
import { readModels } from './registered-rows.ts';

/** For the simulation, where no other numbers are named. */
const CALLS = 1000;

export async function publish(verb: VerbContext): Promise<Outcome> {
  const { values, context: chain, account, signal, say } = verb;
  const isCardOnly = option.flag(values, 'card-only');
  const out = option.text(values, 'out');
  if (isCardOnly && out === undefined)
    throw new UsageError('Option --out is missing.', 'With --card-only it is where the folder is written.');
  const pinners = option.list(values, 'pinner');
  const isSure = option.flag(values, 'yes') && !isCardOnly;
  if (isSure && pinners.length === 0)
    throw new UsageError(
      'Option --pinner is missing.',
      'Name a pinner that keeps the files, such as http://127.0.0.1:4180.',
    );
  const counts = {
    calls: BigInt(option.whole(values, 'calls', 0, 1e12) ?? CALLS),
    tokens: BigInt(option.whole(values, 'tokens', 0, 1e15) ?? 0),
  };
  const input = publicationOf(values, account?.address ?? null);
  const gateways = [...option.list(values, 'gateway'), ...pinners];
  const sources = gatewaySources(gateways);
  const ipfs = await openScratchIpfs(sources);
  try {
    const digester = await createNodeDigester();
    const models = async () => (await readModels(verb)).models;
    const plan = await planned({ chain, ipfs, digester, models }, input, signal);
    for (const line of [...publicationWords(plan), ...earningsWords(plan, counts)]) say(line);
    const object = describedPlan(plan, counts);
    if (isCardOnly) return await writeFolder(plan, resolve(out!), signal, object);
    if (!isSure)
      return { line: 'Nothing was uploaded or signed. Add --yes to publish.', object: { ...object, published: null } };
    const access = createPinnerAccess(pinners, {
      ...{ chain, fetch, domain: 'localhost', nowMs: () => Date.now(), tokens: tokensOfThisRun() },
    });
    const needs = { chain, ipfs, pinners: access, ...runner(verb) };
    for await (const event of publishAdapter(needs, plan, { signal })) {
      if (event.type === 'uploading') say(`${event.what}: ${event.bytes} bytes to ${event.pinner}`);
      if (event.type === 'brought')
        say(`${event.what}: kept by ${event.pinners} of ${pinners.length} pinners, ${event.fresh} new`);
      if (event.type === 'registering') say(`registering the ${event.what}`);
      if (event.type !== 'published') continue;
      const { model, version } = event.release;
      const name = `model:${model}@${version}`;
      return {
        line: `Published as ${name}: files ipfs:${event.folder.toString()}, manifest ${event.manifest.toString()}. Use it with payable pull ${name}.`,
        object: { ...object, published: { model: String(model), version } },
      };
    }
    throw new Error('the publication ended without a result');
  } finally {
    await ipfs.dispose();
  }
}

async function planned(...[context, input, signal]: [PublicationContext, PublicationInput, AbortSignal]) {
  for await (const event of planPublication(context, input, { signal }))
    if (event.type === 'planned') return event.plan;
  throw new Error('planning ended without a plan');
}

function describedPlan(plan: PublicationPlan, counts: { calls: bigint; tokens: bigint }): Record<string, unknown> {
  const { card, folder, manifest, release, base, terms, prices, simulation } = plan;
  return {
    ...{ card, files: folder.toString(), manifest: manifest.cid.toString(), release, terms, prices },
    base: { ...card.base, registered: base.registered?.id ?? null },
    earnings: typeof simulation === 'string' ? { unknown: simulation } : simulateEarnings({ ...simulation, ...counts }),
  };
}

async function writeFolder(
  plan: PublicationPlan,
  out: string,
  signal: AbortSignal,
  object: Record<string, unknown>,
): Promise<Outcome> {
  await makeFolder(out);
  const sink = {
    async write(path: string, pieces: AsyncIterable<Uint8Array>) {
      const file = join(out, path);
      await mkdir(dirname(file), { recursive: true });
      await replaceFile(file, pieces);
    },
  };
  for await (const event of writeExport({ files: plan.files, notes: [] }, sink, signal)) void event;
  return {
    line: `${out}: ${plan.files.length} files. Nothing was uploaded or signed.`,
    object: { ...object, out, published: null },
  };
}

/** Session tokens are kept until the command ends. */
function tokensOfThisRun() {
  const tokens = new Map<string, string>();
  return {
    get: (key: string) => tokens.get(key) ?? null,
    set: (key: string, token: string) => void tokens.set(key, token),
  };
}

/** A transaction that fails ends the command with its reason. */
function runner({
  context,
  host,
  signal,
  say,
}: VerbContext): Pick<Parameters<typeof publishAdapter>[0], 'run' | 'underWay'> {
  return {
    async run(plan) {
      for await (const { state, explanation } of runPlan(context, plan, host, { signal })) {
        if (state.status === 'safe') say(`${explanation}. Transaction ${state.hash}.`);
        if ('failure' in state) throw new TransactionFailedError(explanation, state.failure);
      }
      return true;
    },
    async underWay() {
      const all = await host.store.list(context.chain.id);
      return all.filter(({ state }) => state.status === 'submitted').map(({ data }) => data);
    },
  };
}
