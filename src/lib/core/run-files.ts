// Where training runs are kept: one folder for each run, few files in it. A port; a disk, a browser's private storage and memory have it.

export interface RunFiles {
  /** Names of runs, in any order. */
  list(): Promise<string[]>;
  /** Null where there is no such file. */
  read(run: string, file: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Replaces the file. A write that is cut short may leave the old file, the new one, or a part. */
  write(run: string, file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** All files of the run; nothing happens where there is none. */
  remove(run: string): Promise<void>;
}
