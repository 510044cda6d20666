// What the worker for the hub does for the page.

import type { DeviceSpeed } from '#lib/engine/measure-speed.ts';
import type { HubRepo } from '#lib/files/hub/hub-repo.ts';
import type { CheckModelEvent, CheckModelInput } from '#lib/flows/check-model.ts';
import type { PullModelEvent } from '#lib/flows/pull-model.ts';

export interface HubAccess {
  /** Another server that speaks the hub's HTTP. */
  endpoint?: string | undefined;
  /** A read token, for gated and private repositories. */
  token?: string | undefined;
}

export interface HubDesk {
  /** Into the private file storage, under a lock of the place. @throws PlaceBusyError when another tab downloads the same commit */
  pull(
    input: { repo: HubRepo; access: HubAccess; chunkBytes?: number | undefined },
    signal: AbortSignal,
  ): AsyncIterable<PullModelEvent>;
  check(input: CheckModelInput & { access: HubAccess }, signal: AbortSignal): AsyncIterable<CheckModelEvent>;
  /** Takes a moment of the GPU. @throws GpuUnavailableError */
  measure(): Promise<DeviceSpeed>;
}
