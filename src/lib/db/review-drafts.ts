// A curator's unsigned decisions for each contribution, so that a reload loses nothing.

import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

export interface ReviewDraft {
  /** sha2-256 digest of the contribution's id. */
  content: string;
  rejected: { leaf: string; reason: string; first: string | null }[];
  /** Leaves that were accepted one by one; older drafts have none. */
  accepted?: string[];
  /** Accepts every row without a decision, read or not. */
  isRestAccepted?: boolean;
}

export interface ReviewDrafts {
  get(content: string): Promise<ReviewDraft | undefined>;
  put(draft: ReviewDraft): Promise<void>;
  remove(content: string): Promise<void>;
}

export function createReviewDrafts({ reviewDrafts }: Database): ReviewDrafts {
  const guard = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new StorageError(error);
    }
  };
  return {
    get: (content) => guard(reviewDrafts.get(content)),
    put: async (draft) => void (await guard(reviewDrafts.put(draft))),
    remove: (content) => guard(reviewDrafts.delete(content)),
  };
}
