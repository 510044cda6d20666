// A folder on an HTTP server, read by byte ranges; a server that ignores ranges is asked for whole files once.
// It knows HTTP; it does not know what the files mean.

import type { Folder } from '#lib/core/folder.ts';
import { AbortedError } from '#lib/core/errors.ts';
import { FileMissingError, FileTruncatedError } from '#lib/formats/errors.ts';
import { DownloadError, WrongBytesError } from './errors.ts';

/** The first request of a file also brings this much of it, so that small files need only one. */
const HEAD_BYTES = 64 << 10;
/** Longest file kept whole when the server ignores ranges. */
const WHOLE_FILE_LIMIT = 4 * 2 ** 30;

interface OpenFile {
  size: number;
  /** The beginning of the file, or all of it. */
  head: Blob;
}

export function createUrlFolder(url: string, request: typeof fetch): Folder {
  const base = url.endsWith('/') ? url : `${url}/`;
  const name = decodeURIComponent(base.split('/').at(-2) ?? base);
  const opened = new Map<string, Promise<OpenFile>>();

  const addressOf = (path: string) => {
    const parts = path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..')) throw new FileMissingError(name, path);
    return base + parts.map(encodeURIComponent).join('/');
  };
  const ask = async (path: string, start: number, end: number, signal?: AbortSignal): Promise<Response> => {
    const file = `${name}/${path}`;
    const address = addressOf(path);
    let response: Response;
    try {
      response = await request(address, {
        headers: { Range: `bytes=${start}-${end - 1}` },
        credentials: 'same-origin',
        signal: signal ?? null,
      });
    } catch (error) {
      if (signal?.aborted) throw new AbortedError(error);
      throw new DownloadError(file, 'the server could not be reached', error);
    }
    if (response.status === 404 || response.status === 410) throw new FileMissingError(name, path);
    // Hosts of single-page apps answer unknown addresses with their page.
    const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
    if (isPage && !path.endsWith('.html')) throw new FileMissingError(name, path);
    if (!response.ok && response.status !== 416) {
      throw new DownloadError(file, `the server answered ${response.status} ${response.statusText}`.trim());
    }
    return response;
  };
  const bodyOf = async (response: Response, path: string, signal?: AbortSignal): Promise<Blob> => {
    try {
      return await response.blob();
    } catch (error) {
      if (signal?.aborted) throw new AbortedError(error);
      throw new DownloadError(`${name}/${path}`, 'the connection broke', error);
    }
  };
  const openFile = async (path: string): Promise<OpenFile> => {
    const response = await ask(path, 0, HEAD_BYTES);
    if (response.status === 416) return { size: 0, head: new Blob() };
    if (response.status === 206) {
      const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
      if (total === undefined) throw new DownloadError(`${name}/${path}`, 'the server does not say how long it is');
      return { size: Number(total), head: await bodyOf(response, path) };
    }
    if (Number(response.headers.get('content-length') ?? 0) > WHOLE_FILE_LIMIT) {
      throw new DownloadError(`${name}/${path}`, 'the server sends only whole files and this one is too long');
    }
    const head = await bodyOf(response, path);
    return { size: head.size, head };
  };
  const open = (path: string) => {
    let file = opened.get(path);
    if (!file) {
      file = openFile(path);
      opened.set(path, file);
      file.catch(() => opened.delete(path));
    }
    return file;
  };

  return {
    name,
    async has(path) {
      try {
        await open(path);
        return true;
      } catch (error) {
        if (error instanceof FileMissingError) return false;
        throw error;
      }
    },
    size: async (path) => (await open(path)).size,
    async read(path, start, end, signal) {
      const { size, head } = await open(path);
      if (signal?.aborted) throw new AbortedError(signal.reason);
      if (end > size)
        throw new FileTruncatedError(`${name}/${path}`, `the file ends at ${size}, byte ${end} was wanted`);
      if (end <= start) return new Uint8Array();
      if (end <= head.size) return new Uint8Array(await head.slice(start, end).arrayBuffer());
      const response = await ask(path, start, end, signal);
      if (response.status !== 206)
        throw new DownloadError(`${name}/${path}`, 'the server stopped sending parts of files');
      const body = await bodyOf(response, path, signal);
      if (body.size !== end - start) {
        throw new WrongBytesError(`${name}/${path}`, `${end - start} bytes were asked for and ${body.size} came`);
      }
      return new Uint8Array(await body.arrayBuffer());
    },
  };
}
