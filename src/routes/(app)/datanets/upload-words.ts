// How an upload to a pinner is described while it runs.

import type { UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { formatBytes } from '#lib/ui/format-figures.ts';

export const uploadWords = ({ pinner, bytes }: UploadProgress): string =>
  `Uploading ${formatBytes(bytes)} to ${new URL(pinner).host}…`;
