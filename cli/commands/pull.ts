// `payable pull`: a model or an adapter from the Hugging Face hub, from IPFS or from an address, with progress, resumed after a stop, every file checked.

import { parseRepo } from '#lib/files/parse-repo.ts';
import type { Repo, RepoSource } from '#lib/files/repo.ts';
import { checkModel } from '#lib/flows/check-model.ts';
import { formatBytes } from '#lib/ui/format-figures.ts';
import { CHAIN_OPTIONS } from '../chain/open-chain.ts';
import type { Command, CommandContext, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import { createRepoSource, pullRepo } from '../model/pull-repo.ts';
import { pullRegistered } from '../model/pull-registered.ts';
import { isRegisteredName } from '../model/registered-notes.ts';
import * as option from '../option-values.ts';

export const pull: Command = {
  summary: 'fetch a model or an adapter from the Hugging Face hub, IPFS or an address',
  help: `payable pull OWNER/NAME[@REVISION][:FILE] [--to DIR] [--file PATH]... [--json]
payable pull ipfs:CID[/PATH][:FILE] [--gateway URL]... | https://ADDRESS
payable pull model:ID[@VERSION] [--gateway URL]... [--mode, --data, --rpc, --chain, --addresses: as payable chain]

Fetches weights, tokenizer and configuration. A revision is a branch, a tag or a commit; it is pinned to a commit first. Every file
must have the hash that the hub lists. After a stop at any point the same command goes on where it was. Then
payable generate --model hub:OWNER/NAME uses the files, without a network. Of a repository that holds GGUF files only, FILE says which:
a quantisation such as Q8_0, or the name of a file without .gguf; the default is Q4_K_M where there is one.

A content id names a folder or one GGUF file; every block is hashed, wherever it came from. An address names a GGUF file or a folder with
config.json; no hash of its files is known. Use them as --model ipfs:CID and --model https://ADDRESS.

A registered model is found from its number alone: the chain names its manifest, the manifest its files, their card the base. Both are
fetched, and must have the hashes that the chain has. Then --model model:ID[@VERSION] opens the base with the adapter.

  --gateway URL  where blocks of IPFS are requested; may be repeated; default http://127.0.0.1:4180, where pin-node listens
  --to DIR     keeps the files in DIR, which --model takes as well, instead of the folder of pulled models
  --check      fetches no weights; prints what the model would take: bytes to download, and GPU memory for each format of weights
  --context N  with --check: the longest sequence in tokens
  --file PATH  fetches these files only, such as one GGUF file; may be repeated
  --json       prints one object {"repo", "commit", "directory", "model", "files", "bytes"} at the end; model is what --model takes

Environment: HF_TOKEN, a read token for gated and private models; HF_ENDPOINT, another server that speaks the hub's HTTP;
PAYABLE_MODELS, the folder of pulled models (default ~/.cache/payable/models).`,
  words: 1,
  options: {
    check: { type: 'boolean' },
    gateway: { type: 'string', multiple: true },
    context: { type: 'string' },
    to: { type: 'string' },
    file: { type: 'string', multiple: true },
    ...CHAIN_OPTIONS,
  },
  async run(values, { words, signal, write }) {
    const [name] = words;
    if (name === undefined) throw new UsageError('There is no model to fetch.', 'Write payable pull OWNER/NAME.');
    const to = option.text(values, 'to');
    const named = option.list(values, 'file');
    const json = option.flag(values, 'json');
    if (isRegisteredName(name)) return pullRegistered(name, values, { signal, write });
    refuseChain(values);
    const repo = parseRepo(name);
    const say = (line: string) => {
      if (!json) write(`${line}\n`);
    };
    const source = createRepoSource(option.list(values, 'gateway'));
    if (option.flag(values, 'check')) return check(source, repo, values, { signal, write });
    const { commit, directory, model, files, bytes } = await pullRepo(source, { repo, to, named, signal, say });
    if (json) write(`${JSON.stringify({ repo: repo.id, commit, directory, model, files, bytes })}\n`);
    else say(model);
  },
};

/** Options of a chain count for registered models only. */
function refuseChain(values: OptionValues): void {
  const other = Object.keys(CHAIN_OPTIONS).find((name) => name !== 'json' && values[name] !== undefined);
  if (other) throw new UsageError(`Option --${other} is for registered models.`, 'Name one as model:ID.');
}

/** The command line opens no GPU for this, so it counts with the limit that the engine's reference kernels have. */
const MAX_BINDING_BYTES = 2 ** 31;

async function check(
  source: RepoSource,
  repo: Repo,
  values: OptionValues,
  { signal, write }: Pick<CommandContext, 'signal' | 'write'>,
): Promise<void> {
  const contextLength = option.whole(values, 'context', 1, 2 ** 24);
  const json = option.flag(values, 'json');
  const input = { repo, contextLength, maxBindingBytes: MAX_BINDING_BYTES };
  const formats: object[] = [];
  let about = {};
  for await (const event of checkModel({ source }, input, { signal })) {
    if (event.type === 'listed') {
      const { listing, downloadBytes } = event;
      about = { repo: repo.id, commit: listing.commit, downloadBytes };
      if (!json) write(`${repo.id} at ${listing.commit}: ${formatBytes(downloadBytes)} to download\n`);
      continue;
    }
    const { dtype, contextLength: context, gpuBytes, totalBytes } = event.prediction;
    formats.push({ dtype, contextLength: context, gpuBytes, totalBytes });
    if (json) continue;
    const { weights, kv, adapters, other } = gpuBytes;
    const parts = { weights, cache: kv, 'room for adapters': adapters, other };
    const shown = Object.entries(parts).map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
    write(
      `${dtype.padEnd(4)}${formatBytes(totalBytes).padStart(8)} of GPU memory for contexts of ${context} tokens: ${shown.join(', ')}\n`,
    );
  }
  if (json) write(`${JSON.stringify({ ...about, formats })}\n`);
}
