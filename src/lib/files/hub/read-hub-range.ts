// Bytes of one file of the hub, by range: a connection that breaks is taken up where it broke, within bounds.

import { readBody } from '#lib/core/answer-watch.ts';
import { DownloadError, InterruptedError, WrongBytesError } from '../errors.ts';
import { pauseAfter } from '../patiently.ts';
import type { PinnedFile } from '../pinned-file.ts';
import type { HubListing } from './list-hub-files.ts';
import type { HubAnswer, HubRequest } from './hub-request.ts';

/** Bytes after which a connection counts as one that works, so that its end is no failure in a row. */
const WORKING_BYTES = 256 << 10;

export interface HubRange {
  listing: HubListing;
  file: PinnedFile;
  start: number;
  end: number;
}

/**
 * The bytes [start, end) in pieces. `tags` keeps the ETag of each file between calls, to notice a file that changes meanwhile.
 *
 * @throws WrongBytesError, HubMissingError, HubGatedError, DownloadError, AbortedError
 */
export async function* readHubRange(
  request: HubRequest,
  { listing, file, start, end }: HubRange,
  tags: Map<string, string>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { id, commit } = listing;
  const what = `${id}/${file.path}`;
  const path = `/${id}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
  let failures = 0;
  for (let at = start; at < end;) {
    const before = at;
    try {
      const answer = await request.send({ path, repo: id, what, range: { start: at, end }, signal });
      const until = checkedEnd(answer, { file, what, start: at, end }, tags);
      for await (const piece of readBody(answer.response, answer.watch, until - at)) {
        at += piece.length;
        yield piece;
      }
      if (at < until) throw new InterruptedError(what, 'the connection broke');
    } catch (error) {
      failures = at - before >= WORKING_BYTES ? 1 : failures + 1;
      await pauseAfter(error, failures, request.host, signal);
    }
  }
}

/** Where the answer's bytes end, after checking that they are those that were requested. Ends the watch otherwise. */
function checkedEnd(
  { response, watch }: HubAnswer,
  { file, what, start, end }: { file: PinnedFile; what: string; start: number; end: number },
  tags: Map<string, string>,
): number {
  const refuse = (error: Error): never => {
    watch.end();
    response.body?.cancel().catch(() => undefined);
    throw error;
  };
  if (response.status === 416) return refuse(new WrongBytesError(what, `the server has less than ${end} bytes of it`));
  // A weak ETag says nothing about single bytes.
  const given = response.headers.get('etag');
  const tag = given?.startsWith('W/') ? null : given;
  if (tag !== null && (tags.get(file.path) ?? tag) !== tag) {
    tags.delete(file.path);
    return refuse(new WrongBytesError(what, 'it changed on the server while it was fetched'));
  }
  if (tag !== null) tags.set(file.path, tag);
  if (response.status !== 206) {
    if (start === 0 && end === file.bytes) return end;
    return refuse(new DownloadError(what, 'the server does not send parts of files'));
  }
  const [, first, last, total] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const until = Number(last) + 1;
  const isRequested = Number(first) === start && until > start && until <= end;
  if (!isRequested) return refuse(new WrongBytesError(what, 'the server sent another range than was requested'));
  if (total !== '*' && Number(total) !== file.bytes) {
    return refuse(
      new WrongBytesError(what, `the server has ${total} bytes of it, the list of files says ${file.bytes}`),
    );
  }
  return until;
}
