// Arguments with which tests start Chromium: no noise, no network, and WebGPU on a software driver or none.

const QUIET = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-domain-reliability',
  '--disable-sync',
  '--metrics-recording-only',
];

const GPU = {
  software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
  none: ['--disable-features=WebGPU', '--disable-gpu'],
};

export const browserArguments = (gpu: keyof typeof GPU): string[] => [...QUIET, ...GPU[gpu]];
