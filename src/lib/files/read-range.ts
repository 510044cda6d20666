// Bytes of one file over HTTP, by range: a connection that breaks is taken up where it broke, within bounds.

import { readBody, type AnswerWatch } from '#lib/core/answer-watch.ts';
import { DownloadError, InterruptedError, WrongBytesError } from './errors.ts';
import { pauseAfter } from './patiently.ts';
import type { PinnedFile } from './pinned-file.ts';
import type { TransferHost } from './transfer-host.ts';

/** Bytes after which a connection counts as one that works, so that its end is no failure in a row. */
const WORKING_BYTES = 256 << 10;

/** An answer with status 200, 206 or 416; its watch must be ended. */
export interface WatchedAnswer {
  response: Response;
  watch: AnswerWatch;
}

export interface RangeRequest {
  host: Pick<TransferHost, 'random' | 'wait'>;
  /** Requests the bytes [start, end). */
  send(range: Range): Promise<WatchedAnswer>;
  /** What is requested, for error messages. */
  what: string;
  /** Keeps the ETag of each file between calls, to notice a file that changes meanwhile. */
  tags: Map<string, string>;
}

interface Range {
  start: number;
  end: number;
}

/**
 * The bytes [start, end) in pieces.
 *
 * @throws WrongBytesError, DownloadError, AbortedError, and errors of `send`
 */
export async function* readRange(
  request: RangeRequest,
  file: PinnedFile,
  { start, end }: Range,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { host, send, what } = request;
  let failures = 0;
  for (let at = start; at < end;) {
    const before = at;
    try {
      const answer = await send({ start: at, end });
      const until = checkedEnd(answer, request, file, { start: at, end });
      for await (const piece of readBody(answer.response, answer.watch, until - at)) {
        at += piece.length;
        yield piece;
      }
      if (at < until) throw new InterruptedError(what, 'the connection broke');
    } catch (error) {
      failures = at - before >= WORKING_BYTES ? 1 : failures + 1;
      await pauseAfter(error, failures, host, signal);
    }
  }
}

/** Where the answer's bytes end, after checking that they are those that were requested. Ends the watch otherwise. */
function checkedEnd(
  { response, watch }: WatchedAnswer,
  { what, tags }: RangeRequest,
  file: PinnedFile,
  { start, end }: Range,
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
