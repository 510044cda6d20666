// `payable datanet`: versions of Datanets in folders. Each verb prints one JSON object.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Digester } from '#lib/core/digester.ts';
import { describeCroissant } from '#lib/datanets/croissant.ts';
import { diffVersions } from '#lib/dataset/diff-versions.ts';
import { exportParquet } from '#lib/datanets/export-parquet.ts';
import { proveRow } from '#lib/dataset/prove-row.ts';
import { verifyFiles } from '#lib/dataset/verify-files.ts';
import { verifyVersion } from '#lib/dataset/verify-version.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import type { Command, OptionValues } from '../command.ts';
import { writeKeptFiles } from '../datanet/attachments-car.ts';
import { contribute, CONTRIBUTION_NAME, verifyContributed } from '../datanet/contribute.ts';
import { importFile } from '../datanet/import.ts';
import { READING_HELP, READING_OPTIONS } from '../datanet/import-options.ts';
import { CHAIN_HELP, CHAIN_OPTIONS } from '../chain/open-chain.ts';
import { pack } from '../datanet/pack.ts';
import { isVersionId } from '../datanet/published-version.ts';
import { signVersion } from '../datanet/sign.ts';
import { verifyPublished } from '../datanet/verify-published.ts';
import { CAR_NAME, withVersion } from '../datanet/version-folder.ts';
import { UsageError } from '../errors.ts';
import { isDirectory } from '../input-files.ts';
import { createNodeDigester } from '#node/digester.ts';
import * as option from '../option-values.ts';
import { replaceFile } from '#node/replace-file.ts';
import { requireOutputFile } from '../output-file.ts';

interface VerbContext {
  words: readonly string[];
  values: OptionValues;
  digester: Digester;
  signal: AbortSignal;
}

interface Verb {
  usage: string;
  summary: string;
  run(context: VerbContext): Promise<Record<string, unknown>>;
}

const FORMATS = ['parquet', 'croissant'] as const;

const VERBS: Record<string, Verb> = {
  import: {
    usage: 'FILE|FOLDER [--out ROWS.jsonl]',
    summary:
      'reads jsonl, json, csv, tsv, parquet, txt, md, docx, pdf, also packed with gzip or zstd, a picture or a folder of pictures as rows; without --out it shows the first five; pictures are kept in ROWS.attachments.car, from where pack and contribute take them',
    run: ({ words, ...rest }) => importFile({ path: words[0]!, ...rest }),
  },
  pack: {
    usage: 'ROWS.jsonl --out DIR [--parent DIR]',
    summary: 'makes a version of rows, one JSON object a line; DIR/version.car',
    run: ({ words, ...rest }) => pack({ rows: words[0]!, ...rest }),
  },
  contribute: {
    usage: 'ROWS.jsonl --datanet ID --licence SPDX --out DIR',
    summary: 'offers rows to a Datanet, in your name and signed with your key; DIR/contribution.car',
    run: ({ words, ...rest }) => contribute({ rows: words[0]!, ...rest }),
  },
  unpack: {
    usage: 'DIR --out ROWS.jsonl',
    summary:
      'writes the rows of a version, sorted by id, in their canonical form, and its files into ROWS.attachments.car, from where pack takes them again',
    async run({ words, values, digester, signal }) {
      const out = requireOutputFile(option.required(values, 'out', 'a file to write to'));
      return withVersion(words[0]!, digester, signal, async ({ open }) => {
        const files = await open.attachments();
        await verifyFiles(files, open.block, open.name, signal);
        const kept = files.length > 0 && (await writeKeptFiles(out, files, (cid) => open.block(cid, signal), digester));
        const bytes = await replaceFile(out, shardBytes(open, signal));
        const attachments = kept ? { attachments: kept } : {};
        return { manifest: open.cid.toString(), rows: open.version.stats.rows, bytes, ...attachments };
      });
    },
  },
  sign: {
    usage: 'DIR',
    summary: 'signs a version with your key, as its author; the version gets another id by that',
    run: ({ words: [folder], values, digester, signal }) => signVersion(folder!, { values, digester, signal }),
  },
  diff: {
    usage: 'DIR_A DIR_B',
    summary: 'the ids of rows that were added, removed and edited from A to B',
    run: ({ words: [a, b], digester, signal }) =>
      withVersion(a!, digester, signal, (before) =>
        withVersion(b!, digester, signal, async (after) => {
          const found: Record<'added' | 'removed' | 'edited', string[]> = { added: [], removed: [], edited: [] };
          for await (const { kind, id } of diffVersions(before.open, after.open, signal)) found[kind].push(id);
          return found;
        }),
      ),
  },
  proof: {
    usage: 'DIR --row N|ID',
    summary: 'proves that a row, by its place from 0 or its id, belongs to a version',
    async run({ words, values, digester, signal }) {
      const name = option.required(values, 'row', 'the id of a row, or its place from 0');
      return withVersion(words[0]!, digester, signal, async ({ open }) => {
        const { row, index, leaf, siblings, root } = await proveRow(open, name, digester, signal);
        return { row: row.value, leaf, siblings, root, id: row.id, index };
      });
    },
  },
  verify: {
    usage: 'DIR|CID',
    summary:
      'reads every block, row and file of a version or contribution and holds them against what it says; of a CID also against the chain',
    run: ({ words: [name], values, digester, signal }) => {
      if (!isDirectory(name!) && isVersionId(name!)) {
        return verifyPublished({ id: name!, values, digester, signal });
      }
      if (existsSync(join(name!, CONTRIBUTION_NAME))) {
        if (!existsSync(join(name!, CAR_NAME))) return verifyContributed(name!, digester, signal);
        throw new UsageError(
          `${name!} holds a version and a contribution.`,
          `Keep ${CAR_NAME} and ${CONTRIBUTION_NAME} in folders of their own.`,
        );
      }
      return withVersion(name!, digester, signal, async ({ open }) => {
        const { version, cid } = open;
        const verified = await verifyVersion(open, digester, { signal });
        return {
          manifest: cid.toString(),
          rowRoot: version.rowRoot,
          ...verified,
          licence: version.licence.spdx,
          version: version.n,
          datanet: version.datanet,
        };
      });
    },
  },
  export: {
    usage: `DIR --format ${FORMATS.join('|')} --out FILE`,
    summary: 'writes a version as a Parquet table, or its description as Croissant',
    async run({ words, values, digester, signal }) {
      option.required(values, 'format', FORMATS.join(' or '));
      const format = option.oneOf(values, 'format', FORMATS, 'parquet');
      const out = requireOutputFile(option.required(values, 'out', 'a file to write to'));
      return withVersion(words[0]!, digester, signal, async ({ open }) => {
        const pieces = format === 'parquet' ? exportParquet(open, signal) : croissantBytes(open, values, signal);
        return { format, rows: open.version.stats.rows, bytes: await replaceFile(out, pieces) };
      });
    },
  },
};

