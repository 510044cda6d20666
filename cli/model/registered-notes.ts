// Notes of registered models that were pulled: which names of pulled files a model and its base have. A name is `model:ID`, with `@VERSION`
// and the number of its chain where these are needed to tell models apart.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJsonObject } from '#lib/formats/json/json-file.ts';
import { FileError } from '#node/errors.ts';
import { replaceFile } from '#node/replace-file.ts';
import { UsageError } from '../errors.ts';
import { modelsHome } from '../models-home.ts';

const PREFIX = 'model:';
const NAME = /^model:(?:([1-9]\d{0,15}):)?([1-9]\d{0,15})(?:@([1-9]\d{0,8}))?$/;
const NOTE = /^([1-9]\d*)-([1-9]\d*)-([1-9]\d*)\.json$/;

export const isRegisteredName = (name: string): boolean => name.startsWith(PREFIX);

/** Whether nothing follows the name, such as a scale. */
export const isWholeName = (name: string): boolean => NAME.test(name);

export interface RegisteredName {
  chain: number | null;
  model: bigint;
  version: number | null;
}

export interface RegisteredFiles {
  /** Name of the pulled base, or of a whole model. */
  base: string;
  /** Null for a whole model. */
  adapter: string | null;
}

export function parseRegisteredName(name: string): RegisteredName {
  const [, chain, model, version] = NAME.exec(name) ?? [];
  if (model === undefined)
    throw new UsageError(`"${name.slice(0, 60)}" names no registered model.`, 'Write model:ID or model:ID@VERSION.');
  return {
    chain: chain === undefined ? null : Number(chain),
    model: BigInt(model),
    version: version === undefined ? null : Number(version),
  };
}

const folder = (): string => join(modelsHome(), 'registered');

export async function noteRegistered(
  { chain, model, version }: { chain: number; model: bigint; version: number },
  files: RegisteredFiles,
): Promise<void> {
  await mkdir(folder(), { recursive: true });
  const text = `${JSON.stringify(files)}\n`;
  await replaceFile(join(folder(), `${chain}-${model}-${version}.json`), [new TextEncoder().encode(text)]);
}

/** What was pulled under this name; without a version its newest that was. It asks no chain. */
export function findRegistered(name: string): RegisteredFiles {
  const { chain, model, version } = parseRegisteredName(name);
  const notes = existsSync(folder()) ? readdirSync(folder()) : [];
  const found = notes
    .map((file) => ({ file, numbers: NOTE.exec(file)?.slice(1).map(Number) }))
    .flatMap(({ file, numbers }) =>
      numbers ? [{ file, chain: numbers[0]!, model: numbers[1]!, version: numbers[2]! }] : [],
    )
    .filter((one) => BigInt(one.model) === model)
    .filter((one) => (version === null || one.version === version) && (chain === null || one.chain === chain))
    .sort((a, b) => b.version - a.version);
  const [first] = found;
  if (!first) throw new FileError(name, 'it is not on this machine', `Fetch it first: payable pull ${name}`);
  const other = found.find((one) => one.chain !== first.chain);
  if (other)
    throw new UsageError(
      `Models ${model} of chains ${first.chain} and ${other.chain} were pulled.`,
      `Write model:${first.chain}:${model} or model:${other.chain}:${model}.`,
    );
  const path = join(folder(), first.file);
  const { base, adapter } = parseJsonObject(readFileSync(path, 'utf8'), path);
  if (typeof base !== 'string' || (adapter !== null && typeof adapter !== 'string'))
    throw new FileError(path, 'the note is damaged', `Fetch it again: payable pull ${name}`);
  return { base, adapter };
}
