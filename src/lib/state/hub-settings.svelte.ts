// How the hub is reached: its server, and a read token for gated models. Kept in this browser only and checked when read.

const KEY = 'payable:hub';
const MOST_CHARS = 500;

export interface HubSettings {
  /** Empty uses the default. */
  endpoint: string;
  /** Empty without one. */
  token: string;
}

export class HubSettingsState {
  values: HubSettings = $state.raw({ endpoint: '', token: '' });
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;
  readonly #preset: string;

  /** `preset` is the server that the app's operator named; empty for the hub itself. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null, preset: string) {
    this.#storage = storage;
    this.#preset = preset;
    this.values = readKept(storage?.getItem(KEY) ?? null);
  }

  /** As the client of the hub takes it. */
  get access(): { endpoint?: string; token?: string } {
    const { endpoint, token } = this.values;
    const server = endpoint || this.#preset;
    return { ...(server && { endpoint: server }), ...(token && { token }) };
  }

  change(values: Partial<HubSettings>) {
    const next = { ...this.values, ...values };
    this.values = { endpoint: next.endpoint.trim(), token: next.token.trim() };
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // If storage is full or blocked, the choice is lost on reload.
    }
  }
}

function readKept(text: string | null): HubSettings {
  const none = { endpoint: '', token: '' };
  try {
    const { endpoint, token } = JSON.parse(text ?? '{}') as Record<string, unknown>;
    const short = (value: unknown) => (typeof value === 'string' && value.length <= MOST_CHARS ? value : '');
    return { endpoint: short(endpoint), token: short(token) };
  } catch {
    return none;
  }
}
