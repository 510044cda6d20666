// Reads PEFT's adapter_config.json: rank, scale and patterns. Refuses by name every set field that changes the computation;
// ignores unknown keys, as PEFT does.

import type { AdaptableBase } from './adaptable-base.ts';
import { FormatError, UnsupportedError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json/json-file.ts';
import { compilePattern, PatternError } from './safe-pattern.ts';

export const ADAPTER_CONFIG = 'adapter_config.json';

export interface AdapterConfig {
  useDora: boolean;
  useRslora: boolean;
  /** The second half of every LoRA has a bias. */
  loraBias: boolean;
  baseModel: string | null;
  /** Names of modules saved whole, matched like PEFT by the end of a path. */
  saved: string[];
  /** Whether the saved embedding also replaces the head, where the base ties them. */
  tiesTables: boolean;
  /** Tokens with trained rows, in the order of their rows in the file. */
  tokens: { embedding: number[]; head: number[] };
  /** Tokens from whose last occurrence in a prompt on the adapter is applied (aLoRA); null: to all tokens. */
  invocation: number[] | null;
  /** Rank and scale of one module, by its path in the model. */
  settingsOf(path: string): { rank: number; scale: number };
}

const MAX_RANK = 4096;
const MAX_PATTERNS = 4096;
const MAX_INVOCATION = 256;

/** When set to anything but null, false or empty, these change the computation from W + s·B·A. */
const REFUSED = [
  'layer_replication',
  'target_parameters',
  'use_qalora',
  'use_bdlora',
  'kasa_config',
  'monteclora_config',
  'arrow_config',
  'megatron_config',
] as const;

/** Initialisations that keep the base weights; all others train against changed ones. */
const PLAIN_INITS: unknown[] = [undefined, null, true, false, 'gaussian', 'eva', 'orthogonal'];

export function readAdapterConfig(
  config: JsonObject,
  file: string,
  base: Pick<AdaptableBase, 'isTransposed'> & TableNames = { isTransposed: false },
): AdapterConfig {
  const refuse = (field: string, what: string, hint: string): never => {
    throw new UnsupportedError(file, `field "${field}" ${what}`, hint);
  };
  if (config['peft_type'] !== 'LORA') {
    refuse(
      'peft_type',
      `is ${show(config['peft_type'])}, which is not supported`,
      'Supported: LORA (with rsLoRA and DoRA).',
    );
  }
  for (const field of REFUSED) {
    if (isSet(config[field]))
      refuse(field, `is set (${show(config[field])}), which is not supported`, 'Train the adapter without it.');
  }
  if (!['none', 'all', 'lora_only'].includes((config['bias'] ?? 'none') as string))
    refuse('bias', `is ${show(config['bias'])}, which is not supported`, 'Supported: none, all, lora_only.');
  // The matrices of an adapter are the same either way: the flag says only how the base stores its own.
  if (flag(config, 'fan_in_fan_out', file) && !base.isTransposed) {
    refuse(
      'fan_in_fan_out',
      'is true, which fits only models with transposed weights (GPT-2)',
      'Train the adapter on a supported model.',
    );
  }
  const init = config['init_lora_weights'];
  if (!PLAIN_INITS.includes(init)) {
    refuse(
      'init_lora_weights',
      `is ${show(init)}, which trains against changed base weights`,
      'Convert the adapter to plain LoRA with PEFT, then export it again.',
    );
  }
  const modules = config['modules_to_save'] ?? [];
  if (!Array.isArray(modules)) throw new FormatError(file, 'field "modules_to_save" is not a list');
  for (const module of modules as unknown[]) {
    if (typeof module !== 'string')
      throw new FormatError(file, `field "modules_to_save" holds ${show(module)}, not a name`);
  }

  const rankOf = patterns(
    config,
    'rank_pattern',
    file,
    (value) => Number.isInteger(value) && value >= 1 && value <= MAX_RANK,
  );
  const alphaOf = patterns(config, 'alpha_pattern', file, Number.isFinite);
  const rank = config['r'];
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1 || rank > MAX_RANK) {
    throw new FormatError(file, `field "r" is ${show(rank)}; a whole number from 1 to ${MAX_RANK} is accepted`);
  }
  const alpha = config['lora_alpha'];
  if (typeof alpha !== 'number' || !Number.isFinite(alpha))
    throw new FormatError(file, `field "lora_alpha" is ${show(alpha)}, not a number`);
  const useRslora = flag(config, 'use_rslora', file);
  const baseModel = config['base_model_name_or_path'];
  return {
    useDora: flag(config, 'use_dora', file),
    useRslora,
    loraBias: flag(config, 'lora_bias', file),
    baseModel: typeof baseModel === 'string' ? baseModel : null,
    saved: modules as string[],
    tiesTables: flag(config, 'ensure_weight_tying', file),
    tokens: readTokens(config['trainable_token_indices'] ?? [], file, base),
    invocation: readInvocation(config, file),
    settingsOf: (path) => {
      const own = rankOf(path) ?? rank;
      return { rank: own, scale: (alphaOf(path) ?? alpha) / (useRslora ? Math.sqrt(own) : own) };
    },
  };
}

