/// <reference lib="webworker" />
// Checks and downloads models of the hub in a worker: only there a file of the private file storage can be written in its middle, and
// hashing gigabytes never holds up the page.

import { serve } from '#lib/core/rpc.ts';
import { measureSpeed } from '#lib/engine/measure-speed.ts';
import { createOpfsChunkStore } from '#lib/engine/shell/opfs-chunk-store.ts';
import { openHubPlace, takeHubPlace } from '#lib/engine/shell/hub-places.ts';
import { createBrowserTransferHost } from '#lib/engine/shell/transfer-host.ts';
import { createHub } from '#lib/files/hub/hub.ts';
import { hubName } from '#lib/files/hub/hub-repo.ts';
import type { HubListing } from '#lib/files/hub/list-hub-files.ts';
import { checkModel } from '#lib/flows/check-model.ts';
import { pullModel } from '#lib/flows/pull-model.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import type { HubDesk } from './hub-desk.ts';

declare const self: DedicatedWorkerGlobalScope;

const host = createBrowserTransferHost();

const desk: HubDesk = {
  async *pull({ repo, access, chunkBytes }, signal) {
    let release = () => {};
    const context = {
      hub: createHub({ host, ...access }),
      now: () => host.now(),
      async openStore(listing: HubListing) {
        const place = `${hubName(listing)}@${listing.commit}`;
        ({ release } = await takeHubPlace(place));
        return createOpfsChunkStore(await openHubPlace(place));
      },
    };
    try {
      yield* pullModel(context, { repo, chunkBytes }, { signal });
    } finally {
      release();
    }
  },
  check: ({ repo, access, ...input }, signal) =>
    checkModel({ hub: createHub({ host, ...access }) }, { repo, ...input }, { signal }),
  async measure() {
    const device = await createGpuDevice(navigator.gpu, { limits: 'best' });
    try {
      return await measureSpeed(device, () => host.now());
    } finally {
      device.dispose();
    }
  },
};

serve(self, desk);
