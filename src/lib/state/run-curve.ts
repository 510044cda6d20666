// What was measured along a run, as a curve of bounded length: when it is full, neighbouring points are joined into their mean, so
// that a long run takes no more room than a short one. Plain data, which a record keeps.

/** Of one adapter. */
export interface CurveFigures {
  loss: number;
  norm: number;
  rate: number;
}

export interface CurvePoint {
  /** The last step that it stands for, from 1. */
  step: number;
  jobs: CurveFigures[];
  tokensPerSecond: number;
}

export interface RunCurve {
  /** Steps that one point stands for. */
  stride: number;
  points: CurvePoint[];
  /** Steps that do not make a point yet. */
  waiting: CurvePoint[];
}

/** Even, for points are joined in pairs. */
const MOST_POINTS = 400;

export const EMPTY_CURVE: RunCurve = { stride: 1, points: [], waiting: [] };

export function addPoint({ stride, points, waiting }: RunCurve, point: CurvePoint): RunCurve {
  const group = [...waiting, point];
  if (group.length < stride) return { stride, points, waiting: group };
  const all = [...points, meanOf(group)];
  if (all.length < MOST_POINTS) return { stride, points: all, waiting: [] };
  const pairs = Array.from({ length: MOST_POINTS / 2 }, (_, at) => meanOf(all.slice(2 * at, 2 * at + 2)));
  return { stride: 2 * stride, points: pairs, waiting: [] };
}

/** Without what was measured after `step`: a run that goes on from a checkpoint computes those steps again. */
export const cutCurve = ({ stride, points, waiting }: RunCurve, step: number): RunCurve => ({
  stride,
  points: points.filter((point) => point.step <= step),
  waiting: waiting.filter((point) => point.step <= step),
});

/** All that is known, the newest steps included. */
export const pointsOf = ({ points, waiting }: RunCurve): CurvePoint[] =>
  waiting.length === 0 ? points : [...points, meanOf(waiting)];

function meanOf(group: readonly CurvePoint[]): CurvePoint {
  const last = group.at(-1)!;
  if (group.length === 1) return last;
  const mean = (of: (point: CurvePoint) => number) => {
    // A step without targets of an adapter has no loss.
    const known = group.map(of).filter(Number.isFinite);
    return known.length === 0 ? Number.NaN : known.reduce((sum, one) => sum + one, 0) / known.length;
  };
  return {
    step: last.step,
    jobs: last.jobs.map((_, at) => ({
      loss: mean(({ jobs }) => jobs[at]!.loss),
      norm: mean(({ jobs }) => jobs[at]!.norm),
      rate: mean(({ jobs }) => jobs[at]!.rate),
    })),
    tokensPerSecond: mean((point) => point.tokensPerSecond),
  };
}
