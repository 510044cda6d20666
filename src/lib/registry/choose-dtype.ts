// Which format of weights to suggest for a model, from what each would take on this device.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { FitVerdict } from '#lib/engine/judge-fit.ts';

export interface JudgedFormat {
  dtype: WeightDtype;
  verdict: FitVerdict;
}

/** f32 takes twice the memory of f16 for no better answers, so it is never suggested. */
const SUGGESTED: readonly WeightDtype[] = ['f16', 'q8', 'q4'];

/** The most exact format that fits; null where none does. A format that may fit counts where the device's memory is not known. */
export function chooseDtype(formats: readonly JudgedFormat[]): WeightDtype | null {
  const fitting = (fits: FitVerdict['fits']) =>
    SUGGESTED.find((dtype) => formats.some((format) => format.dtype === dtype && format.verdict.fits === fits));
  return fitting('yes') ?? fitting('unknown') ?? null;
}
