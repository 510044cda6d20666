// Finds the tensors of a layer's experts: each is a few tensors of one expert, which lie one below the other in one matrix for all.

import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { Experts } from '../architecture.ts';
import { routerRows, type ExpertMatrixName } from '../projections.ts';
import type { StoredMatrix } from '../weight-loader.ts';
import type { ExpertNames } from './family.ts';

export interface ExpertTensors {
  matrices: (StoredMatrix & { stack: ExpertMatrixName })[];
  routerBias: TensorEntry | null;
}

/** `take` finds a tensor of the layer and checks its shape. */
export function expertTensors(
  experts: Experts,
  hidden: number,
  names: ExpertNames,
  take: (name: string, shape: number[]) => TensorEntry,
): ExpertTensors {
  const { count, ffn, router, isSharedGated } = experts;
  const matrices: ExpertTensors['matrices'] = [];
  const put = (stack: ExpertMatrixName, module: string, rows: number, columns: number, to: number) => {
    const tensor = take(`${module}.weight`, [rows, columns]);
    matrices.push({ stack, tensor, runs: [{ from: 0, to, count: rows }], isTransposed: false });
  };
  put('router', names.router, count, hidden, 0);
  if (isSharedGated) put('router', names.sharedGate!, 1, hidden, routerRows(experts));
  for (let e = 0; e < count; e++) {
    put('expertGate', `${names.list}.${e}.${names.gate}`, ffn, hidden, e * ffn);
    put('expertUp', `${names.list}.${e}.${names.up}`, ffn, hidden, e * ffn);
    put('expertDown', `${names.list}.${e}.${names.down}`, hidden, ffn, e * hidden);
  }
  return { matrices, routerBias: router.hasBias ? take(names.routerBias!, [count]) : null };
}
