// An adapter that is published, as a page shows it: what its training says, the plan in words, how far the upload is, and the outcome.

import type { Folder } from '#lib/core/folder.ts';
import { parseTrainingManifest, type TrainingManifest } from '#lib/factory/training-manifest.ts';
import {
  planPublication,
  type PlanPublicationEvent,
  type PublicationContext,
  type PublicationInput,
  type PublicationPlan,
} from '#lib/flows/plan-publication.ts';
import { publishAdapter, type PublishAdapterContext, type PublishAdapterEvent } from '#lib/flows/publish-adapter.ts';
import { simulateEarnings, type Simulation, type SimulationInput } from '#lib/settlement/simulate-earnings.ts';
import type { PublishModelDraft } from './publish-model-draft.svelte.ts';
import { Task } from './task.svelte.ts';
import { toProblem, type Problem } from './problem.ts';

export interface PublishModelNeeds {
  openAdapter(id: string, signal: AbortSignal): Promise<{ folder: Folder; training: string | null }>;
  openBase(id: string, signal: AbortSignal): Promise<Pick<PublicationInput['base'], 'folder' | 'from'>>;
  planning(): Promise<PublicationContext>;
  publishing(): Promise<PublishAdapterContext>;
}

type Published = Extract<PublishAdapterEvent, { type: 'published' }>;
/** What the earnings follow from, besides price and split. */
type Sources = Pick<SimulationInput, 'lineage' | 'datanets' | 'parents' | 'terms'>;

export class PublishModelState {
  /** Of the chosen adapter; null where there is none. */
  manifest: TrainingManifest | null = $state.raw(null);
  manifestProblem: Problem | null = $state.raw(null);
  reading: Extract<PlanPublicationEvent, { type: 'reading' }>['what'] | null = $state(null);
  plan: PublicationPlan | null = $state.raw(null);
  /** Of the newest plan; stays while price and split are changed. */
  sources: Sources | string | null = $state.raw(null);
  now: PublishAdapterEvent | null = $state.raw(null);
  published: Published | null = $state.raw(null);
  readonly looking = new Task();
  readonly sending = new Task();
  readonly #needs: PublishModelNeeds;
  #choice = 0;

  constructor(needs: PublishModelNeeds) {
    this.#needs = needs;
  }

  get isBusy(): boolean {
    return this.looking.isRunning || this.sending.isRunning;
  }

  /** Reads the manifest of the chosen adapter. The newest choice counts. */
  async choose(adapter: string): Promise<TrainingManifest | null> {
    const choice = ++this.#choice;
    this.clear();
    this.sources = this.manifest = this.manifestProblem = null;
    if (adapter === '') return null;
    try {
      const { training } = await this.#needs.openAdapter(adapter, new AbortController().signal);
      const manifest = training === null ? null : parseTrainingManifest(training, 'The training manifest');
      if (choice !== this.#choice) return null;
      return (this.manifest = manifest);
    } catch (error) {
      if (choice === this.#choice) this.manifestProblem = toProblem(error);
      return null;
    }
  }

  /** Call it when a choice has changed: another plan is needed. */
  clear() {
    this.looking.stop();
    this.looking.problem = this.sending.problem = null;
    this.plan = this.published = this.now = null;
  }

  /** Plans the publication; signs and uploads nothing. */
  async look(draft: PublishModelDraft, account: PublicationInput['account']): Promise<boolean> {
    this.clear();
    const { openAdapter, openBase, planning } = this.#needs;
    const { adapter, base, baseLicence } = draft.choices;
    return this.looking.restart(async (signal) => {
      const input = draft.inputFor(account);
      const { folder, training } = await openAdapter(adapter, signal);
      const opened = { ...(await openBase(base, signal)), licence: baseLicence };
      const context = await planning();
      const events = planPublication(context, { ...input, base: opened, adapter: folder, training }, { signal });
      for await (const event of events) {
        signal.throwIfAborted();
        if (event.type === 'reading') this.reading = event.what;
        else {
          this.plan = event.plan;
          this.sources = event.plan.simulation;
        }
      }
    });
  }

  /** True when it was published. */
  async publish(draft: PublishModelDraft): Promise<boolean> {
    const { plan } = this;
    if (plan === null || this.isBusy) return false;
    draft.keep();
    return this.sending.start(async (signal) => {
      for await (const event of publishAdapter(await this.#needs.publishing(), plan, { signal })) {
        signal.throwIfAborted();
        this.now = event;
        if (event.type !== 'published') continue;
        this.published = event;
        draft.forget();
      }
    });
  }

  /** What calls would pay at the price and the split of the draft; a sentence where that cannot be said. */
  earnings(draft: PublishModelDraft, counts: { calls: bigint; tokens: bigint }): Simulation | string | null {
    const { sources, plan } = this;
    if (sources === null || typeof sources === 'string') return sources;
    try {
      const isVersion = draft.choices.model !== '';
      if (isVersion && plan === null) return null;
      const { prices, terms } = isVersion && plan ? plan : { prices: draft.prices, terms: draft.parts };
      const { devBps, dataBps, nodeBps } = terms;
      return simulateEarnings({
        ...{ ...sources, ...prices, ...counts },
        terms: { feeBps: sources.terms.feeBps, devBps, dataBps, nodeBps },
      });
    } catch (error) {
      return toProblem(error).message;
    }
  }

  stop() {
    this.looking.stop();
    this.sending.stop();
  }
}
