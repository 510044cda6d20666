// Does an adapter fit a base model? Every shape is compared before a byte is read.
// It knows the base as a handful of sizes, so it works for any room that has them.

import { AdapterMismatchError } from '../errors.ts';
import { ADAPTER_WEIGHTS, type AdapterPlan, type AdapterTarget } from './adapter.ts';
import type { TensorEntry } from './safetensors.ts';

/** The sizes of a base model an adapter depends on. */
export interface AdapterBase {
  layers: number;
  hidden: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  ffn: number;
  vocab: number;
}

/** [in, out] of an adaptable matrix. */
export function targetShape(base: AdapterBase, target: AdapterTarget): [number, number] {
  const query = base.heads * base.headDim;
  const kv = base.kvHeads * base.headDim;
  switch (target) {
    case 'q':
      return [base.hidden, query];
    case 'k':
    case 'v':
      return [base.hidden, kv];
    case 'o':
      return [query, base.hidden];
    case 'gate':
    case 'up':
      return [base.hidden, base.ffn];
    case 'down':
      return [base.ffn, base.hidden];
  }
}

/** Throws `AdapterMismatchError` naming the first tensor that does not fit. */
export function checkAdapter(plan: AdapterPlan, base: AdapterBase): void {
  const file = `${plan.name}/${ADAPTER_WEIGHTS}`;
  const expect = (tensor: TensorEntry | null, shape: number[], of: string): void => {
    if (!tensor || tensor.shape.join() === shape.join()) return;
    throw new AdapterMismatchError(
      file,
      `tensor "${tensor.name}" has shape [${tensor.shape.join(', ')}], the base model's ${of} needs [${shape.join(', ')}]`,
    );
  };
  for (const { layer, target, rank, a, b, magnitude } of plan.matrices) {
    if (layer >= base.layers) {
      throw new AdapterMismatchError(
        file,
        `tensor "${a.name}" adapts layer ${layer}, the base model has ${base.layers} layers`,
      );
    }
    const [input, output] = targetShape(base, target);
    expect(a, [rank, input], `"${target}" input`);
    expect(b, [output, rank], `"${target}" output`);
    expect(magnitude, [output], `"${target}" output`);
  }
  expect(plan.saved.embedding, [base.vocab, base.hidden], 'vocabulary');
  expect(plan.saved.head, [base.vocab, base.hidden], 'vocabulary');
  for (const of of [plan.tokens.embedding, plan.tokens.head]) {
    if (!of) continue;
    expect(of.rows, [of.ids.length, base.hidden], 'embedding');
    const beyond = of.ids.find((id) => id >= base.vocab);
    if (beyond === undefined) continue;
    throw new AdapterMismatchError(
      file,
      `tensor "${of.rows.name}" is for token ${beyond}, the base model knows ids below ${base.vocab}`,
    );
  }
  const { embedding, head } = plan.tables;
  if (embedding) {
    expect(embedding.a, [embedding.rank, base.vocab], 'vocabulary');
    expect(embedding.b, [base.hidden, embedding.rank], 'embedding');
    expect(embedding.base, [base.vocab, base.hidden], 'vocabulary');
  }
  if (head) {
    expect(head.a, [head.rank, base.hidden], 'head input');
    expect(head.b, [base.vocab, head.rank], 'vocabulary');
    expect(head.base, [base.vocab, base.hidden], 'vocabulary');
  }
}
