// The folder of what `payable pull` fetched.

import { homedir } from 'node:os';
import { join } from 'node:path';

export const modelsHome = (): string =>
  process.env['PAYABLE_MODELS'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'payable', 'models');
