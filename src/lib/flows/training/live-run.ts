// A run under way: how far it is, the best weights so far, its clock, and its state in memory, from which it goes on after a lost GPU.

import type { AdapterFiles } from '#lib/engine/training/training-host.ts';
import type { RunProgress } from '#lib/factory/run-progress.ts';
import type { Checkpoint } from '#lib/factory/run-store.ts';
import type { OpenedRun } from './open-run.ts';
import type { PreparedRun } from './prepare-run.ts';

export interface LiveRun extends PreparedRun, Omit<OpenedRun, 'last'> {
  progress: RunProgress;
  /** By job: the best weights so far. */
  best: readonly (AdapterFiles | null)[];
  /** The state in memory. */
  readonly last: Checkpoint;
  /** Of the newest checkpoint in the store; -1 without one. */
  savedStep: number;
  /** When a checkpoint was last tried. */
  savedAt: number;
  /** Losses of the GPU since the state in memory was renewed. */
  losses: number;
  /** Seconds of all sessions. */
  elapsed(): number;
  /** In this session. */
  secondsPerToken(): number;
  /** Renews the state in memory; `state` spares reading it from the engine. */
  hold(state?: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Goes back to the state in memory. */
  rewind(): void;
}

export function createLiveRun(prepared: PreparedRun, { last: first, ...opened }: OpenedRun): LiveRun {
  const { context, origin } = prepared;
  let last = first;
  const clock = { at: context.now(), seconds: first.progress.seconds, tokens: first.progress.tokens };
  const elapsed = () => clock.seconds + (context.now() - clock.at) / 1000;
  const live: LiveRun = {
    ...prepared,
    ...opened,
    ...{ progress: structuredClone(first.progress), best: first.best, losses: 0, elapsed },
    savedStep: prepared.kept ? first.progress.step : -1,
    savedAt: clock.at,
    get last() {
      return last;
    },
    secondsPerToken: () => (elapsed() - clock.seconds) / Math.max(1, live.progress.tokens - clock.tokens),
    async hold(state) {
      const trained = state ?? (await context.engine.saveTraining());
      live.progress.seconds = elapsed();
      last = { origin, progress: structuredClone(live.progress), state: trained, best: live.best };
      live.losses = 0;
    },
    rewind() {
      const seconds = elapsed();
      live.progress = structuredClone(last.progress);
      live.best = last.best;
      Object.assign(clock, { at: context.now(), seconds, tokens: live.progress.tokens });
    },
  };
  return live;
}
