// The keys for sealed rows: the user's own key, once the wallet gave it, and an opener for rows. Held in memory while the page is open,
// for one Datanet and account.

import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import type { MemberKey } from '#lib/dataset/member-keys.ts';
import { createRowOpener, type RowOpener } from '#lib/dataset/row-opener.ts';
import { openMemberKey } from '#lib/datanets/keys/datanet-members.ts';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { listRings } from '#lib/datanets/keys/row-keys.ts';
import type { WalletState } from './wallet.svelte.ts';

interface Opened {
  datanet: string;
  member: Hex;
  key: MemberKey;
  opener: RowOpener;
}

export interface RowKeysNeeds {
  wallet: WalletState;
  openIpfs(): Promise<IpfsAccess>;
  createDigester(): Promise<Digester>;
}

export class RowKeysState {
  #opened: Opened | null = $state.raw(null);
  readonly #needs: RowKeysNeeds;

  constructor(needs: RowKeysNeeds) {
    this.#needs = needs;
  }

  /** The keys of the current account for `datanet`, if the wallet gave its key already. */
  opened(datanet: string): Opened | null {
    const member = this.#needs.wallet.address?.toLowerCase();
    return this.#opened?.datanet === datanet && this.#opened.member === member ? this.#opened : null;
  }

  /** The same, asking the wallet if necessary; null when the user declines. `WalletState` holds the reason of a failure. */
  async open(datanet: string): Promise<Opened | null> {
    const there = this.opened(datanet);
    if (there) return there;
    const { wallet, openIpfs, createDigester } = this.#needs;
    const [ipfs, digester] = [await openIpfs(), await createDigester()];
    return wallet.sign(async (context) => {
      const signer = await context.signer();
      const member = signer.account.address.toLowerCase() as Hex;
      const memberKey = await openMemberKey(signer, datanet, digester);
      const letters = (await listRings(ipfs.node, datanet)).map(({ ring }) => ring);
      const readRing = (id: string) => ipfs.block(parseCid(id, 'ring')).catch(() => null);
      const opener = createRowOpener({ datanet, member, memberKey, readRing, letters });
      return (this.#opened = { datanet, member, key: memberKey, opener });
    });
  }

  /** Call it when a key ring arrived: `open` then reads the rings again. */
  forget() {
    this.#opened = null;
  }
}
