// Every file that a page of documentation names exists, so that a move cannot leave the pages behind.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...globSync('docs/{guides,formats}/*.md'),
  ...globSync('{src/lib,server,node,cli,contracts}/**/README.md', { exclude: (path) => path.includes('node_modules') }),
];
const SOURCES = globSync('{src,node,server,cli,bench,scripts,tests,contracts/src,contracts/test}/**/*.*');
const ROOT_FILES = globSync('{.,}*.{mjs,ts,js}');
const NAMES = new Set([...SOURCES, ...ROOT_FILES].map((path) => basename(path)));

/** Words in backticks that look like a file of the repository. */
const filesNamedIn = (text: string): string[] =>
  [...text.matchAll(/`([\w()./[\]-]+\.(?:ts|svelte|mjs|wgsl|sol))`/g)].map(([, path]) => path!);

const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!).filter((target) => !target.includes(':'));

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(page, 'utf8');
  it('names only files that exist', () => {
    const exists = (path: string) =>
      path.includes('/')
        ? ['', 'src', 'src/lib', dirname(page)].some((root) => existsSync(join(root, path)))
        : NAMES.has(path);
    expect(filesNamedIn(text).filter((path) => !exists(path))).toEqual([]);
  });
  it('links only to files that exist', () => {
    expect(linksIn(text).filter((path) => !existsSync(normalize(join(dirname(page), path))))).toEqual([]);
  });
});
