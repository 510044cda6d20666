// Points Vulkan at Chromium's software driver (and its loader) before any test process starts.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packagedBrowserFolder } from '#node/packaged-browser.mjs';

const FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  packagedBrowserFolder(resolve('.')),
];

export function setup(): void {
  const folder = FOLDERS.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (!folder) return;
  process.env['VK_ICD_FILENAMES'] ??= join(folder, 'vk_swiftshader_icd.json');
  process.env['LD_LIBRARY_PATH'] = [process.env['LD_LIBRARY_PATH'], folder].filter(Boolean).join(':');
}
