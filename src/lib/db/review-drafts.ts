// What a curator decided and has not signed yet, per contribution, so that a reload loses nothing.

import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

export interface ReviewDraft {
  /** sha2-256 digest of the contribution's id. */
  content: string;
  rejected: { leaf: string; reason: string; first: string | null }[];
  /** Leaves that were taken one by one; drafts from before they were kept have none. */
  accepted?: string[];
  /** All that was decided in no other way is taken, looked at or not. */
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
