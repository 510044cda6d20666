// What a load request asks of a decoder's sizes.

import type { Architecture } from '#lib/model/architecture.ts';
import { decoderSizes, type DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { Device } from '#lib/webgpu/device.ts';
import type { LoadRequest } from './engine.ts';

export function sessionSizes(
  architecture: Architecture,
  request: Omit<LoadRequest, 'model'>,
  { maxBindingBytes }: Pick<Device, 'maxBindingBytes'>,
): DecoderSizes {
  const { dtype, cache, contextLength, maxSequences, adapterPoolBytes } = request;
  const elements = dtype === 'f32' ? 'f32' : 'f16';
  const budget = { contextLength, maxSequences, adapterPoolBytes, maxBindingBytes };
  return decoderSizes(architecture, { kvDtype: cache ?? elements, poolDtype: elements, ...budget });
}
