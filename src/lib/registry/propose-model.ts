// The model of the catalogue that this device should run best: the largest that fits and writes faster than people read. Everything said
// of it is an estimate; the check before a download counts exactly.

import { MEASURED_DTYPES, type DeviceSpeed, type MeasuredDtype } from '#lib/engine/measure-speed.ts';
import type { CatalogueModel } from './catalogue.ts';

export interface ProposalDevice {
  speed: DeviceSpeed;
  /** Memory assumed for models; null where nothing is known. */
  memoryBytes: number | null;
  /** Bytes that can still be kept; null where the browser does not say. */
  freeBytes: number | null;
}

export interface Proposal {
  model: CatalogueModel;
  dtype: MeasuredDtype;
  downloadBytes: number;
  tokensPerSecond: number;
}

type Candidate = CatalogueModel & { parameters: number; weightBytes: number };

/** Bytes of GPU memory for a parameter: tables and the head are kept finer than the rest. */
const BYTES_PER_PARAMETER = { f16: 2, q8: 1.26, q4: 0.67 };
/** Cache of keys and values, room for adapters, and buffers of a step. */
const OTHER_BYTES = 400e6;
/** Of a decode step of a model of this kind. */
const DISPATCHES = 250;
/** People read about as fast. */
const FAST_ENOUGH = 10;
/** Below this a model is not worth proposing. */
const SLOWEST = 2;
/** More takes too long for a first visit. */
const MOST_DOWNLOAD_BYTES = 4e9;
const CAUTIOUS_MEMORY_BYTES = 2e9;

/** Null where no open model of the first tier fits. */
export function proposeModel(models: readonly CatalogueModel[], device: ProposalDevice): Proposal | null {
  const memoryBytes = device.memoryBytes ?? CAUTIOUS_MEMORY_BYTES;
  const mostBytes = Math.min(MOST_DOWNLOAD_BYTES, device.freeBytes ?? Infinity);
  const isCandidate = (model: CatalogueModel): model is Candidate =>
    // A licence to accept first is no single click, and what the catalogue does not know may be gated.
    model.tier === 1 && model.isGated === false && model.parameters !== undefined && model.weightBytes !== undefined;
  const proposals = models
    .filter(isCandidate)
    .filter(({ weightBytes }) => weightBytes <= mostBytes)
    .flatMap((model) =>
      MEASURED_DTYPES.filter((dtype) => gpuBytes(model, dtype) + OTHER_BYTES <= memoryBytes).map((dtype) => ({
        ...{ model, dtype, downloadBytes: model.weightBytes },
        tokensPerSecond: tokensPerSecond(gpuBytes(model, dtype), dtype, device.speed),
      })),
    )
    .sort(
      (a, b) =>
        b.model.parameters - a.model.parameters || MEASURED_DTYPES.indexOf(a.dtype) - MEASURED_DTYPES.indexOf(b.dtype),
    );
  const fastest = Math.max(...proposals.map((one) => one.tokensPerSecond));
  const least = fastest >= FAST_ENOUGH ? FAST_ENOUGH : Math.max(SLOWEST, fastest);
  return proposals.find((one) => one.tokensPerSecond >= least) ?? null;
}

const gpuBytes = ({ parameters }: Candidate, dtype: MeasuredDtype) => parameters * BYTES_PER_PARAMETER[dtype];

/** Every weight is read once for a token. */
const tokensPerSecond = (bytes: number, dtype: MeasuredDtype, { bytesPerSecond, dispatchSeconds }: DeviceSpeed) =>
  1 / (bytes / bytesPerSecond[dtype] + DISPATCHES * dispatchSeconds);
