// `payable pull model:ID`: a registered model with its base, from the chain and IPFS. What was fetched must have the hashes that the chain
// has; only then it is noted and can be opened by its number.

import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { hashFiles } from '#lib/core/hash.ts';
import { modelId } from '#lib/engine/model-id.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { findRegisteredModel } from '#lib/registry/published/find-registered-model.ts';
import { takeBlock } from '#lib/ipfs/fetch-dag.ts';
import { ModelNotFoundError, OtherFilesError } from '#lib/registry/errors.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import { openChain } from '../chain/open-chain.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';
import { createRepoSource, gatewaySources, pullRepo } from './pull-repo.ts';
import { noteRegistered, parseRegisteredName } from './registered-notes.ts';

/** Of pull, and not for registered models. */
const OTHERS = ['to', 'file', 'check', 'context'];

export async function pullRegistered(
  name: string,
  values: OptionValues,
  { signal, write }: Pick<CommandContext, 'signal' | 'write'>,
): Promise<void> {
  const other = OTHERS.find((one) => values[one] !== undefined);
  if (other) throw new UsageError(`Option --${other} is not for registered models.`, 'Leave it out.');
  const json = option.flag(values, 'json');
  const say = (line: string) => {
    if (!json) write(`${line}\n`);
  };
  const gateways = option.list(values, 'gateway');
  const wanted = parseRegisteredName(name);
  const open = await openChain(values);
  try {
    const { context: chain } = open;
    if (wanted.chain !== null && wanted.chain !== chain.chain.id)
      throw new UsageError(`This is chain ${chain.chain.id}, not ${wanted.chain}.`, 'Check --mode and --chain.');
    const sources = gatewaySources(gateways);
    const block = (cid: Parameters<typeof takeBlock>[0]) => takeBlock(cid, { sources, signal });
    const found = await findRegisteredModel({ chain, block }, wanted, { signal });
    const { release, manifest, files, base } = found;
    const { model, version } = release;
    say(`Model ${model} v${version} on ${chain.chain.name}: ${manifest.name}`);
    if (release.isDeprecated) say('Its owner says that this version should no longer be used.');
    const source = createRepoSource(gateways);
    const pull = (place: string) => pullRepo(source, { repo: parseRepo(place), signal, say });
    const own = await pull(files);
    if (base === null) {
      const whole = openNodeFolder(own.model);
      if (await whole.has(ADAPTER_CONFIG)) {
        const hint = `Open it on its base yourself: --adapter ${files}`;
        throw new ModelNotFoundError(
          `Model ${model} v${version} is an adapter without a card, so its base is not known.`,
          hint,
        );
      }
      requireHash(`Model ${model} v${version}`, release.base.architecture, await modelId(whole, signal));
    } else {
      const peft = openNodeFolder(own.directory);
      requireHash('The adapter', release.adapter, await hashFiles(peft, [ADAPTER_CONFIG, ADAPTER_WEIGHTS], signal));
      const under = await pull(base.place);
      requireHash('The base', release.base.architecture, await modelId(openNodeFolder(under.model), signal));
    }
    await noteRegistered(
      { chain: chain.chain.id, model, version },
      base ? { base: base.place, adapter: files } : { base: files, adapter: null },
    );
    const named = `model:${model}@${version}`;
    if (json)
      write(
        `${JSON.stringify({ model: named, chain: chain.chain.id, name: manifest.name, files, base: base?.place ?? null })}\n`,
      );
    else say(`Both have the hashes that the chain names. Use it as --model ${named}`);
  } finally {
    open.close();
  }
}

function requireHash(what: string, named: string, found: string): void {
  if (named !== `0x${found}`) throw new OtherFilesError(what, named, found);
}
