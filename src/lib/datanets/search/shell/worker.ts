/// <reference lib="webworker" />
// A search's home in a browser: a worker, so that reading all rows of a version never holds up the page.

import { createDigester } from '#lib/core/digester.ts';
import { serve } from '#lib/core/rpc.ts';
import { createRowSearcher } from '../row-searcher.ts';

declare const self: DedicatedWorkerGlobalScope;

serve(self, createRowSearcher(createDigester));
