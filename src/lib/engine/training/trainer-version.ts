// Names what the trainer computes. Raised whenever the same run would give other bits on the same device: another order of sums, another
// kernel, another layout of what is saved.

export const TRAINER_VERSION = 'payable-trainer@1';
