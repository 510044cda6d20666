// The few opcodes of Python's pickle that a dictionary of tensors needs, as an interpreter that calls nothing: a name that is
// not in its list of names is refused, and so is every other opcode. It returns descriptions; it reads no tensor.

import { FormatError, UnsupportedError } from '../errors.ts';
import type { TensorDtype } from './safetensors.ts';

/** A tensor as PyTorch writes it: a part of a storage, which is a file of the archive. */
export interface PickledTensor {
  storage: PickledStorage;
  /** In elements of the storage. */
  offset: number;
  shape: number[];
  strides: number[];
}

export interface PickledStorage {
  key: string;
  dtype: TensorDtype;
  count: number;
}

const STORAGES: Record<string, TensorDtype> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};
const DICTIONARY = 'collections.OrderedDict';
const TENSOR = 'torch._utils._rebuild_tensor_v2';
const PARAMETER = 'torch._utils._rebuild_parameter';

const MAX_ITEMS = 4_000_000;
const MAX_TEXT = 65_536;

class Global {
  constructor(readonly name: string) {}
}
class Tensor {
  constructor(readonly of: PickledTensor) {}
}
class Storage {
  constructor(readonly of: PickledStorage) {}
}
const MARK = Symbol('mark');

type Value = number | bigint | string | boolean | null | Value[] | Map<Value, Value> | Global | Tensor | Storage;

/** The tensors of the one dictionary in `bytes`, by name. @throws UnsupportedError that names what else was found */
export function unpickleTensors(bytes: Uint8Array, file: string): Map<string, PickledTensor> {
  const top = new Interpreter(bytes, file).run();
  if (!(top instanceof Map)) throw refused(file, `holds ${show(top)}, not a dictionary of tensors`);
  const tensors = new Map<string, PickledTensor>();
  for (const [name, value] of top) {
    if (typeof name !== 'string') throw refused(file, `has the key ${show(name)}, not a name`);
    if (!(value instanceof Tensor)) throw refused(file, `has ${show(value)} under "${name}", not a tensor`);
    tensors.set(name, value.of);
  }
  return tensors;
}

const refused = (file: string, what: string) =>
  new UnsupportedError(
    file,
    `the pickle ${what}`,
    'Only dictionaries of tensors are read, and nothing in the file is executed; save the weights as safetensors.',
  );

function show(value: Value): string {
  if (value instanceof Global) return `"${value.name}"`;
  if (value instanceof Map) return 'a dictionary';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Tensor) return 'a tensor';
  if (value instanceof Storage) return 'a storage';
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : String(value);
}

class Interpreter {
  readonly #view: DataView;
  readonly #stack: (Value | typeof MARK)[] = [];
  readonly #memo = new Map<number, Value>();
  #at = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Value {
    for (;;) {
      const opcode = this.#u8();
      if (opcode === 0x2e) return this.#pop();
      this.#step(opcode);
      if (this.#stack.length > MAX_ITEMS || this.#memo.size > MAX_ITEMS)
        throw new FormatError(this.file, `the pickle holds more than ${MAX_ITEMS} values`);
    }
  }

