// A real anvil for a test, on a free port.

import { runAnvil, type Anvil } from '../../scripts/house/run-anvil.ts';

/** Starts anvil with the rules of the embedded chain and `more` flags. */
export const startAnvil = (chainId: number, more: string[] = []): Promise<Anvil> =>
  runAnvil({ chainId, port: 0, more });
