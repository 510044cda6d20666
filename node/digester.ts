// Digests as Node has them: sha256 by its own library, which uses the processor's instructions for it.

import { hash } from 'node:crypto';
import { createDigester, type Digester } from '#lib/core/digester.ts';

export const createNodeDigester = async (): Promise<Digester> => ({
  ...(await createDigester()),
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
});
