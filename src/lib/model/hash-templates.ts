// The chat templates of a folder as one hash: two models with equal hashes write the same conversations in the same way.

import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Folder } from '#lib/core/folder.ts';
import { readJsonFile } from '#lib/formats/json/json-file.ts';
import { readTemplateSources } from './chat-template-source.ts';

const CONFIG = 'tokenizer_config.json';
const MAX_CONFIG = 64 << 20;

/** sha256 (hex) of the templates, one after the other; null where there is none. */
export async function hashTemplates(folder: Folder, digester: Digester): Promise<string | null> {
  const config = (await folder.has(CONFIG)) ? await readJsonFile(folder, CONFIG, MAX_CONFIG) : {};
  const sources = await readTemplateSources(folder, config);
  if (sources.size === 0) return null;
  return toHex(digester.sha256(new TextEncoder().encode([...sources.values()].join('\n')))).slice(2);
}
