import { expect, it } from 'vitest';
import type { DeviceSpeed } from '#lib/engine/measure-speed.ts';
import type { CatalogueModel } from '#lib/registry/catalogue.ts';
import { ProposalState, type ProposalNeeds } from './proposal.svelte.ts';

const model: CatalogueModel = {
  ...{ repo: 'owner/name', family: 'LLaMA', tier: 1, isGated: false, parameters: 1e8, weightBytes: 2e8 },
};
const speed: DeviceSpeed = { bytesPerSecond: { f16: 1e11, q8: 1e11, q4: 1e11 }, dispatchSeconds: 1e-6 };

function proposal(kept: string | null, needs: Partial<ProposalNeeds> = {}) {
  const seen = { kept, measured: 0 };
  const state = new ProposalState({
    readCatalogue: async () => ({ models: [model], adapters: [] }),
    async measure() {
      seen.measured++;
      return speed;
    },
    limits: async () => ({ memoryBytes: 4e9, gpu: 'acme card' }),
    freeBytes: async () => null,
    storage: { getItem: () => seen.kept, setItem: (_, value) => void (seen.kept = value) },
    ...needs,
  });
  return { state, seen };
}

it('measures the device once, and uses the figures again on the next visit', async () => {
  const first = proposal(null);
  await Promise.all([first.state.find(), first.state.find()]);
  expect(first.state.found).toMatchObject({ model, dtype: 'f16' });
  expect(first.seen.measured).toBe(1);
  const next = proposal(first.seen.kept);
  await next.state.find();
  expect(next.state.found).toEqual(first.state.found);
  expect(next.seen.measured).toBe(0);
});

it.each([
  'no JSON',
  'null',
  JSON.stringify({ gpu: 'another card', ...speed }),
  JSON.stringify({ gpu: 'acme card', dispatchSeconds: 1 }),
  JSON.stringify({ gpu: 'acme card', bytesPerSecond: { f16: -1, q8: 1, q4: 1 }, dispatchSeconds: 1 }),
])('measures again where what is kept is %s', async (kept) => {
  const { state, seen } = proposal(kept);
  await state.find();
  expect(seen.measured).toBe(1);
  expect(state.found?.model).toBe(model);
});

it('proposes nothing where the device cannot be measured', async () => {
  const { state } = proposal(null, { measure: () => Promise.reject(new Error('no GPU')) });
  await state.find();
  expect(state.found).toBe(null);
});
