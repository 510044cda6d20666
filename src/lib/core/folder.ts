// A read-only folder of byte ranges: the only way model, tokenizer and adapter files enter the engine.
// It knows names, sizes and ranges; it does not know where the bytes live (disk, HTTP, OPFS, a dropped folder).

/** `sha256`: hex, of a file that was compared with it when it was stored here. */
export interface FileRef {
  path: string;
  file: Blob;
  sha256?: string;
}

/** A place a folder can be opened from. Plain data, so it can cross a worker boundary. */
export type FolderRef =
  | { kind: 'url'; url: string }
  | { kind: 'files'; name: string; files: FileRef[] }
  | { kind: 'directory'; path: string };

export interface Folder {
  /** Shown to people: in progress lines and error messages. */
  readonly name: string;
  /** True when the file exists. */
  has(path: string): Promise<boolean>;
  /** Size in bytes; throws `FileMissingError` when there is no such file. */
  size(path: string): Promise<number>;
  /** Bytes [start, end) of a file; throws when the file is missing or shorter than `end`. */
  read(path: string, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Where the folder is a view of other files: those that `path` is made from, which the view reads under their own names too.
   * A hash of the file is a hash of these.
   */
  origins?(path: string): readonly string[];
  /** The sha256 (hex) that the file was stored under; the bytes are not read. Undefined where there is none. */
  storedSha256?(path: string): string | undefined;
}
