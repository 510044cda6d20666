// Which adapters the next answer uses, and their weights: none, one, or a blend.

import type { UsedAdapter } from '#lib/db/conversation.ts';
import type { AdapterChoice } from './model-state.svelte.ts';

export class AdapterChoiceState {
  isBlend = $state(false);
  weights: Record<string, number> = $state({});

  choose(id: string | null) {
    this.isBlend = false;
    this.weights = id === null ? {} : { [id]: 1 };
  }

  /** Starts a blend from the chosen adapter; with none chosen, from the first two at half weight. */
  blend(options: readonly AdapterChoice[]) {
    this.isBlend = true;
    if (Object.keys(this.weights).length > 0) return;
    this.weights = Object.fromEntries(options.slice(0, 2).map(({ info }) => [info.id, 0.5]));
  }

  setWeight(id: string, weight: number) {
    if (weight > 0) this.weights[id] = weight;
    else this.weights = Object.fromEntries(Object.entries(this.weights).filter(([other]) => other !== id));
  }

  /** Drops adapters that are not among `options`. */
  keepOnly(options: readonly AdapterChoice[]) {
    const kept = Object.entries(this.weights).filter(([id]) => options.some(({ info }) => info.id === id));
    if (kept.length < Object.keys(this.weights).length) this.weights = Object.fromEntries(kept);
  }

  used(options: readonly AdapterChoice[]): UsedAdapter[] {
    return options.flatMap(({ info, name }) => {
      const weight = this.weights[info.id];
      return weight === undefined ? [] : [{ id: info.id, name, weight }];
    });
  }
}
