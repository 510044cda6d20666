// The backward pass of a layer, joined from that of its two blocks. Blocks in turn: the gradient passes the norm of the feed-forward block
// before it reaches the attention block. Blocks side by side: both branches have the gradient of the same sum.

import type { BackwardStage, BlockBackward } from './backward-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import { branchBackwardStage } from './norm-backward-stages.ts';
import type { Branch } from './norm-stage.ts';

export async function layerBackward(
  context: DecoderContext,
  branches: Record<'attention' | 'ffn', Branch>,
  { attention, ffn }: Record<'attention' | 'ffn', BlockBackward>,
): Promise<BackwardStage[]> {
  const toFfn = await branchBackwardStage(context, branches.ffn);
  const toAttention = await branchBackwardStage(context, branches.attention);
  const between = context.architecture.placement === 'parallel' ? [toAttention, ffn.norm] : [ffn.norm, toAttention];
  return [toFfn, ...ffn.inner, ...between, ...attention.inner, attention.norm];
}