type TableNames = Partial<Pick<AdaptableBase, 'embedding' | 'head' | 'headAlias'>>;

const lastNames = (path: string | undefined): string[] => (path === undefined ? [] : path.split('.').slice(-1));

/** PEFT takes an empty list as none. */
function readInvocation(config: JsonObject, file: string): number[] | null {
  const ids = config['alora_invocation_tokens'] ?? [];
  const field = 'field "alora_invocation_tokens"';
  if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0))
    throw new FormatError(file, `${field} is ${show(ids)}, not a list of token ids`);
  if (ids.length > MAX_INVOCATION)
    throw new FormatError(file, `${field} has ${ids.length} tokens; at most ${MAX_INVOCATION} are accepted`);
  if (ids.length === 0) return null;
  if (flag(config, 'use_dora', file)) {
    throw new UnsupportedError(file, `${field} is set together with "use_dora"`, 'PEFT does not combine them either.');
  }
  return ids as number[];
}

/** A list applies to the embedding; an object has one list per module. */
function readTokens(value: unknown, file: string, base: TableNames): AdapterConfig['tokens'] {
  const embeddings = ['embed_tokens', ...lastNames(base.embedding)];
  const heads = ['lm_head', ...lastNames(base.head), ...lastNames(base.headAlias)];
  const field = 'field "trainable_token_indices"';
  const tokens: AdapterConfig['tokens'] = { embedding: [], head: [] };
  const modules = Array.isArray(value) ? { embed_tokens: value as unknown } : value;
  if (!isJsonObject(modules)) throw new FormatError(file, `${field} is ${show(value)}, neither a list nor an object`);
  for (const [module, ids] of Object.entries(modules)) {
    const name = module.split('.').at(-1)!;
    const place = embeddings.includes(name) ? 'embedding' : heads.includes(name) ? 'head' : null;
    if (!place) {
      const hint = `Supported: ${[...new Set([...embeddings, ...heads])].join(', ')}.`;
      throw new UnsupportedError(file, `${field} names ${show(module)}`, hint);
    }
    if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0))
      throw new FormatError(file, `${field}: "${module}" is ${show(ids)}, not a list of token ids`);
    tokens[place] = ids as number[];
  }
  return tokens;
}

/** PEFT's rule: the first key that matches the end of the path, at its start or after a dot. */
function patterns(
  config: JsonObject,
  field: string,
  file: string,
  accept: (value: number) => boolean,
): (path: string) => number | undefined {
  const value = config[field] ?? {};
  if (!isJsonObject(value)) throw new FormatError(file, `field "${field}" is not an object`);
  const entries = Object.entries(value);
  if (entries.length > MAX_PATTERNS)
    throw new FormatError(file, `field "${field}" has more than ${MAX_PATTERNS} entries`);
  const rules = entries.map(([key, number]) => {
    if (typeof number !== 'number' || !accept(number)) {
      throw new FormatError(file, `field "${field}": "${key}" is ${show(number)}, which is not accepted`);
    }
    try {
      // Most keys are plain module names; only the others need the pattern matcher.
      const plain = /^[\w.]*$/.test(key) && !key.includes('.');
      const match = plain
        ? (path: string) => path === key || path.endsWith(`.${key}`)
        : compilePattern(`(.*\\.)?(${key})`);
      return { match, number };
    } catch (cause) {
      if (!(cause instanceof PatternError)) throw cause;
      throw new UnsupportedError(
        file,
        `field "${field}": the pattern "${key.slice(0, 80)}" ${cause.message}`,
        'Write it as plain module names.',
      );
    }
  });
  return (path) => rules.find(({ match }) => match(path))?.number;
}

function flag(config: JsonObject, field: string, file: string): boolean {
  const value = config[field] ?? false;
  if (typeof value !== 'boolean') throw new FormatError(file, `field "${field}" is ${show(value)}, not true or false`);
  return value;
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80));

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
