// The first half of a layer with a short convolution in place of attention: norm | three projections in one (+A) | product of two of
// them, cached by token | convolution, times the third | out (+A). The cache's blocks hold what the convolution reads of each token,
// as they hold keys and values in other layers (docs/adr/0041-convolutions-in-the-cache.md).

import { convolution, convolutionGroups, encodeConvolutionCall } from '#lib/webgpu/kernels/convolution/convolution.ts';
import {
  convolutionIn,
  convolutionInGroups,
  encodeConvolutionInCall,
} from '#lib/webgpu/kernels/convolution-in/convolution-in.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { Block } from './attention-block.ts';
import { unscaled } from './cached-runs.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, normStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

export async function convolutionBlock(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
  before: Branch | null,
): Promise<Block> {
  const { architecture: a, activations } = context;
  const { h, qkv: y, attended, branch } = activations;
  const { convIn, convOut } = stacksOf(a);
  const stages = [
    await normStage(context, { before, weightAt: at.attentionNorm ?? null, point: `attentionNorm ${layer}` }),
    ...(await linearStages(context, weights.convIn!, convIn, { layer, x: h, y, yStride: convIn.rows })),
    ...(await convolutionStages(context, layer, at)),
    ...(await linearStages(context, weights.convOut!, convOut, {
      layer,
      x: attended,
      y: branch,
      yStride: padded(a.hidden),
    })),
  ];
  return { stages, branch: branchOf(activations, layer, convOut, at.convOutBias) };
}

async function convolutionStages(context: DecoderContext, layer: number, at: LayerWeights['at']): Promise<Stage[]> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead } = context;
  const { hidden } = a;
  const { span, hasBias: bias } = a.convolution!;
  const params = { ...step, hidden, bias, kv: unscaled(sizes), pool: sizes.poolDtype, ahead };
  const target = stacksOf(a).convIn.projections[0]!.index;
  const { convInBias: biasAt = 0, convolution: weightAt = 0, convolutionBias: convolutionBiasAt = 0 } = at;
  const buffers = {
    y: activations.qkv,
    tokens: cache.kv[layer]!,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  };
  const keep = device.bind(await device.program(convolutionIn, params), {
    ...buffers,
    call: context.call(`layer ${layer} convolution input`, encodeConvolutionInCall({ layer, target, biasAt })),
  });
  const mix = device.bind(await device.program(convolution, { ...params, span }), {
    ...buffers,
    call: context.call(
      `layer ${layer} convolution`,
      encodeConvolutionCall({ layer, target, biasAt, weightAt, convolutionBiasAt }),
    ),
    o: activations.attended,
  });
  return [
    { dispatch: ({ rows }) => ({ binding: keep, groups: convolutionInGroups(hidden, rows) }) },
    { dispatch: ({ rows }) => ({ binding: mix, groups: convolutionGroups(hidden, rows) }) },
  ];
}
