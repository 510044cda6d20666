// Adapters that begin at an invocation, by the plain TypeScript kernels.

import { invokedCases } from '../support/invoked-cases.ts';

invokedCases(null);
