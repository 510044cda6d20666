// Where computed beginnings of conversations lie between sessions: small files under names that the engine gives. Types only.

export interface StoredPrefix {
  name: string;
  bytes: number;
}

/** What is stored may be gone, or damaged, at the next call: the engine checks all that it reads. */
export interface PrefixStore {
  /** Least recently used first. */
  list(): Promise<StoredPrefix[]>;
  /** Null where there is no such file or another tab has it open. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Counts as use. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Makes it the last used one. */
  touch(name: string): Promise<void>;
  remove(name: string): Promise<void>;
}
