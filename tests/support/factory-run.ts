// Prepared data of a training run, for tests of states and pages that need no more than its figures.

import type { PreparedData } from '#lib/flows/train-event.ts';

const counts = {
  ...{ rows: 10, examples: 8, tokens: 900, lossTokens: 300, cut: { examples: 1, tokens: 12 }, guarded: 0, missed: 0 },
  methods: { prefix: 8 },
  dropped: [{ reason: 'it has no answer', count: 2, rows: [{ source: 0, id: 'row-7' }] }],
};

export const preparedData: PreparedData = {
  counts: { train: counts, validation: { ...counts, rows: 2, examples: 2, dropped: [] } },
  leaks: [
    { kind: 'question', validation: { source: 0, id: 'row-9' }, train: { source: 0, id: 'row-1' }, similarity: 1 },
  ],
  looksNear: true,
  terms: { licences: ['CC-BY-4.0'], commercial: true, shareAlike: null, unpublishable: null },
};
