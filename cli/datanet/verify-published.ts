// `payable datanet verify CID`: verifies a version from its id and a chain.

import { openPublished, type PublishedRequest } from './published-version.ts';

export async function verifyPublished(request: PublishedRequest): Promise<Record<string, unknown>> {
  const { open, published, verified, datanet } = await openPublished(request);
  const { version, cid } = open;
  return {
    manifest: cid.toString(),
    rowRoot: version.rowRoot,
    ...verified,
    licence: version.licence.spdx,
    version: published.version,
    datanet,
    publisher: published.publisher,
    publishedAt: published.time,
  };
}
