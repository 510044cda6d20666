// A decoder layer as a value: its stages, and what it leaves to be added to the residual stream (docs/adr/0018-layers-as-values.md).

import { atLayer } from '../at-layer.ts';
import type { LayerWeights } from '../weights.ts';
import type { Activations } from './activations.ts';
import { attentionBlock } from './attention-block.ts';
import type { BackwardStage } from './backward-stage.ts';
import { convolutionBlock } from './convolution-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { gatedFfnBlock } from './gated-ffn-block.ts';
import { layerBackward } from './layer-backward.ts';
import { latentAttentionBlock } from './latent-attention-block.ts';
import { layerInputBlock } from './layer-input-block.ts';
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
  /**
   * Present where the context was made for training. `forward` ran before with `before` null, from `training.inputs` of the layer, and
   * nothing added the branch yet. Turns the gradient of the layer's output into that of its input.
   */
  backward?: readonly BackwardStage[];
  /** The part of the layer's output that is not yet added to `activations.x`; null where all is. */
  branch: Branch | null;
}

/** `before`: the branch of the layer before it; null where `activations.x` is the whole input. */
export async function createLayer(
  all: DecoderContext,
  index: number,
  weights: LayerWeights,
  before: Branch | null,
): Promise<Layer> {
  const a = atLayer(all.architecture, index);
  const { training, activations } = all;
  const context = { ...all, architecture: a };
  const ofBlock = (own: Partial<Activations> | undefined) => ({ ...context, activations: { ...activations, ...own } });
  const isConvolution = a.plan[index]!.mixer === 'convolution';
  const mix = isConvolution ? convolutionBlock : a.latent ? latentAttentionBlock : attentionBlock;
  const mixed = await mix(ofBlock(training?.ofAttention), index, weights, before);
  const { ffnKind, experts } = a;
  const ffnBlock = experts?.isSparse[index] ? moeFfnBlock : ffnKind === 'gated' ? gatedFfnBlock : plainFfnBlock;
  const ffn = await ffnBlock(ofBlock(training?.ofFfn), index, weights, mixed.branch);
  const forward = [...mixed.stages, ...ffn.stages];
  if (!a.layerInput) {
    const branch = ffn.branch && { ...ffn.branch, scaleAt: weights.at.layerScale ?? null };
    if (!training || !branch || !ffn.backward || !mixed.backward) return { forward, branch };
    const passes = { attention: mixed.backward, ffn: ffn.backward };
    const backward = await layerBackward(context, { attention: mixed.branch, ffn: branch }, passes);
    return { forward, branch, backward };
  }
  const input = await layerInputBlock(context, index, weights, ffn.branch);
  return {
    forward: [...forward, ...input.stages],
    branch: { ...input.branch, scaleAt: weights.at.layerScale ?? null },
  };
}
