// The page about kept models: connects its state with the file storage of this browser.

import { exportHubFiles } from '#lib/engine/shell/export-hub-files.ts';
import { emptyPrivateFolder, privateFolderBytes } from '#lib/engine/shell/private-folder.ts';
import { ModelStorageState } from '#lib/state/model-storage.svelte.ts';
import { composeHub } from './compose-hub.ts';

export function composeModelStorage(): ModelStorageState {
  const { kept, openKept } = composeHub();
  return new ModelStorageState({
    kept,
    bytesIn: privateFolderBytes,
    empty: emptyPrivateFolder,
    async save(model) {
      return exportHubFiles(await openKept(model));
    },
    async estimate() {
      const { usage, quota } = await navigator.storage.estimate();
      return usage === undefined || quota === undefined ? null : { usage, quota };
    },
  });
}
