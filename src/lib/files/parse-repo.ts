// What a person types or pastes to name a model or an adapter, as a repository: `owner/name` of the hub, an https address, a content id.
// Checked before anything is requested.

import { parseWebAddress } from '#lib/core/web-address.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { AddressRefusedError, HubNameError } from './errors.ts';
import { HUB_PAGE, parseHubRepo, VARIANT } from './hub/hub-repo.ts';
import type { Repo } from './repo.ts';

export const IPFS_PREFIX = 'ipfs:';
const IPFS_LINK = /^(?:ipfs:(?:\/\/)?|\/ipfs\/)/;
/** A content id alone, in the two forms that people copy. */
const BARE_CID = /^(?:Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,110})(?:[/:].{0,1000})?$/;
const MAX_ADDRESS = 2000;

export const isAddress = (id: string): boolean => /^https?:\/\//.test(id);
export const isOnIpfs = (id: string): boolean => id.startsWith(IPFS_PREFIX);

/**
 * Reads what names of the hub are, an address of a GGUF file or of a folder, or `ipfs:CID` with a path and `:variant` where wanted.
 *
 * @throws HubNameError, AddressRefusedError, FormatError and UnsupportedError for a content id that is none
 */
export function parseRepo(text: string): Repo {
  const place = text.trim();
  if (IPFS_LINK.test(place) || BARE_CID.test(place)) return parseIpfsRepo(place.replace(IPFS_LINK, ''));
  if (!/^[a-z][a-z0-9+.-]{0,30}:\/\//i.test(place) || HUB_PAGE.test(place)) return parseHubRepo(place);
  const url = place.length <= MAX_ADDRESS ? parseWebAddress(place) : null;
  if (!url) throw new AddressRefusedError(place);
  url.hash = '';
  return { id: url.href, revision: '' };
}

function parseIpfsRepo(place: string): Repo {
  const wrong = (what: string) => new HubNameError(place, what);
  const [path = '', variant, ...more] = place.replace(/\/$/, '').split(':');
  if (more.length > 0 || (variant !== undefined && !VARIANT.test(variant))) {
    throw wrong('has something after its colon that names no file of weights');
  }
  const [id = '', ...steps] = path.split('/');
  const cid = parseCid(id).toV1().toString();
  if (steps.some((step) => step === '' || step === '.' || step === '..')) throw wrong('has a path that leads nowhere');
  return {
    id: `${IPFS_PREFIX}${[cid, ...steps].join('/')}`,
    revision: cid,
    ...(variant !== undefined && { variant }),
  };
}
