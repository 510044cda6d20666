// How a repository of the hub is named: owner, name, revision, and the file of weights where it holds several. Checked before anything
// is requested.

import { ggufTitle } from '#lib/formats/model/gguf-variants.ts';
import { HubNameError } from '../errors.ts';
import type { Repo } from '../repo.ts';

const DEFAULT_REVISION = 'main';
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/;
export const VARIANT = /^[\w.-]{1,96}$/;
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/;
/** The address of a repository's page, as people copy it. */
export const HUB_PAGE = /^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\//;

/** Reads `owner/name`, `owner/name@revision`, either with `:variant`, or the address of a page. @throws HubNameError */
export function parseHubRepo(text: string): Repo {
  const wrong = (what: string) => new HubNameError(text, what);
  const place = text.trim().replace(HUB_PAGE, '');
  const isPage = place !== text.trim();
  const [whole = '', ...variants] = place.split(':');
  const [path = '', ...after] = whole.split('@');
  if (after.length > 1) throw wrong('holds more than one @');
  const [owner, name, word, ...rest] = path.replace(/\/$/, '').split('/');
  if (owner === undefined || name === undefined) throw wrong('does not name an owner and a model');
  if (!NAME.test(owner) || !NAME.test(name) || name.includes('..') || owner.includes('..')) {
    throw wrong('is no name of a model');
  }
  const isTree = isPage && (word === 'tree' || word === 'blob' || word === 'resolve');
  if (word !== undefined && !isTree) throw wrong('has more parts than an owner and a name');
  const [variant = isTree ? ggufOf(rest.at(-1)) : undefined] = variants;
  if (variants.length > 1 || (variant !== undefined && !VARIANT.test(variant))) {
    throw wrong('has something after its colon that names no file of weights');
  }
  const revision = after[0] ?? rest[0] ?? DEFAULT_REVISION;
  if (!isRevision(revision)) throw wrong('has a revision that is no branch, tag or commit');
  return { id: `${owner}/${name}`, revision, ...(variant !== undefined && { variant }) };
}

/** The page of one GGUF file ends with its name. */
const ggufOf = (file = ''): string | undefined => (/\.gguf$/i.test(file) ? ggufTitle(file) : undefined);

const isRevision = (text: string): boolean =>
  REVISION.test(text) && !text.split('/').some((part) => part === '' || part === '.' || part === '..');
