// The steps from a base model to an adapter, in their order.

export const FACTORY_STEPS = [
  { id: 'base', name: 'Base' },
  { id: 'data', name: 'Data' },
  { id: 'recipe', name: 'Recipe' },
  { id: 'estimate', name: 'Estimate' },
  { id: 'run', name: 'Run' },
  { id: 'result', name: 'Result' },
] as const;
