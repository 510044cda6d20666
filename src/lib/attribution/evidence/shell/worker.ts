/// <reference lib="webworker" />
// Builds an index in a worker, so that sorting its suffixes never blocks the page.

import { createDigester } from '#lib/core/digester.ts';
import { serve } from '#lib/core/rpc.ts';
import { createEvidenceBuilder, type EvidenceBuilder } from '../evidence-builder.ts';

declare const self: DedicatedWorkerGlobalScope;

serve(self, createEvidenceBuilder(createDigester) satisfies EvidenceBuilder);
