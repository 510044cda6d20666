// What a registered model was made of, as far as it is read: the manifest of each version, and the contributors of each Datanet version
// that is cited.

import { SvelteMap } from 'svelte/reactivity';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { traceModel, type TraceModelEvent, type TraceModelInput } from '#lib/flows/trace-model.ts';
import type { ModelManifest } from '#lib/formats/model/model-manifest.ts';
import { toProblem, type Problem } from './problem.ts';
import { Task } from './task.svelte.ts';

type Read<T> = { is: 'read'; value: T } | { is: 'missing'; problem: Problem };
export type CitedDatanet = Pick<Extract<TraceModelEvent, { type: 'cited' }>, 'name' | 'rows' | 'contributors'>;

export const citedId = ({ datanet, version }: { datanet: bigint; version: number }): string => `${datanet}:${version}`;

export class ModelTraceState {
  /** By the number of the version. */
  readonly manifests = new SvelteMap<number, Read<ModelManifest>>();
  /** By `citedId`. */
  readonly cited = new SvelteMap<string, Read<CitedDatanet>>();
  readonly #tracing = new Task();

  get isRunning() {
    return this.#tracing.isRunning;
  }
  get problem() {
    return this.#tracing.problem;
  }

  /** Reads what `input` names; what is known of the same model stays shown meanwhile. */
  async trace(
    open: () => Promise<Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>>,
    input: TraceModelInput,
  ): Promise<void> {
    await this.#tracing.restart(async (signal) => {
      for await (const event of traceModel(await open(), input, { signal })) {
        signal.throwIfAborted();
        this.#add(event);
      }
    });
  }

  #add(event: TraceModelEvent): void {
    if (event.type === 'described') this.manifests.set(event.version, { is: 'read', value: event.manifest });
    else if (event.type === 'undescribed') this.manifests.set(event.version, missing(event.error));
    else if (event.type === 'cited') this.cited.set(citedId(event.cited), { is: 'read', value: event });
    else this.cited.set(citedId(event.cited), missing(event.error));
  }

  /** For another model or chain. */
  forget(): void {
    this.#tracing.stop();
    this.manifests.clear();
    this.cited.clear();
  }
}

const missing = (error: unknown) => ({ is: 'missing', problem: toProblem(error) }) as const;
