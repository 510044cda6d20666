// Options of `payable datanet import` for reading a file: dialect, meaning of fields, names of speakers.

import { basename } from 'node:path';
import { readDatasetInfo } from '#lib/datanets/import/dataset-info.ts';
import type { Reading } from '#lib/datanets/import/import-rows.ts';
import { ROLES, type Role, type RoleNames } from '#lib/dataset/records/roles.ts';
import type { Mapping } from '#lib/dataset/records/shapes.ts';
import type { OptionTypes, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readJsonInput } from '../input-files.ts';
import * as option from '../option-values.ts';

const TEXTS = [
  ...[
    'text',
    'prompt',
    'completion',
    'system',
    'history',
    'chosen',
    'rejected',
    'messages',
    'role',
    'content',
    'roles',
  ],
  ...['dataset-info', 'dataset', 'numbers', 'delimiter', 'encoding'],
];

export const READING_OPTIONS: OptionTypes = {
  ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'string' as const }])),
  'as-is': { type: 'boolean' },
};

export const READING_HELP = `  --text FIELD           the field that is the text; default: what each record looks like
  --prompt FIELDS --completion FIELD [--system FIELD] [--history FIELD]
                         the fields of a chat of two; several prompts are joined, such as instruction,input
  --messages FIELD [--role FIELD --content FIELD] [--system FIELD]
                         the field that is a list of messages, and what is what in a message; default: role, content
  --chosen FIELD --rejected FIELD [--prompt FIELD]
                         the fields of a preference pair, kept as they are
  --as-is                each record is a row as it stands
  --roles NAME=ROLE,...  what the file calls ${ROLES.join(', ')}
  --dataset-info FILE [--dataset NAME]
                         columns and roles as LLaMA-Factory's dataset_info.json describes them
  --numbers FIELDS       columns of texts, such as those of a CSV file, to be read as numbers
  --delimiter CHAR       between the fields of a CSV file, or tab; default: what the first lines look like
  --encoding NAME        of a text, such as windows-1252; default: UTF-8, or what its byte order mark says`;

/** @throws UsageError, FormatError for a description that cannot be used */
export function readReading(values: OptionValues, path: string): Reading {
  const info = option.text(values, 'dataset-info');
  const mapping = readMapping(values);
  if (info === undefined && option.text(values, 'dataset') !== undefined) {
    throw new UsageError('--dataset names an entry of --dataset-info.', 'Give both.');
  }
  if (info !== undefined && mapping) {
    throw new UsageError('--dataset-info and options for fields exclude each other.', 'Say it in one way.');
  }
  const described =
    info === undefined
      ? null
      : readDatasetInfo(readJsonInput(info), info, basename(path), option.text(values, 'dataset'));
  return {
    mapping: described?.mapping ?? mapping,
    roles: { ...described?.roles, ...readRoles(option.text(values, 'roles')) },
    numbers: option.text(values, 'numbers')?.split(','),
    delimiter: readDelimiter(option.text(values, 'delimiter')),
    encoding: option.text(values, 'encoding'),
  };
}

function readMapping(values: OptionValues): Mapping | undefined {
  const field = (name: string): string | undefined => option.text(values, name);
  const [text, prompt, completion, messages] = ['text', 'prompt', 'completion', 'messages'].map(field);
  const [chosen, rejected, role, content] = ['chosen', 'rejected', 'role', 'content'].map(field);
  const isAsIs = option.flag(values, 'as-is');
  const pair = chosen !== undefined || rejected !== undefined;
  const ways = [
    ['--text', text !== undefined],
    ['--prompt', !pair && (prompt !== undefined || completion !== undefined)],
    ['--messages', messages !== undefined],
    ['--chosen', pair],
    ['--as-is', isAsIs],
  ].flatMap(([name, isGiven]) => (isGiven ? [name as string] : []));
  if (ways.length > 1) throw new UsageError(`${ways.join(' and ')} exclude each other.`, 'Rows are read in one way.');
  if (messages === undefined && (role !== undefined || content !== undefined)) {
    throw new UsageError('--role and --content belong to --messages.', 'Name the list of messages.');
  }
  const system = field('system') ?? null;
  if (isAsIs) return { kind: 'fields' };
  if (text !== undefined) return { kind: 'text', text };
  if (messages !== undefined) {
    return { kind: 'messages', list: messages, role: role ?? 'role', content: content ?? 'content', system };
  }
  if (pair) {
    if (chosen === undefined || rejected === undefined || completion !== undefined) {
      throw new UsageError('--chosen and --rejected belong together.', 'Name the fields of both, and --prompt.');
    }
    return { kind: 'preference', prompt: prompt ?? null, chosen, rejected };
  }
  if (prompt === undefined && completion === undefined) return undefined;
  if (prompt === undefined || completion === undefined) {
    throw new UsageError('--prompt and --completion belong together.', 'Name the fields of both.');
  }
  return { kind: 'turns', system, history: field('history') ?? null, prompt: prompt.split(','), completion };
}

function readRoles(text = ''): RoleNames {
  const names = text.split(',').filter((part) => part !== '');
  return Object.fromEntries(
    names.map((part) => {
      const [said = '', role = '', ...others] = part.split('=');
      if (said === '' || others.length > 0 || !(ROLES as readonly string[]).includes(role)) {
        throw new UsageError(
          `Option --roles holds "${part.slice(0, 60)}".`,
          `It takes NAME=ROLE; roles are ${ROLES.join(', ')}.`,
        );
      }
      return [said.toLowerCase(), role as Role];
    }),
  );
}

function readDelimiter(text: string | undefined): string | undefined {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text;
  if (delimiter === undefined || (delimiter.length === 1 && !/["\r\n]/.test(delimiter))) return delimiter;
  throw new UsageError(`Option --delimiter is "${text?.slice(0, 20)}".`, 'It takes one character, or tab.');
}
