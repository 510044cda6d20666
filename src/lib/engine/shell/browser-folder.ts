// Opens the folders a browser can reach.

import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { FileMissingError } from '#lib/formats/errors.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { createUrlFolder } from '#lib/files/url-folder.ts';
import { createGgufFileFolder, isGgufName } from '#lib/model/sources/gguf-file.ts';

const request: typeof fetch = (...args) => fetch(...args);

/** A folder on a server, or one GGUF file there. */
function openUrl(url: string): Folder {
  const [, folder, file] = /^([^?#]*\/)([^/?#]+)$/.exec(url) ?? [];
  return folder !== undefined && file !== undefined && isGgufName(file)
    ? createGgufFileFolder(createUrlFolder(folder, request), decodeURIComponent(file))
    : createUrlFolder(url, request);
}

export function openBrowserFolder(ref: FolderRef): Folder {
  switch (ref.kind) {
    case 'url':
      return openUrl(ref.url);
    case 'files':
      return createBlobFolder(ref.name, ref.files);
    case 'directory':
      throw new FileMissingError(
        'this device',
        ref.path,
        'A browser cannot open folders by path; pick the folder instead.',
      );
  }
}
