// A blob that reports how far it has been read.

export class CountedBlob extends Blob {
  readonly #onRead: (bytes: number) => void;
  #furthest = 0;

  constructor(blob: Blob, onRead: (bytes: number) => void) {
    super([blob]);
    this.#onRead = onRead;
  }

  override slice(start = 0, end = this.size, type?: string): Blob {
    if (end > this.#furthest) {
      this.#furthest = end;
      this.#onRead(end);
    }
    return super.slice(start, end, type);
  }
}
