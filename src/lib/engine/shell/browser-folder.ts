// Opens the folders a browser can reach.

import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { FileMissingError } from '#lib/formats/errors.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { createUrlFolder } from '#lib/files/url-folder.ts';

export function openBrowserFolder(ref: FolderRef): Folder {
  switch (ref.kind) {
    case 'url':
      return createUrlFolder(ref.url, (...args) => fetch(...args));
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
