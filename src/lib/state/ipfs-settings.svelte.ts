// Which pinners and peers the reader named; kept in this browser, checked when read back. It opens no connection, and names
// nobody itself: who serves the app may have named pinners.

import type { IpfsSettings } from '#lib/ipfs/shell/browser-ipfs.ts';
import { parseGatewayAddress } from '#lib/ipfs/gateway.ts';

const KEY = 'payable:ipfs';
const MOST = 16;
const MOST_CHARS = 500;

export class IpfsSettingsState {
  values: IpfsSettings = $state.raw({ pinners: [], peers: [], webrtc: false });
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;

  /** `named` are the pinners of who serves the app; the reader may change them. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null, named: readonly string[]) {
    this.#storage = storage;
    const kept = readKept(storage?.getItem(KEY) ?? null);
    this.values = {
      pinners: (kept.pinners ?? texts(named)).flatMap(pinnerOrNone),
      peers: kept.peers ?? [],
      webrtc: kept.webrtc ?? false,
    };
  }

  /** The address as it is kept. @throws BadAddressError in words */
  addPinner(address: string): string {
    const { href } = parseGatewayAddress(address.trim());
    if (!this.values.pinners.includes(href)) this.#change({ pinners: [...this.values.pinners, href].slice(-MOST) });
    return href;
  }

  removePinner(address: string) {
    this.#change({ pinners: this.values.pinners.filter((one) => one !== address) });
  }

  setPeers(peers: readonly string[]) {
    this.#change({ peers: texts(peers) });
  }

  setWebrtc(webrtc: boolean) {
    this.#change({ webrtc });
  }

  #change(values: Partial<IpfsSettings>) {
    this.values = { ...this.values, ...values };
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // A full or blocked storage only means that the choice is not remembered.
    }
  }
}

function readKept(text: string | null): Partial<IpfsSettings> {
  try {
    const { pinners, peers, webrtc } = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return {
      ...(Array.isArray(pinners) && { pinners: texts(pinners) }),
      ...(Array.isArray(peers) && { peers: texts(peers) }),
      ...(typeof webrtc === 'boolean' && { webrtc }),
    };
  } catch {
    return {};
  }
}

const texts = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === 'string' && value.length <= MOST_CHARS).slice(0, MOST);

function pinnerOrNone(address: string): string[] {
  try {
    return [parseGatewayAddress(address).href];
  } catch {
    return [];
  }
}
