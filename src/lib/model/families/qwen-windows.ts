// Which Qwen layers have a sliding window: none unless `use_sliding_window` is set, then the upper ones.

import type { ConfigFields } from '../config-fields.ts';

export function readQwenWindows(config: ConfigFields, layers: number): (number | null)[] {
  const types = config.layerTypes(layers);
  if (!config.flag('use_sliding_window', false)) {
    if (types?.includes('sliding_attention'))
      config.fail('layer_types', 'asks for windows although use_sliding_window is off');
    return Array.from({ length: layers }, () => null);
  }
  const window = config.sizeOrNull('sliding_window', 2 ** 31, 4096);
  const first = config.number('max_window_layers', 0, 2 ** 31, 28);
  return Array.from({ length: layers }, (_, i) =>
    (types ? types[i] === 'sliding_attention' : i >= first) ? window : null,
  );
}
