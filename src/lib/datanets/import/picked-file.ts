// A file that the user picked, as the import reads it: as a stream, or by ranges.

import type { ImportFile } from './import-file.ts';

export const pickedFile = (file: File): ImportFile => ({
  name: file.name,
  size: file.size,
  // Not every browser can iterate over a stream.
  async *stream() {
    const reader = file.stream().getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      await reader.cancel();
    }
  },
  read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
});
