// A GPU in Node: Dawn on the machine's driver, otherwise on the software driver that comes with Chromium, otherwise none. The
// dynamic linker reads its search path once, so using Chromium's libraries means starting this process again.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packagedBrowserFolder } from './packaged-browser.mjs';

const RELAUNCHED = 'PAYABLE_GPU_RELAUNCHED';

const CHROMIUM_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib64/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
  '/opt/chromium.org/chromium',
  '/snap/chromium/current/usr/lib/chromium-browser',
];
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
];
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Null when this machine has no driver at all. May start this process again with Chromium's driver on its path. */
export async function openGpu(): Promise<GPU | null> {
  const pinned = globalThis as typeof globalThis & { payableGpu?: GPU; payableAdapter?: GPUAdapter };
  if (process.platform !== 'linux' || hasVulkan()) {
    const { create, globals } = await import('webgpu').catch(() => ({ create: null, globals: {} }));
    Object.assign(globalThis, globals);
    const gpu = create?.([]) ?? null;
    // If either object is garbage-collected while in use, the process crashes.
    const adapter = await gpu?.requestAdapter();
    if (gpu && adapter) {
      pinned.payableGpu = gpu;
      pinned.payableAdapter = adapter;
      return gpu;
    }
  }
  const folder = process.env[RELAUNCHED] ? undefined : chromiumFolders().find(hasSoftwareDriver);
  if (!folder) return null;
  return relaunch(folder);
}

const hasSoftwareDriver = (folder: string): boolean =>
  existsSync(join(folder, 'vk_swiftshader_icd.json')) && existsSync(join(folder, 'libvulkan.so.1'));

/** Whether a loader and a driver exist: without both, Dawn only prints warnings. */
function hasVulkan(): boolean {
  const paths = [...(process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean), ...LIBRARY_FOLDERS];
  const loader = paths.some((folder) => existsSync(join(folder, 'libvulkan.so.1')));
  const named = (process.env['VK_ICD_FILENAMES'] ?? process.env['VK_DRIVER_FILES'] ?? '')
    .split(':')
    .some((file) => file && existsSync(file));
  return loader && (named || DRIVER_FOLDERS.some((folder) => jsonFilesIn(folder).length > 0));
}

const jsonFilesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** Usual locations, browsers installed by Playwright, and the one that setup fetches from npm. */
function chromiumFolders(): string[] {
  const home = process.env['HOME'];
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? (home ? join(home, '.cache/ms-playwright') : '');
  const installed =
    cache && existsSync(cache)
      ? readdirSync(cache).flatMap((name) => ['chrome-linux', 'chrome-linux64'].map((part) => join(cache, name, part)))
      : [];
  return [...CHROMIUM_FOLDERS, ...installed, packagedBrowserFolder(resolve(import.meta.dirname, '..'))];
}

/** Runs this command again with the software driver and ends with its exit code. Never resolves. */
function relaunch(folder: string): Promise<never> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: {
      ...process.env,
      [RELAUNCHED]: '1',
      LD_LIBRARY_PATH: [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
      VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
    },
  });
  // A terminal sends Ctrl-C to both processes; other senders signal this one only.
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise(() => {
    child.on('error', () => process.exit(1));
    child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
