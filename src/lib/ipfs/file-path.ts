// Names of files inside an IPFS folder: which ones may be written, and which ones of other authors may be read.

import { BadPathError } from './errors.ts';

const MAX_NAME_BYTES = 255;
const MAX_DEPTH = 64;

/** @throws BadPathError when `name`, one step of a path, could mean another place than a file of its folder. */
export function checkName(name: string): string {
  if (name === '' || name === '.' || name === '..') throw new BadPathError(name, 'is no name of a file');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[/\\\u0000-\u001f]/.test(name)) throw new BadPathError(name, 'has a slash or a control character in it');
  if (!name.isWellFormed()) throw new BadPathError(name, 'is no Unicode text');
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) throw new BadPathError(name, 'is too long a name');
  return name;
}

/** The steps of a relative path like `images/cat.png`. @throws BadPathError */
export function splitPath(path: string): string[] {
  const steps = path.split('/');
  if (steps.length > MAX_DEPTH) throw new BadPathError(path, `has more than ${MAX_DEPTH} steps`);
  return steps.map(checkName);
}