async function* shardBytes(open: OpenVersion, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const shard of open.shards) {
    // Parse the rows, and so verify them, before they are written.
    await open.rows(shard, signal);
    yield await open.block(shard.cid, signal);
  }
}

async function* croissantBytes(open: OpenVersion, values: OptionValues, signal: AbortSignal) {
  const name = option.text(values, 'name') ?? open.version.datanet ?? open.cid.toString();
  const description = option.text(values, 'description') ?? `Version ${open.version.n} of a Datanet.`;
  const described = await describeCroissant(open, { name, description }, signal);
  yield new TextEncoder().encode(`${JSON.stringify(described, null, 2)}\n`);
}

const list = Object.entries(VERBS).map(([name, { usage, summary }]) => `  ${name} ${usage}\n      ${summary}`);

export const datanet: Command = {
  summary: 'versions of Datanets: import, pack, sign, contribute, unpack, diff, proof, verify, export',
  help: `payable datanet VERB [WORDS] [OPTIONS]

${list.join('\n')}

A row is a JSON object. Its id is its field "id", else the first 16 bytes of its leaf in hex; its field "contributor" is the
address it is paid to. Rows equal in every byte are kept once. Each verb prints one JSON object.

Options of import:
${READING_HELP}
  --contributor ADDRESS  whose rows these are
  --against DIR          a version of the Datanet: what it says already is reported
  --threshold N          least similarity of near duplicates, 0.5 to 1; default 0.8
  --drop-duplicates      leaves out rows that were there before, the same in every field
  --drop-near            leaves out rows that say nearly what was said before
  --licence SPDX, --schema FILE
                         of the Datanet: rows that do not fit are left out and reported
Options of pack:
  --parent DIR           the version before; this one follows it
  --licence SPDX         default: that of the parent, else NOASSERTION, which allows nothing
  --commercial, --derivative
                         what a licence allows that Payable does not know
  --datanet NAME         CHAIN:0xCONTRACT:ID, once it is on a chain
  --author ADDRESS       who will sign it
  --readme FILE          Markdown that comes with it
  --schema FILE          JSON Schema of a row; default: what the rows have in common
  --created SECONDS      since 1970; default: now
Options of contribute, beside --licence, --commercial, --derivative and --created:
  --datanet NAME         CHAIN:0xCONTRACT:ID
Options of contribute and sign:
  --key-file FILE        a file that holds the private key; or the environment variable PAYABLE_KEY
Options of verify with a CID:
  --gateway URL          where blocks are fetched; default http://127.0.0.1:4180, where pin-node listens
${CHAIN_HELP.split('\n')
  .filter((line) => !/--json|--key-file/.test(line))
  .join('\n')}
Options of export:
  --name TEXT, --description TEXT
                         for Croissant`,
  options: {
    ...CHAIN_OPTIONS,
    gateway: { type: 'string' },
    ...Object.fromEntries(
      [
        'out',
        'parent',
        'row',
        'format',
        'licence',
        'datanet',
        'author',
        'readme',
        'schema',
        'created',
        'name',
        'description',
        'contributor',
        'against',
        'threshold',
      ].map((name) => [name, { type: 'string' as const }]),
    ),
    ...READING_OPTIONS,
    'drop-duplicates': { type: 'boolean' },
    'drop-near': { type: 'boolean' },
    commercial: { type: 'boolean' },
    derivative: { type: 'boolean' },
  },
  words: 3,
  async run(values, { words: [called = '', ...words], signal, write }) {
    const verb = Object.hasOwn(VERBS, called) ? VERBS[called] : undefined;
    if (!verb) {
      const what = called === '' ? 'payable datanet needs a verb.' : `There is no datanet "${called.slice(0, 40)}".`;
      throw new UsageError(what, `It takes ${Object.keys(VERBS).join(', ')}.`);
    }
    const wanted = verb.usage.split(/ \[?--/)[0]!.split(' ').length;
    if (words.length !== wanted) {
      throw new UsageError(
        `payable datanet ${called} takes ${wanted} path(s), not ${words.length}.`,
        `Usage: payable datanet ${called} ${verb.usage}`,
      );
    }
    const digester = await createNodeDigester();
    write(`${JSON.stringify(await verb.run({ words, values, digester, signal }))}\n`);
  },
};
