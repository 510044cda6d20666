// Describes a version in Croissant 1.1 (MLCommons), JSON-LD that dataset tools read: the rows file, its hash, its fields and its
// contributors. The rows are `rows.jsonl`, as `payable datanet unpack` writes it.

import { createSHA256 } from 'hash-wasm';
import type { ColumnStats } from '#lib/formats/datanet/datanet-columns.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';

const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  rai: 'http://mlcommons.org/croissant/RAI/',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};

const ROWS = 'rows.jsonl';

/** Describes `open`. Reads every shard once, to hash all rows. */
export async function describeCroissant(
  open: OpenVersion,
  { name, description }: { name: string; description: string },
  signal?: AbortSignal,
): Promise<JsonObject> {
  const { version, cid } = open;
  const sha256 = await createSHA256();
  sha256.init();
  for (const shard of open.shards) sha256.update(await open.block(shard.cid, signal));
  return {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name,
    description,
    license: findLicence(version.licence.spdx)?.url ?? version.licence.spdx,
    version: `${version.n}.0.0`,
    datePublished: new Date(version.createdAt * 1000).toISOString(),
    url: `ipfs://${cid.toString()}`,
    identifier: version.datanet ?? cid.toString(),
    creator: open.contributors.map(({ address }) => ({ '@type': 'sc:Person', identifier: address })),
    distribution: [
      {
        '@type': 'cr:FileObject',
        '@id': ROWS,
        name: ROWS,
        contentUrl: ROWS,
        contentSize: `${version.stats.bytes} B`,
        encodingFormat: 'application/jsonlines',
        sha256: sha256.digest('hex'),
      },
    ],
    recordSet: [
      {
        '@type': 'cr:RecordSet',
        '@id': 'rows',
        name: 'rows',
        description: `${version.stats.rows} rows, proven by the root ${version.rowRoot}.`,
        field: version.stats.columns.map((column) => ({
          '@type': 'cr:Field',
          '@id': `rows/${column.name}`,
          name: `rows/${column.name}`,
          dataType: dataType(column),
          source: { fileObject: { '@id': ROWS }, extract: { column: column.name } },
        })),
      },
    ],
  };
}

function dataType({ kinds }: ColumnStats): string {
  const { string, number, boolean, array, object } = kinds;
  if (number > 0 && string + boolean + array + object === 0) return 'sc:Float';
  if (boolean > 0 && string + number + array + object === 0) return 'sc:Boolean';
  return 'sc:Text';
}
