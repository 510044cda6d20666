// Where the app is served from. Its models, Datanets and genesis block lie beside it.

import { resolve } from '$app/paths';

/** The URL of a file or folder of the app; `path` is relative to its root. */
export const appUrl = (path: string): string => new URL(resolve('/') + path, location.origin).href;
