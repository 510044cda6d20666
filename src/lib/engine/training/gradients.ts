// What the engine answers where gradients are wanted: those of each adapter, or of each example, over the model in use.

import type { Folder } from '#lib/core/folder.ts';
import { AbortedError } from '#lib/core/errors.ts';
import { borrowDevice } from '#lib/webgpu/borrow-device.ts';
import { openAdapter } from '#lib/model/sources/open-adapter.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session.ts';
import { computeGradients, exampleGradients } from './compute-gradients.ts';
import { targetsOf } from './segments.ts';
import type { GradientOf, GradientRequest } from './training-host.ts';

export async function* gradients(
  session: Pick<Session, 'device' | 'architecture' | 'weights'>,
  host: Pick<Host, 'openFolder' | 'now'>,
  { adapters: refs, examples, of = 'adapter', measure }: GradientRequest,
  signal?: AbortSignal,
): AsyncGenerator<GradientOf> {
  const stopIfAborted = () => {
    if (signal?.aborted) throw new AbortedError(signal.reason);
  };
  const { architecture, weights } = session;
  const adapters: Folder[] = [];
  for (const ref of refs) adapters.push(await openAdapter(host.openFolder(ref), architecture, signal));
  stopIfAborted();
  // Failures, like memory that runs out, are those of this request alone.
  const device = borrowDevice(session.device);
  try {
    const options = { device, architecture, weights, adapters, examples, measure, now: () => host.now() };
    if (of === 'example') {
      for await (const { example, ...rest } of exampleGradients(options)) {
        yield { adapter: examples[example]!.adapter, example, ...rest };
        stopIfAborted();
      }
      return;
    }
    const { losses, gradients: all } = await computeGradients(options);
    for (const [adapter, gradient] of all.entries()) {
      const own = examples.filter((one) => one.adapter === adapter);
      const targets = own.reduce((sum, example) => sum + targetsOf(example), 0);
      yield { adapter, example: null, loss: losses[adapter]!, targets, gradient };
    }
  } finally {
    device.end(new AbortedError());
  }
}
