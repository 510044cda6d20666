// A readable name of the device: maker and chip family, or the name of a software driver.

const MAKERS: Record<string, string> = {
  amd: 'AMD',
  apple: 'Apple',
  arm: 'Arm',
  'img-tec': 'Imagination',
  intel: 'Intel',
  nvidia: 'NVIDIA',
  qualcomm: 'Qualcomm',
};
const SOFTWARE: [RegExp, string][] = [
  [/swiftshader/i, 'SwiftShader'],
  [/llvmpipe|lavapipe/i, 'llvmpipe'],
  [/warp|basic render/i, 'WARP'],
];

/** Short enough for one line; empty when the browser gives no name. */
export function deviceName(device: { vendor: string; architecture: string; description: string }): string {
  const { vendor, architecture, description } = device;
  const all = `${vendor} ${architecture} ${description}`;
  const software = SOFTWARE.find(([pattern]) => pattern.test(all))?.[1];
  if (software) return `${software}, in software`;
  const family = architecture.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());
  const short = [MAKERS[vendor.toLowerCase()] ?? vendor, family].filter(Boolean).join(' ');
  return short || description.split('(')[0]!.trim().slice(0, 40);
}
