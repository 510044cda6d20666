// Checks that an adapter fits a base model: compares every shape before a byte is read. The projections' sizes were checked with
// their names when the adapter was read.

import { AdapterMismatchError } from '../errors.ts';
import type { AdaptableBase } from './adaptable-base.ts';
import { ADAPTER_CONFIG } from './adapter-config.ts';
import { ADAPTER_WEIGHTS, type AdapterPlan } from './adapter.ts';
import type { TensorEntry } from './safetensors.ts';

/** Throws `AdapterMismatchError` that names the first tensor that does not fit. */
export function checkAdapter(plan: AdapterPlan, base: Pick<AdaptableBase, 'layers' | 'hidden' | 'vocab'>): void {
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
    const { name, input, output } = target;
    expect(a, [rank, input], `"${name}" input`);
    expect(b, [output, rank], `"${name}" output`);
    expect(magnitude, [output], `"${name}" output`);
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
  const unknown = plan.invocation?.find((id) => id >= base.vocab);
  if (unknown !== undefined) {
    throw new AdapterMismatchError(
      `${plan.name}/${ADAPTER_CONFIG}`,
      `field "alora_invocation_tokens" has token ${unknown}, the base model knows ids below ${base.vocab}`,
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
