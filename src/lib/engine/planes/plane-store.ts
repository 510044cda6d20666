// Where packed weights are kept between two starts; types only. A set is one long row of bytes and, once that is complete, a
// manifest: a set without one was never finished and is never used.

export interface PlaneStore {
  /** Null where there is no complete set of that name. */
  open(name: string): Promise<PlaneSet | null>;
  /** Begins a set anew. Null where there is no room for it, or another tab writes it. */
  create(name: string, bytes: number): Promise<PlaneWriter | null>;
  remove(name: string): Promise<void>;
}

export interface PlaneSet {
  readonly manifest: string;
  readonly bytes: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface PlaneWriter {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  finish(manifest: string): Promise<void>;
  abandon(): Promise<void>;
}
