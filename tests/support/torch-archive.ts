// Archives as `torch.save` writes them, byte by byte, so that tests can write wrong ones: stored ZIP entries and pickle opcodes.

export interface ArchiveEntry {
  name: string;
  data: Uint8Array;
  /** What the directory says instead. */
  method?: number;
  size?: number;
  headerAt?: number;
}

const text = (value: string) => new TextEncoder().encode(value);

function numbers(...fields: [bytes: 1 | 2 | 4 | 8, value: number][]): Uint8Array {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 8) out.setBigUint64(at, BigInt(value), true);
    else if (bytes === 4) out.setUint32(at, value, true);
    else if (bytes === 2) out.setUint16(at, value, true);
    else out.setUint8(at, value);
    at += bytes;
  }
  return new Uint8Array(out.buffer);
}

export const joinedBytes = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => [...part]));

/** An archive with the ZIP64 records that PyTorch writes. */
export function zipArchive(entries: readonly ArchiveEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, data, method = 0, size = data.length, headerAt = at } of entries) {
    const common: Parameters<typeof numbers> = [
      [2, 0],
      [2, method],
      [4, 0],
      [4, 0],
      [4, size],
      [4, size],
      [2, text(name).length],
    ];
    const local = joinedBytes([numbers([4, 0x04034b50], [2, 0], ...common, [2, 0]), text(name), data]);
    parts.push(local);
    directory.push(
      numbers([4, 0x02014b50], [2, 0], [2, 0], ...common, [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, headerAt]),
      text(name),
    );
    at += local.length;
  }
  const listed = joinedBytes(directory);
  const count = entries.length;
  const end = at + listed.length;
  return joinedBytes([
    ...parts,
    listed,
    numbers(
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [4, 0],
      [4, 0],
      [8, count],
      [8, count],
      [8, listed.length],
      [8, at],
    ),
    numbers([4, 0x07064b50], [4, 0], [8, end], [4, 1]),
    numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, listed.length], [4, at], [2, 0]),
  ]);
}

export interface ArchivedTensor {
  name: string;
  storage: 'FloatStorage' | 'HalfStorage' | 'BFloat16Storage';
  shape: readonly number[];
  data: Uint8Array;
}

const int = (value: number) => numbers([1, 0x4a], [4, value]);
const unicode = (value: string) => joinedBytes([numbers([1, 0x58], [4, text(value).length]), text(value)]);
const tuple = (...items: Uint8Array[]) => joinedBytes([text('('), ...items, text('t')]);
const global = (module: string, name: string) => text(`c${module}\n${name}\n`);

/** The pickle of a dictionary of tensors, each in a storage of its own. */
export function pickleTensors(tensors: readonly ArchivedTensor[]): Uint8Array<ArrayBuffer> {
  const items = tensors.flatMap(({ name, storage, shape, data }, i) => {
    const count = data.length / (storage === 'FloatStorage' ? 4 : 2);
    const strides = shape.map((_, side) => shape.slice(side + 1).reduce((a, b) => a * b, 1));
    const place = tuple(unicode('storage'), global('torch', storage), unicode(String(i)), unicode('cpu'), int(count));
    return [
      unicode(name),
      global('torch._utils', '_rebuild_tensor_v2'),
      tuple(
        joinedBytes([place, text('Q')]),
        int(0),
        tuple(...shape.map(int)),
        tuple(...strides.map(int)),
        Uint8Array.of(0x89),
        joinedBytes([global('collections', 'OrderedDict'), text(')R')]),
      ),
      text('R'),
    ];
  });
  return joinedBytes([Uint8Array.of(0x80, 2), text('}('), ...items, text('u.')]);
}

export const torchArchive = (
  tensors: readonly ArchivedTensor[],
  pickle: Uint8Array = pickleTensors(tensors),
): Uint8Array<ArrayBuffer> =>
  zipArchive([
    { name: 'archive/data.pkl', data: pickle },
    { name: 'archive/byteorder', data: text('little') },
    ...tensors.map(({ data }, i) => ({ name: `archive/data/${i}`, data })),
  ]);
