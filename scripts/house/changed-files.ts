// Which files differ from the main branch: committed since the branch left it, changed in the working tree, or new.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const git = (...args: string[]): string =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** The commit where this branch left main; the last commit where there is no main. */
export function mergeBase(): string {
  for (const branch of ['main', 'origin/main']) {
    try {
      return git('merge-base', 'HEAD', branch);
    } catch {
      continue;
    }
  }
  return git('rev-parse', 'HEAD');
}

/** Deleted files are left out. */
export function changedFiles(base: string): string[] {
  const paths = [
    ...git('diff', '--name-only', '-z', base, '--').split('\0'),
    ...git('ls-files', '--others', '--exclude-standard', '-z').split('\0'),
  ];
  return [...new Set(paths)].filter((path) => path !== '' && existsSync(path));
}
