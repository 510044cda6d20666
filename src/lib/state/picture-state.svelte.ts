// A picture that a row brings, on its way to the screen.

import type { NamedFile } from '#lib/formats/datanet/attachments.ts';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { openPicture, type OpenPicture, type PictureOptions } from '#lib/datanets/published/open-picture.ts';
import { toProblem, type Problem } from './problem.ts';

export class PictureState {
  picture: OpenPicture | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  readonly #openIpfs: () => Promise<Pick<IpfsAccess, 'node' | 'fetch'>>;
  #opening = new AbortController();

  constructor(openIpfs: () => Promise<Pick<IpfsAccess, 'node' | 'fetch'>>) {
    this.#openIpfs = openIpfs;
  }

  async open(file: NamedFile, unseal: PictureOptions['unseal']): Promise<void> {
    this.close();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    try {
      const picture = await openPicture(await this.#openIpfs(), file, { unseal, signal });
      if (!signal.aborted) this.picture = picture;
    } catch (error) {
      if (!signal.aborted) this.problem = toProblem(error);
    }
  }

  close(): void {
    this.#opening.abort();
    this.picture = this.problem = null;
  }
}
