// The Hugging Face hub as a source of files: repositories pinned to a commit, their files by range.

import { readRange } from '../read-range.ts';
import type { RepoSource } from '../repo.ts';
import { createHubRequest, type HubOptions } from './hub-request.ts';
import { listHubFiles } from './list-hub-files.ts';

/** @throws HubTokenError, HubAnswerError for an endpoint that cannot be used */
export function createHub(options: HubOptions): RepoSource {
  const request = createHubRequest(options);
  return {
    list: (repo, signal) => listHubFiles(request, repo, signal),
    reader({ id, commit }) {
      const tags = new Map<string, string>();
      return (file, start, end, signal) => {
        const what = `${id}/${file.path}`;
        const path = `/${id}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
        const send = (range: { start: number; end: number }) => request.send({ path, repo: id, what, range, signal });
        return readRange({ host: request.host, send, what, tags }, file, { start, end }, signal);
      };
    },
  };
}
