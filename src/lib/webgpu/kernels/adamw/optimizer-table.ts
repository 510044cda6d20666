// What the kernels of the optimizer read and keep of each adapter that learns: a table that the host writes for each step, and a record
// that stays on the GPU, so that no step waits for a number. Words only; the arithmetic is in the kernels.

import { constants, type Memory } from '../../kernel.ts';

/** One adapter that learns, at its own rate and with its own count of steps. */
export interface OptimizerJob {
  /** False: its gradient goes on growing, for a later step. */
  applies: boolean;
  /** Its pages of the pool in their order, the same in every layer. */
  pages: readonly number[];
  rate: number;
  /** Of the first and of the second moment. */
  betas: readonly [number, number];
  epsilon: number;
  weightDecay: number;
  /** Greatest norm of a gradient; 0: any. */
  clip: number;
  /** What the gradient is multiplied by: one part in as many micro-batches as it was summed over. */
  scale: number;
  /** Sums of squares of its gradient beside the pool: where the first one is, and how many there are. Default: none. */
  besides?: { first: number; count: number } | undefined;
}

/** Each group of so many elements of the pool has one scale. All parts of adapters start at a multiple of it. */
export const SCALE_ELEMENTS = 32;

const HEADER_WORDS = 2;
const JOB = {
  ...{ applies: 0, firstPage: 1, pages: 2, rate: 3, kept: 4, epsilon: 5, clip: 6, scale: 7 },
  ...{ keep1: 8, take1: 9, keep2: 10, take2: 11 },
  ...{ firstSquare: 12, squares: 13, words: 14 },
} as const;
const PAGE = { page: 0, job: 1, words: 2 } as const;

/** What became of a job in a step. */
export const ACTION = { waited: 0, stepped: 1, skipped: 2 } as const;

/** The record of the job at the same place of the table, where it stays while its adapter learns: zero before its first step. `correction`: one minus the power of a beta that corrects a moment. */
export const RECORD = {
  ...{ action: 0, steps: 1, skipped: 2, norm: 3, factor: 4, correction1: 5, correction2: 6, words: 8 },
} as const;

export const pageCount = (jobs: readonly OptimizerJob[]): number =>
  jobs.reduce((sum, { pages }) => sum + pages.length, 0);

export const tableWords = (jobs: number, pages: number): number => HEADER_WORDS + jobs * JOB.words + pages * PAGE.words;

export function encodeOptimizerTable(jobs: readonly OptimizerJob[]): Uint32Array<ArrayBuffer> {
  const pagesAt = HEADER_WORDS + jobs.length * JOB.words;
  const words = new Uint32Array(tableWords(jobs.length, pageCount(jobs)));
  const floats = new Float32Array(words.buffer);
  words.set([pagesAt, pageCount(jobs)]);
  let next = 0;
  jobs.forEach((job, i) => {
    const at = HEADER_WORDS + i * JOB.words;
    const [beta1, beta2] = job.betas;
    words.set([+job.applies, next, job.pages.length], at);
    floats.set([job.rate, 1 - job.rate * job.weightDecay, job.epsilon, job.clip, job.scale], at + JOB.rate);
    floats.set([beta1, 1 - beta1, beta2, 1 - beta2], at + JOB.keep1);
    words.set([job.besides?.first ?? 0, job.besides?.count ?? 0], at + JOB.firstSquare);
    for (const page of job.pages) words.set([page, i], pagesAt + next++ * PAGE.words);
  });
  return words;
}

/** The plain twin of the functions in `optimizer-table.wgsl`. */
export function readOptimizerTable({ u32, f32 }: Memory) {
  const [pagesAt, pages] = [u32[0]!, u32[1]!];
  return {
    pages,
    jobs: Array.from({ length: (pagesAt - HEADER_WORDS) / JOB.words }, (_, i) => {
      const at = HEADER_WORDS + i * JOB.words;
      const number = (word: number) => f32[at + word]!;
      return {
        applies: u32[at + JOB.applies] === 1,
        firstPage: u32[at + JOB.firstPage]!,
        pages: u32[at + JOB.pages]!,
        ...{ rate: number(JOB.rate), kept: number(JOB.kept), epsilon: number(JOB.epsilon), clip: number(JOB.clip) },
        ...{ scale: number(JOB.scale), keep1: number(JOB.keep1), take1: number(JOB.take1) },
        ...{ keep2: number(JOB.keep2), take2: number(JOB.take2) },
        ...{ firstSquare: u32[at + JOB.firstSquare]!, squares: u32[at + JOB.squares]! },
      };
    }),
    /** The physical page, and whose it is. */
    pageAt: (entry: number) => {
      const at = pagesAt + entry * PAGE.words;
      return { page: u32[at + PAGE.page]!, job: u32[at + PAGE.job]! };
    },
  };
}

export const tableConstants: string = constants({
  HEADER_WORDS,
  SCALE_VECTORS: SCALE_ELEMENTS / 4,
  JOB_APPLIES: JOB.applies,
  JOB_FIRST_PAGE: JOB.firstPage,
  JOB_PAGES: JOB.pages,
  JOB_RATE: JOB.rate,
  JOB_KEPT: JOB.kept,
  JOB_EPSILON: JOB.epsilon,
  JOB_CLIP: JOB.clip,
  JOB_SCALE: JOB.scale,
  JOB_KEEP1: JOB.keep1,
  JOB_TAKE1: JOB.take1,
  JOB_KEEP2: JOB.keep2,
  JOB_TAKE2: JOB.take2,
  JOB_FIRST_SQUARE: JOB.firstSquare,
  JOB_SQUARES: JOB.squares,
  JOB_WORDS: JOB.words,
  PAGE_WORDS: PAGE.words,
  WAITED: ACTION.waited,
  STEPPED: ACTION.stepped,
  SKIPPED: ACTION.skipped,
  RECORD_ACTION: RECORD.action,
  RECORD_STEPS: RECORD.steps,
  RECORD_SKIPPED: RECORD.skipped,
  RECORD_NORM: RECORD.norm,
  RECORD_FACTOR: RECORD.factor,
  RECORD_CORRECTION1: RECORD.correction1,
  RECORD_CORRECTION2: RECORD.correction2,
  RECORD_WORDS: RECORD.words,
});
