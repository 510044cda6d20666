// Which files of a repository make up a model or an adapter: repositories also hold the same weights for other runtimes, pictures and
// logs. It knows names, not contents.

const TEXTS = new Set([
  'config.json',
  'generation_config.json',
  'quantize_config.json',
  'tokenizer.json',
  'tokenizer.model',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
  'chat_template.json',
  'adapter_config.json',
]);
/** Weights, the preferred kind first; an index comes with its shards. */
const WEIGHTS: readonly RegExp[] = [
  /^model\.safetensors$/,
  /^model(?:\.safetensors\.index\.json|-\d{5}-of-\d{5}\.safetensors)$/,
  // As AutoGPTQ used to name it.
  /^gptq_model-\d+bit-(?:-1|\d+)g\.safetensors$/,
  /^pytorch_model\.bin$/,
  /^pytorch_model(?:\.bin\.index\.json|-\d{5}-of-\d{5}\.bin)$/,
  /^adapter_model\.safetensors$/,
  /^adapter_model\.bin$/,
];
/** Names to try at a place that does not list its files: texts, then weights in one file, then lists of shards. */
export const LIKELY_FILES: readonly string[] = [
  ...TEXTS,
  ...['model.safetensors', 'pytorch_model.bin', 'adapter_model.safetensors', 'adapter_model.bin'],
  ...['model.safetensors.index.json', 'pytorch_model.bin.index.json'],
];
/** What a merged model copies from its base: everything but the weights and the descriptions of these. */
export const TEXTS_OF_MODEL: readonly string[] = [...TEXTS, 'LICENSE', 'LICENSE.txt', 'LICENSE.md', 'NOTICE'].filter(
  (path) => !['config.json', 'quantize_config.json', 'adapter_config.json'].includes(path),
);
/** What a licence obliges to pass on. */
const TERMS = /^(?:licen[cs]e|notice|use_policy)(?:\.(?:md|txt))?$/i;

/** The paths among `paths` that a model or an adapter needs; null where there are no weights of a kind that is read. */
export function filesOfModel(paths: readonly string[]): string[] | null {
  const weights = WEIGHTS.map((kind) => paths.filter((path) => kind.test(path))).find((found) => found.length > 0);
  if (!weights) return null;
  return [...paths.filter((path) => TEXTS.has(path) || TERMS.test(path)), ...weights];
}
