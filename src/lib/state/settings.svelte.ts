// The user's settings: sampling, weight format, theme. Kept in this browser and checked when read.

import type { CacheDtype, SamplingSettings } from '#lib/engine/engine.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';

export type Theme = 'system' | 'light' | 'dark';

export const DEFAULTS = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  /** Null draws a new seed for every answer. */
  seed: null as number | null,
  maxTokens: 256,
  stop: '',
  system: '',
  dtype: 'f16' as WeightDtype,
  /** How keys and values of attention are kept; `auto` leaves it to the engine. */
  cache: 'auto' as CacheDtype | 'auto',
  /** Context length in tokens of the next model that is loaded; 0 uses the engine's default. */
  contextLength: 0,
};

export type Settings = typeof DEFAULTS;

/** How any model is loaded. */
export interface LoadingSettings {
  contextLength?: number;
  cache?: CacheDtype;
}

const KEY = 'payable:settings';
const DTYPES: readonly string[] = ['f32', 'f16', 'q8', 'q4'] satisfies WeightDtype[];
const CACHES: readonly string[] = ['auto', 'f32', 'f16', 'i8'] satisfies Settings['cache'][];

function readSettings(text: string | null): Settings {
  const settings = { ...DEFAULTS };
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    return settings;
  }
  if (typeof stored !== 'object' || stored === null) return settings;
  for (const [key, value] of Object.entries(stored)) {
    if (!Object.hasOwn(DEFAULTS, key)) continue;
    if (key === 'dtype' && !DTYPES.includes(String(value))) continue;
    if (key === 'cache' && !CACHES.includes(String(value))) continue;
    const sameType = typeof value === typeof DEFAULTS[key as keyof Settings];
    if (sameType || (key === 'seed' && (value === null || typeof value === 'number')))
      Object.assign(settings, { [key]: value });
  }
  return settings;
}

export class SettingsState {
  values: Settings = $state({ ...DEFAULTS });
  theme: Theme = $state('system');
  readonly #storage: Storage | null;

  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.values = readSettings(storage?.getItem(KEY) ?? null);
    const theme = storage?.getItem('payable:theme');
    if (theme === 'light' || theme === 'dark') this.theme = theme;
  }

  /** Options for loading the next model. */
  get loading(): { dtype: WeightDtype } & LoadingSettings {
    return { dtype: this.values.dtype, ...this.keptLoading };
  }

  /** The same for a model that has its own format of weights. */
  get keptLoading(): LoadingSettings {
    const { contextLength, cache } = this.values;
    return { ...(contextLength > 0 && { contextLength }), ...(cache !== 'auto' && { cache }) };
  }

  /** Sampling for one answer, with a drawn seed unless one is fixed. Unchanged settings are omitted: the model's files decide. */
  sampling(drawSeed: () => number): SamplingSettings {
    const { temperature, topK, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty, seed } = this.values;
    const chosen = { topK, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty };
    const changed = Object.entries(chosen).filter(([key, value]) => value !== DEFAULTS[key as keyof typeof chosen]);
    return { ...Object.fromEntries(changed), temperature, seed: seed ?? drawSeed() };
  }

  stopTexts(): string[] {
    return this.values.stop.split('\n').filter((line) => line !== '');
  }

  change(values: Partial<Settings>) {
    Object.assign(this.values, values);
    this.#keep(KEY, JSON.stringify(this.values));
  }

  reset() {
    const { dtype, contextLength, cache } = this.values;
    this.change({ ...DEFAULTS, dtype, contextLength, cache });
  }

  setTheme(theme: Theme) {
    this.theme = theme;
    if (theme === 'system') {
      delete document.documentElement.dataset.theme;
      this.#storage?.removeItem('payable:theme');
    } else {
      document.documentElement.dataset.theme = theme;
      this.#keep('payable:theme', theme);
    }
  }

  #keep(key: string, value: string) {
    try {
      this.#storage?.setItem(key, value);
    } catch {
      // If storage is full or blocked, the choice is lost on reload.
    }
  }
}
