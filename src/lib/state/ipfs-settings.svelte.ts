// The pinners, gateways and peers that the user named, kept in this browser and checked when read. Opens no connection. The app names no pinners
// of its own; its operator may preset some.

import type { IpfsSettings } from '#lib/ipfs/shell/browser-ipfs.ts';
import { parseGatewayAddress } from '#lib/ipfs/gateway.ts';

const KEY = 'payable:ipfs';
const MOST = 16;
const MOST_CHARS = 500;

export class IpfsSettingsState {
  values: IpfsSettings = $state.raw({ pinners: [], gateways: [], peers: [], webrtc: false });
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;

  /** `named` are the pinners that the app's operator preset; the user may change them. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null, named: readonly string[]) {
    this.#storage = storage;
    const kept = readKept(storage?.getItem(KEY) ?? null);
    this.values = {
      pinners: (kept.pinners ?? texts(named)).flatMap(addressOrNone),
      gateways: (kept.gateways ?? []).flatMap(addressOrNone),
      peers: kept.peers ?? [],
      webrtc: kept.webrtc ?? false,
    };
  }

  /** Returns the address as it is kept. @throws BadAddressError */
  addPinner(address: string): string {
    const { href } = parseGatewayAddress(address.trim());
    if (!this.values.pinners.includes(href)) this.#change({ pinners: [...this.values.pinners, href].slice(-MOST) });
    return href;
  }

  removePinner(address: string) {
    this.#change({ pinners: this.values.pinners.filter((one) => one !== address) });
  }

  /** Addresses with spaces between them. @throws BadAddressError */
  setGateways(addresses: string) {
    const gateways = texts(addresses.split(/\s+/).filter(Boolean)).map((address) => parseGatewayAddress(address).href);
    this.#change({ gateways: gateways.filter((one, at) => gateways.indexOf(one) === at) });
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
      // If storage is full or blocked, the choice is lost on reload.
    }
  }
}

function readKept(text: string | null): Partial<IpfsSettings> {
  try {
    const { pinners, gateways, peers, webrtc } = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return {
      ...(Array.isArray(pinners) && { pinners: texts(pinners) }),
      ...(Array.isArray(gateways) && { gateways: texts(gateways) }),
      ...(Array.isArray(peers) && { peers: texts(peers) }),
      ...(typeof webrtc === 'boolean' && { webrtc }),
    };
  } catch {
    return {};
  }
}

const texts = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === 'string' && value.length <= MOST_CHARS).slice(0, MOST);

function addressOrNone(address: string): string[] {
  try {
    return [parseGatewayAddress(address).href];
  } catch {
    return [];
  }
}
