// A folder of JSON files, each written atomically, with a lock for one process. It does not interpret the files.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FileError } from '#node/errors.ts';

export interface JsonFolder {
  read(name: string): unknown;
  write(name: string, value: unknown): void;
  remove(name: string): void;
  /** Names that start with `prefix`, sorted. */
  names(prefix: string): string[];
  /** Releases the lock. */
  close(): void;
}

const LOCK = 'lock';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Level by level: Node's own `recursive` never returns for a folder under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Opens or makes `path`. The error for a locked folder names the process that holds the lock. */
export function openJsonFolder(path: string): JsonFolder {
  const lock = join(path, LOCK);
  const enter = (again: boolean): void => {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new FileError(path, 'nothing can be written here', 'Choose another --data.', cause);
      }
      const pid = Number(readFileSync(lock, 'utf8'));
      if (!again || (pid > 0 && isAlive(pid))) {
        throw new FileError(path, `process ${pid} is using this chain`, 'Wait for it to end, or name another --data.');
      }
      // The process of the lock has died.
      rmSync(lock);
      enter(false);
    }
  };
  try {
    makeFolder(resolve(path));
  } catch (cause) {
    throw new FileError(path, 'this directory cannot be made', 'Choose another --data.', cause);
  }
  enter(true);

  return {
    read(name) {
      let text: string;
      try {
        text = readFileSync(join(path, name), 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new FileError(join(path, name), 'the file cannot be read', 'Check its permissions.', cause);
      }
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new FileError(join(path, name), 'this is not JSON', 'Restore the file, or remove the directory.', cause);
      }
    },
    write(name, value) {
      const temporary = join(path, `.${name}.tmp`);
      const file = openSync(temporary, 'w');
      try {
        writeFileSync(file, JSON.stringify(value));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, join(path, name));
    },
    remove: (name) => rmSync(join(path, name), { force: true }),
    names: (prefix) =>
      readdirSync(path)
        .filter((name) => name.startsWith(prefix))
        .sort(),
    close: () => rmSync(lock, { force: true }),
  };
}
