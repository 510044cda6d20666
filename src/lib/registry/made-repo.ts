// Names of adapters that were trained on this device, in the ledger of kept models: they have no place that they could be downloaded from.

const PREFIX = 'trained:';

export const madeRepo = (name: string): string => `${PREFIX}${name}`;

export const isMadeHere = (repo: string): boolean => repo.startsWith(PREFIX);
