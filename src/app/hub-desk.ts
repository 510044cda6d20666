// What the worker for downloads does for the page.

import type { DeviceSpeed } from '#lib/engine/measure-speed.ts';
import type { IpfsSettings } from '#lib/ipfs/shell/browser-ipfs.ts';
import type { Repo } from '#lib/files/repo.ts';
import type { CheckModelEvent, CheckModelInput } from '#lib/flows/check-model.ts';
import type { PullModelEvent } from '#lib/flows/pull-model.ts';

export interface SourceAccess {
  /** Another server that speaks the hub's HTTP. */
  endpoint?: string | undefined;
  /** A read token, for gated and private repositories. */
  token?: string | undefined;
  /** Where blocks of IPFS come from. */
  ipfs: IpfsSettings;
}

export interface HubDesk {
  /** Into the private file storage, under a lock of the place. @throws PlaceBusyError when another tab downloads the same commit */
  pull(
    input: { repo: Repo; access: SourceAccess; chunkBytes?: number | undefined },
    signal: AbortSignal,
  ): AsyncIterable<PullModelEvent>;
  check(input: CheckModelInput & { access: SourceAccess }, signal: AbortSignal): AsyncIterable<CheckModelEvent>;
  /** Takes a moment of the GPU. @throws GpuUnavailableError */
  measure(): Promise<DeviceSpeed>;
}
