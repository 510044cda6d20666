// What stands before the list of layers where transformers names the modules of a model: it depends on the class that opens the model.

import type { AdaptableBase } from '#lib/formats/model/adaptable-base.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

/** `config`: the model's config.json. */
export function layersPrefix(config: JsonObject, base: Pick<AdaptableBase, 'embedding' | 'layerList'>): string {
  if (isJsonObject(config['text_config'])) return 'model.language_model.';
  if (base.embedding === 'embed_in') return 'gpt_neox.';
  return base.layerList === 'layers' ? 'model.' : 'transformer.';
}
