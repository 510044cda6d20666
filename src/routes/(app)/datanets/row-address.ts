// The permalink of a row: the Datanet, the version it is proven to belong to, and its id.

import { resolve } from '$app/paths';

export const rowAddress = (id: string, version: string, row: string): string =>
  `${resolve('/(app)/datanets/[id]/row', { id })}?${new URLSearchParams({ version, row }).toString()}`;
