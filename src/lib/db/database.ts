// The records this browser keeps, and their versions. It knows tables; what they mean is the rooms' business.

import Dexie, { type EntityTable } from 'dexie';
import type { Conversation } from './conversation.ts';

export class Database extends Dexie {
  conversations!: EntityTable<Conversation, 'id'>;

  constructor(name = 'payable') {
    super(name);
    this.version(1).stores({ conversations: 'id, updatedAt' });
  }
}
