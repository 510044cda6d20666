// The variable `loop`: it looks one item ahead, and counts the remaining items only when a length is requested.

import { bind } from './arguments.ts';
import { equals } from './equality.ts';
import { fail } from './failure.ts';
import { Callable, Loop, Stream, sizeOf, Undefined, type CallArguments, type Value } from './values.ts';

type Slot = { value: Value } | null;

export class LoopState extends Loop {
  #index = -1;
  #items: Iterator<Value, unknown>;
  #length: number | null;
  #ahead: Slot = null;
  #current: Slot = null;
  #before: Slot = null;
  #changed: readonly Value[] | null = null;
  readonly #depth: number;
  readonly #again: ((items: Value, depth: number) => string) | null;

  /** `again` runs the body of a recursive loop on other items. */
  constructor(
    items: Iterator<Value, unknown>,
    length: number | null,
    depth: number,
    again: ((items: Value, depth: number) => string) | null,
  ) {
    super();
    this.#items = items;
    this.#length = length;
    this.#depth = depth;
    this.#again = again;
  }

  next(): Slot {
    const item = this.#peek();
    this.#ahead = null;
    if (item === null) return null;
    this.#index++;
    this.#before = this.#current;
    this.#current = item;
    return item;
  }

  #peek(): Slot {
    if (this.#ahead) return this.#ahead;
    const next = this.#items.next();
    return (this.#ahead = next.done ? null : { value: next.value });
  }

  get length(): number {
    if (this.#length === null) {
      const rest: Value[] = [];
      for (let next = this.#items.next(); !next.done; next = this.#items.next()) rest.push(next.value);
      this.#items = rest[Symbol.iterator]();
      this.#length = rest.length + this.#index + 1 + (this.#ahead ? 1 : 0);
    }
    return this.#length;
  }

  get(name: string): Value | undefined {
    const index = this.#index;
    switch (name) {
      case 'index':
        return BigInt(index + 1);
      case 'index0':
        return BigInt(index);
      case 'revindex':
        return BigInt(this.length - index);
      case 'revindex0':
        return BigInt(this.length - index - 1);
      case 'first':
        return index === 0;
      case 'last':
        return this.#peek() === null;
      case 'length':
        return BigInt(this.length);
      case 'depth':
        return BigInt(this.#depth + 1);
      case 'depth0':
        return BigInt(this.#depth);
      case 'previtem':
        return index === 0 ? new Undefined('there is no previous item') : this.#before!.value;
      case 'nextitem':
        return nextOf(this.#peek());
      case 'cycle':
        return new Callable(name, 'method', ({ positional }) => {
          if (positional.length === 0) return fail('TypeError', 'no items for cycling given');
          return positional[this.#index % positional.length]!;
        });
      case 'changed':
        return new Callable(name, 'method', ({ positional }) => {
          const isSame = this.#changed !== null && equals([...this.#changed], positional);
          this.#changed = positional;
          return !isSame;
        });
      default:
        return undefined;
    }
  }

  call(args: CallArguments): Value {
    if (!this.#again) return fail('TypeError', "The loop must have the 'recursive' marker to be called recursively.");
    return this.#again(bind('loop', args, ['iterable'], 1)[0]!, this.#depth + 1);
  }
}

const nextOf = (slot: Slot): Value => (slot === null ? new Undefined('there is no next item') : slot.value);

/** The number of items, or null when counting would consume them. */
export const knownLength = (items: Value): number | null => (items instanceof Stream ? null : sizeOf(items));
