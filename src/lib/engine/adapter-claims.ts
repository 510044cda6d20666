// A claim is what one request wants of the adapters: it asks without waiting, has what is missing loaded beside the decode loop,
// and takes pages for all of them at once, so that two claims never wait for each other. What is loaded for a claim stays until
// the claim has its pages or is given up. It knows no sequence and no step.

import type { AdapterLoad, AdapterLoads, AdapterSource, BroughtAdapter } from './adapter-loads.ts';
import type { Residency, ResidentAdapter, Tenant } from './adapter-residency.ts';
import { RequestError } from './errors.ts';
import type { Packable, RamTier } from './ram-tier.ts';

export interface AdapterClaim {
  /** It has its pages. */
  readonly isHolding: boolean;
  /** It has its pages, but they are not all written. */
  readonly isWriting: boolean;
  /** False while one of the adapters is on its way; loads what is missing. Throws what made a load fail. */
  bring(): boolean;
  /**
   * Once all are brought: the adapters, kept on the GPU until `release`; `writing` while they are on their way to it; `no pages`
   * while running and pinned adapters leave them no room. Throws when the room will never suffice.
   */
  hold(): readonly ResidentAdapter[] | 'writing' | 'no pages';
  release(): void;
}

/** A registered adapter. */
export interface Entry extends AdapterSource, Tenant, Packable {
  /** While claims wait for it; two never load it twice. */
  load: AdapterLoad | null;
  claims: Set<ClaimState>;
}

interface ClaimState {
  failure: { error: unknown } | null;
  isHolding: boolean;
}

export interface ClaimsOptions {
  loads: AdapterLoads;
  residency: Residency<Entry>;
  ram: RamTier<Entry>;
  /** A claim that waited may have another answer now. */
  onChange(): void;
}

/** Fails those that want the adapter. */
export function failClaims({ claims }: Entry, error: unknown): void {
  for (const claim of claims) claim.failure ??= { error };
}

export function createClaims({ loads, residency, ram, onChange }: ClaimsOptions): {
  claim(adapters: readonly Entry[]): AdapterClaim;
} {
  const load = (entry: Entry): BroughtAdapter | null => {
    entry.load ??= loads.start(entry, entry.packed, (outcome) => {
      if ('error' in outcome) {
        entry.load = null;
        failClaims(entry, outcome.error);
      } else ram.keep(entry, outcome.packed);
      onChange();
    });
    ram.touch(entry);
    return entry.load.brought;
  };
  /** Claims that hold pages. */
  let holding = 0;
  const place = (wanted: readonly Entry[]): boolean => {
    for (const entry of wanted) residency.hold(entry);
    const missing = wanted.filter(({ resident }) => !resident);
    if (residency.place(missing.map((entry) => ({ tenant: entry, brought: entry.load!.brought! })))) {
      for (const entry of missing) entry.load = null;
      return true;
    }
    for (const entry of wanted) residency.release(entry);
    if (holding > 0 || residency.writing > 0) return false;
    throw new RequestError(
      'The adapters of this request do not fit into the adapter pool together.',
      'Blend fewer adapters, unpin others, or load the model with a larger adapter pool.',
    );
  };
  const claim = (adapters: readonly Entry[]): AdapterClaim => {
    const wanted = [...new Set(adapters)];
    const own: ClaimState = { failure: null, isHolding: false };
    for (const { claims } of wanted) claims.add(own);
    const isWriting = () => own.isHolding && wanted.some(({ resident }) => !resident?.isWritten);
    return {
      get isHolding() {
        return own.isHolding;
      },
      get isWriting() {
        return own.failure === null && isWriting();
      },
      bring() {
        if (own.failure) throw own.failure.error;
        return own.isHolding || wanted.filter((entry) => !entry.resident && !load(entry)).length === 0;
      },
      hold() {
        if (!own.isHolding) {
          if (!place(wanted)) return 'no pages';
          own.isHolding = true;
          if (wanted.length > 0) holding++;
        }
        if (isWriting()) return 'writing';
        return adapters.map(({ resident }) => resident!);
      },
      release() {
        if (own.isHolding && wanted.length > 0) holding--;
        for (const entry of wanted) {
          entry.claims.delete(own);
          if (own.isHolding) residency.release(entry);
          if (entry.claims.size > 0) continue;
          entry.load?.stop();
          entry.load = null;
        }
        own.isHolding = false;
        onChange();
      },
    };
  };

  return { claim };
}
