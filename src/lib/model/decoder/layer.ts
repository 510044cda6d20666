// A decoder layer as a value: its stages, and what it leaves to be added to the residual stream (docs/adr/0018-layers-as-values.md).

import type { LayerWeights } from '../weights.ts';
import { attentionBlock } from './attention-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { gatedFfnBlock } from './gated-ffn-block.ts';
import { latentAttentionBlock } from './latent-attention-block.ts';
import { moeFfnBlock } from './moe-ffn-block.ts';
import type { Branch } from './norm-stage.ts';
import { plainFfnBlock } from './plain-ffn-block.ts';
import type { Stage } from './stage.ts';

export interface Layer {
  /**
   * Reads the layer's input: `activations.x` plus the branch of the layer before, which is `activations.branch` and `activations.z`.
   * No other buffer passes from one layer to the next.
   */
  forward: readonly Stage[];
  /** Present where the context was made for training. */
  backward?: readonly Stage[];
  /** The part of the layer's output that is not yet added to `activations.x`; null where all is. */
  branch: Branch | null;
}

/** `before`: the branch of the layer before it; null where `activations.x` is the whole input. */
export async function createLayer(
  context: DecoderContext,
  index: number,
  weights: LayerWeights,
  before: Branch | null,
): Promise<Layer> {
  const ofAttention = context.architecture.latent ? latentAttentionBlock : attentionBlock;
  const attention = await ofAttention(context, index, weights, before);
  const { ffnKind, experts } = context.architecture;
  const ffnBlock = experts?.isSparse[index] ? moeFfnBlock : ffnKind === 'gated' ? gatedFfnBlock : plainFfnBlock;
  const ffn = await ffnBlock(context, index, weights, attention.branch);
  return { forward: [...attention.stages, ...ffn.stages], branch: ffn.branch };
}
