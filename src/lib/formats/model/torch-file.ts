// A file that `torch.save` wrote from a dictionary of tensors, as tensors whose bytes are read by range.
// Only the archive's directory and its pickle are read here; the pickle is interpreted without executing anything.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError, UnsupportedError } from '../errors.ts';
import { tensorBytes } from './safetensors.ts';
import type { ViewedTensor } from './tensor-view.ts';
import { unpickleTensors, type PickledTensor } from './unpickle.ts';
import { isZip, readZipDirectory, zipDataStart, type ZipEntry } from './zip-directory.ts';

const MAX_PICKLE_BYTES = 32 << 20;

export async function readTorchFile(folder: Folder, path: string, signal?: AbortSignal): Promise<ViewedTensor[]> {
  const file = `${folder.name}/${path}`;
  const lead = await folder.read(path, 0, Math.min(4, await folder.size(path)), signal);
  if (!isZip(lead)) {
    throw new UnsupportedError(
      file,
      lead[0] === 0x80
        ? 'the file has the form that PyTorch wrote before version 1.6'
        : 'this is not a file of PyTorch',
      'Load it with PyTorch and save it again, or as safetensors.',
    );
  }
  const entries = await readZipDirectory(folder, path, signal);
  const pickles = entries.filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickles.length !== 1 || !pickle) {
    throw new UnsupportedError(
      file,
      `the archive has ${pickles.length} entries "data.pkl"`,
      'Save the dictionary of tensors with torch.save, or as safetensors.',
    );
  }
  if (pickle.size > MAX_PICKLE_BYTES)
    throw new FormatError(file, `"${pickle.name}" has ${pickle.size} bytes; at most ${MAX_PICKLE_BYTES} are read`);
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const bytesOf = async (entry: ZipEntry) => {
    const start = await zipDataStart(folder, path, entry, signal);
    return folder.read(path, start, start + entry.size, signal);
  };
  const order = byName.get(`${root}byteorder`);
  if (order && (order.size > 16 || new TextDecoder().decode(await bytesOf(order)).trim() !== 'little')) {
    throw new UnsupportedError(
      file,
      'its numbers are not little-endian',
      'Save the file again on a machine of the usual byte order.',
    );
  }
  const starts = new Map<ZipEntry, Promise<number>>();
  return [...unpickleTensors(await bytesOf(pickle), `${file}/${pickle.name}`)].map(([name, tensor]) => {
    const { dtype, key, count } = tensor.storage;
    const entry = byName.get(`${root}data/${key}`);
    const fail = (what: string): never => {
      throw new FormatError(file, `tensor "${name}" ${what}`);
    };
    if (!entry) return fail(`lies in "${root}data/${key.slice(0, 80)}", which the archive does not have`);
    if (entry.size !== tensorBytes(dtype, [count]))
      return fail(`lies in a storage of ${count} elements of ${dtype}, but "${entry.name}" has ${entry.size} bytes`);
    const bytes = tensorBytes(dtype, tensor.shape);
    const from = tensorBytes(dtype, [tensor.offset]);
    if (!Number.isSafeInteger(bytes) || from + bytes > entry.size) return fail('reaches past the end of its storage');
    return {
      name,
      dtype,
      shape: tensor.shape,
      async read(start, end, signalOfRead) {
        // Here and not before, so that only tensors that the model needs can be refused.
        if (!isContiguous(tensor)) {
          throw new UnsupportedError(
            file,
            `tensor "${name}" of shape [${tensor.shape.join(', ')}] has strides [${tensor.strides.join(', ')}]: it is transposed or a part of another`,
            'Save its .contiguous() form, or the model as safetensors.',
          );
        }
        let found = starts.get(entry);
        if (!found) {
          found = zipDataStart(folder, path, entry, signalOfRead);
          starts.set(entry, found);
          // A read that was stopped or failed says nothing about the next.
          found.catch(() => starts.delete(entry));
        }
        const at = (await found) + from;
        return folder.read(path, at + start, at + end, signalOfRead);
      },
    };
  });
}

/** Rows one after the other. The stride of a side of one element does not matter. */
function isContiguous({ shape, strides }: PickledTensor): boolean {
  if (strides.length !== shape.length) return false;
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}
