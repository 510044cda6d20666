// Digests in Node: sha256 by Node's crypto, which uses the processor's instructions for it.

import { hash } from 'node:crypto';
import { createDigester, type Digester } from '#lib/core/digester.ts';

export const createNodeDigester = async (): Promise<Digester> => ({
  ...(await createDigester()),
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
});
