// How a repository of the hub is named: owner, name and revision. Checked before anything is requested.

import { HubNameError } from '../errors.ts';

export interface HubRepo {
  /** `owner/name`. */
  id: string;
  /** A branch, a tag or a commit. */
  revision: string;
}

const DEFAULT_REVISION = 'main';
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/;
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/;
/** The address of a repository's page, as people copy it. */
const PAGE = /^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\//;

/** @throws HubNameError */
export function parseHubRepo(text: string): HubRepo {
  const wrong = (what: string) => new HubNameError(text, what);
  const place = text.trim().replace(PAGE, '');
  const isPage = place !== text.trim();
  const [path = '', ...after] = place.split('@');
  if (after.length > 1) throw wrong('holds more than one @');
  const [owner, name, word, ...rest] = path.replace(/\/$/, '').split('/');
  if (owner === undefined || name === undefined) throw wrong('does not name an owner and a model');
  if (!NAME.test(owner) || !NAME.test(name) || name.includes('..') || owner.includes('..')) {
    throw wrong('is no name of a model');
  }
  const isTree = isPage && (word === 'tree' || word === 'blob' || word === 'resolve');
  if (word !== undefined && !isTree) throw wrong('has more parts than an owner and a name');
  const revision = after[0] ?? rest[0] ?? DEFAULT_REVISION;
  if (!isRevision(revision)) throw wrong('has a revision that is no branch, tag or commit');
  return { id: `${owner}/${name}`, revision };
}

const isRevision = (text: string): boolean =>
  REVISION.test(text) && !text.split('/').some((part) => part === '' || part === '.' || part === '..');
