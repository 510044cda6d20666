// The records this browser keeps, and their versions. It knows tables; the rooms that use them know their meaning.

import Dexie, { type EntityTable } from 'dexie';
import type { Conversation } from './conversation.ts';
import type { KeptModel } from './kept-models.ts';
import type { OutboxRecord } from './outbox.ts';
import type { KeptReceipt } from './receipts.ts';
import type { ReviewDraft } from './review-drafts.ts';
import type { TrainingRunRecord } from './training-runs.ts';

export class Database extends Dexie {
  conversations!: EntityTable<Conversation, 'id'>;
  outbox!: EntityTable<OutboxRecord, 'id'>;
  reviewDrafts!: EntityTable<ReviewDraft, 'content'>;
  keptModels!: EntityTable<KeptModel, 'id'>;
  receipts!: EntityTable<KeptReceipt, 'id'>;
  trainingRuns!: EntityTable<TrainingRunRecord, 'id'>;

  constructor(name = 'payable') {
    super(name);
    this.version(1).stores({ conversations: 'id, updatedAt' });
    this.version(2).stores({ outbox: 'id, createdAt', reviewDrafts: 'content' });
    this.version(3).stores({ keptModels: 'id, addedAt' });
    this.version(4).stores({ receipts: 'id, time', trainingRuns: 'id, createdAt' });
  }
}
