// The data of a run by job. Jobs that train on the same sources share their data, so it is prepared and held once.

import {
  prepareData,
  type DataContext,
  type DataOptions,
  type DataProgress,
  type TrainingData,
} from './prepare-data.ts';
import type { RowSource } from './training-row.ts';

export interface JobSources {
  /** Places in the list of sources, in their order; absent: all of them. */
  sources?: readonly number[] | undefined;
}

export interface DataSet {
  /** Jobs that train on it. */
  jobs: number[];
  data: TrainingData;
}

/** @throws TrainingDataError; AbortedError */
export async function* prepareJobs(
  sources: readonly RowSource[],
  jobs: readonly JobSources[],
  options: DataOptions,
  context: DataContext,
): AsyncGenerator<DataProgress, DataSet[], undefined> {
  const all = sources.map((_, place) => place);
  const placesOf = jobs.map((job) => job.sources ?? all);
  const sets: DataSet[] = [];
  for (const shared of Map.groupBy(jobs.keys(), (job) => placesOf[job]!.join()).values()) {
    const own = placesOf[shared[0]!]!.map((place) => sources[place]!);
    sets.push({ jobs: shared, data: yield* prepareData(own, options, context) });
  }
  return sets;
}

/** By job. */
export function dataByJob(sets: readonly DataSet[]): TrainingData[] {
  const byJob: TrainingData[] = [];
  for (const { jobs, data } of sets) for (const job of jobs) byJob[job] = data;
  return byJob;
}