  /** Opcodes by the letters of `pickletools`. */
  #step(opcode: number): void {
    const stack = this.#stack;
    switch (opcode) {
      case 0x80: // PROTO
        if (this.#u8() > 5) throw refused(this.file, `is of protocol ${this.bytes[this.#at - 1]}`);
        return;
      case 0x95: // FRAME
        this.#skip(8);
        return;
      case 0x28: // (
        stack.push(MARK);
        return;
      case 0x4e: // N
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        stack.push(opcode === 0x88);
        return;
      case 0x4b: // K
        stack.push(this.#u8());
        return;
      case 0x4d: // M
        stack.push(this.#view.getUint16(this.#skip(2), true));
        return;
      case 0x4a: // J
        stack.push(this.#view.getInt32(this.#skip(4), true));
        return;
      case 0x8a: // LONG1
        stack.push(this.#long(this.#u8()));
        return;
      case 0x47: // G
        stack.push(this.#view.getFloat64(this.#skip(8), false));
        return;
      case 0x58: // X
        stack.push(this.#text(this.#view.getUint32(this.#skip(4), true)));
        return;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(this.#text(this.#u8()));
        return;
      case 0x7d: // }
        stack.push(new Map());
        return;
      case 0x5d: // ]
      case 0x29: // )
        stack.push([]);
        return;
      case 0x74: // t
        stack.push(this.#toMark());
        return;
      case 0x85: // TUPLE1
      case 0x86:
      case 0x87: {
        const items = Array.from({ length: opcode - 0x84 }, () => this.#pop());
        stack.push(items.reverse());
        return;
      }
      case 0x61: // a
        this.#append([this.#pop()]);
        return;
      case 0x65: // e
        this.#append(this.#toMark());
        return;
      case 0x73: {
        // s
        const value = this.#pop();
        this.#set([this.#pop(), value]);
        return;
      }
      case 0x75: // u
        this.#set(this.#toMark());
        return;
      case 0x71: // q
        this.#memo.set(this.#u8(), this.#top());
        return;
      case 0x72: // r
        this.#memo.set(this.#view.getUint32(this.#skip(4), true), this.#top());
        return;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x68: // h
        stack.push(this.#recall(this.#u8()));
        return;
      case 0x6a: // j
        stack.push(this.#recall(this.#view.getUint32(this.#skip(4), true)));
        return;
      case 0x63: // c
        stack.push(this.#global(this.#line(), this.#line()));
        return;
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [this.#pop(), this.#pop()];
        if (typeof name !== 'string' || typeof module !== 'string')
          throw refused(this.file, `names ${show(module)} and ${show(name)}`);
        stack.push(this.#global(module, name));
        return;
      }
      case 0x51: // Q
        stack.push(this.#storage(this.#pop()));
        return;
      case 0x52: {
        // R
        const args = this.#pop();
        stack.push(this.#call(this.#pop(), args));
        return;
      }
      case 0x62: // b: attributes of the dictionary, which say which versions of modules wrote it.
        this.#pop();
        if (!(this.#top() instanceof Map)) throw refused(this.file, `sets attributes of ${show(this.#top())}`);
        return;
      default:
        throw refused(
          this.file,
          `has opcode 0x${opcode.toString(16)} at byte ${this.#at - 1}, which no dictionary of tensors needs`,
        );
    }
  }

  #global(module: string, name: string): Global {
    const full = `${module}.${name}`;
    const isStorage = module === 'torch' && Object.hasOwn(STORAGES, name);
    if (isStorage || [DICTIONARY, TENSOR, PARAMETER].includes(full)) return new Global(full);
    throw refused(this.file, `names "${full.slice(0, 120)}"`);
  }

  /** What the three functions would return. */
  #call(callee: Value, args: Value): Value {
    const name = callee instanceof Global ? callee.name : show(callee);
    if (!Array.isArray(args)) throw refused(this.file, `calls "${name}" with ${show(args)}`);
    if (name === DICTIONARY && args.length === 0) return new Map();
    if (name === PARAMETER && args[0] instanceof Tensor) return args[0];
    const [storage, offset, shape, strides] = args;
    if (name === TENSOR && storage instanceof Storage && isSize(offset) && isSizes(shape) && isSizes(strides))
      return new Tensor({ storage: storage.of, offset, shape, strides });
    throw refused(this.file, `calls "${name}" in a way that no tensor needs`);
  }

  /** ('storage', class, name of its file, device, elements) */
  #storage(id: Value): Storage {
    const [kind, type, key, , count] = Array.isArray(id) ? id : [];
    const dtype = type instanceof Global ? STORAGES[type.name.replace(/^torch\./, '')] : undefined;
    if (kind !== 'storage' || !dtype || typeof key !== 'string' || !isSize(count))
      throw refused(this.file, 'refers to something other than a storage');
    return new Storage({ key, dtype, count });
  }

  #append(items: Value[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw refused(this.file, `appends to ${show(list)}`);
    for (const item of items) list.push(item);
  }

  #set(pairs: Value[]): void {
    const map = this.#top();
    if (!(map instanceof Map) || pairs.length % 2 !== 0) throw refused(this.file, `sets items of ${show(map)}`);
    for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i]!, pairs[i + 1]!);
  }

  #toMark(): Value[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.#broken('has no mark where one is needed');
    return this.#stack.splice(at).slice(1) as Value[];
  }

  #pop(): Value {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#broken('takes a value that is not there');
    return value;
  }

  #top(): Value {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #recall(index: number): Value {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#broken(`recalls value ${index}, which is not there`);
    return value;
  }

  #u8 = (): number => this.bytes[this.#skip(1)]!;

  /** Where `count` bytes begin that are read next. */
  #skip(count: number): number {
    const at = this.#at;
    if (at + count > this.bytes.length) throw this.#broken('ends before its last opcode');
    this.#at += count;
    return at;
  }

  #text(length: number): string {
    if (length > MAX_TEXT) throw this.#broken(`has a text of ${length} bytes; at most ${MAX_TEXT} are read`);
    const at = this.#skip(length);
    return new TextDecoder().decode(this.bytes.subarray(at, at + length));
  }

  /** Up to the next line feed. */
  #line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#broken('ends in a name');
    const text = this.#text(end - this.#at);
    this.#skip(1);
    return text;
  }

  #long(length: number): number {
    if (length > 8) throw this.#broken(`has a whole number of ${length} bytes`);
    const at = this.#skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[at + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  #broken = (what: string) => new FormatError(this.file, `the pickle ${what}`);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.length <= 8 && value.every(isSize);
