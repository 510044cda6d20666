// One file of a hosted model as its index names it.

export interface FileEntry {
  path: string;
  bytes: number;
  sha256: string;
}
