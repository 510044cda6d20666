// A picture that a row links, fetched and opened for the screen.

import type { NamedFile } from '#lib/formats/datanet/attachments.ts';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { openPicture, type OpenPicture, type PictureOptions } from '#lib/datanets/published/open-picture.ts';
import { Task } from './task.svelte.ts';

type OpenIpfs = () => Promise<Pick<IpfsAccess, 'node' | 'fetch'>>;

export class PictureState {
  picture: OpenPicture | null = $state.raw(null);
  readonly #openIpfs: OpenIpfs;
  readonly #opening = new Task();

  constructor(openIpfs: OpenIpfs) {
    this.#openIpfs = openIpfs;
  }

  get problem() {
    return this.#opening.problem;
  }

  async open(file: NamedFile, unseal: PictureOptions['unseal']): Promise<void> {
    this.picture = null;
    await this.#opening.restart(async (signal) => {
      const picture = await openPicture(await this.#openIpfs(), file, { unseal, signal });
      signal.throwIfAborted();
      this.picture = picture;
    });
  }

  close(): void {
    this.#opening.stop();
    this.#opening.problem = null;
    this.picture = null;
  }
}
