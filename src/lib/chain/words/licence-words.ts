// A licence of the registry's table by its common name. The first ones exist on every chain; governance may add others.

import { LICENCES } from '#lib/formats/datanet/licences.ts';

/** `id` counts from 1. */
export function licenceWords(id: number | bigint): string {
  const known = LICENCES[Number(id) - 1];
  return known
    ? `the licence ${known.spdx} (${known.name})`
    : `a licence that was added to the registry as number ${id}`;
}
