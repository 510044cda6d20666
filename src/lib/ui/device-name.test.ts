import { expect, it } from 'vitest';
import { deviceName } from './device-name.ts';

it.each([
  ['google', 'swiftshader', '', 'SwiftShader, in software'],
  ['mesa', '', 'llvmpipe (LLVM 19.1.7, 256 bits)', 'llvmpipe, in software'],
  ['nvidia', 'ampere', 'NVIDIA GeForce RTX 3080', 'NVIDIA Ampere'],
  ['apple', 'metal-3', '', 'Apple Metal 3'],
  ['intel', 'gen-12lp', '', 'Intel Gen 12lp'],
  ['', '', 'ANGLE (Some GPU, Vulkan 1.3)', 'ANGLE'],
  ['', '', '', ''],
])('%s %s %s is "%s"', (vendor, architecture, description, name) => {
  expect(deviceName({ vendor, architecture, description })).toBe(name);
});
