// Matches untrusted regular expressions without backtracking: time is at most proportional to text times pattern. Supports
// literals, classes, groups, alternatives and repeats; refuses the rest by name.

/** The message names what is not accepted; callers add file and field. */
export class PatternError extends Error {}

const MAX_PATTERN = 512;
const MAX_STATES = 8192;

type Test = (c: string) => boolean;
/** `test` null: the state consumes no character. `edges` lists the states that follow. */
interface State {
  test: Test | null;
  at: 'start' | 'end' | null;
  edges: number[];
}
/** A fragment of the automaton: its start, and the states whose edges are still open. */
interface Piece {
  start: number;
  open: number[];
}

/** A predicate that says whether the whole text matches. */
export function compilePattern(pattern: string): (text: string) => boolean {
  if (pattern.length > MAX_PATTERN) throw new PatternError(`is longer than ${MAX_PATTERN} characters`);
  const machine = new Builder(pattern).build();
  return (text) => run(machine, text);
}

function run({ states, start, accept }: { states: State[]; start: number; accept: number }, text: string): boolean {
  let current = new Set<number>();
  const follow = (set: Set<number>, from: number, position: number) => {
    const stack = [from];
    while (stack.length > 0) {
      const id = stack.pop()!;
      if (set.has(id)) continue;
      const state = states[id]!;
      if (state.at === 'start' && position !== 0) continue;
      if (state.at === 'end' && position !== text.length) continue;
      set.add(id);
      if (!state.test) stack.push(...state.edges);
    }
  };
  follow(current, start, 0);
  for (let i = 0; i < text.length; i++) {
    const next = new Set<number>();
    for (const id of current) {
      const { test, edges } = states[id]!;
      if (test?.(text[i]!)) for (const edge of edges) follow(next, edge, i + 1);
    }
    current = next;
  }
  return current.has(accept);
}

class Builder {
  #states: State[] = [];
  #i = 0;
  #depth = 0;

  constructor(readonly pattern: string) {}

  build(): { states: State[]; start: number; accept: number } {
    const piece = this.#alternatives();
    if (this.#i < this.pattern.length) throw new PatternError('has a ")" that opens nowhere');
    const accept = this.#state(null);
    this.#close(piece, accept);
    return { states: this.#states, start: piece.start, accept };
  }

  #state(test: Test | null, at: State['at'] = null): number {
    if (this.#states.length >= MAX_STATES) throw new PatternError('repeats too much');
    return this.#states.push({ test, at, edges: [] }) - 1;
  }

  #close(piece: Piece, to: number): void {
    for (const id of piece.open) this.#states[id]!.edges.push(to);
  }

  #single(test: Test | null, at: State['at'] = null): Piece {
    const id = this.#state(test, at);
    return { start: id, open: [id] };
  }

  #alternatives(): Piece {
    if (++this.#depth > 32) throw new PatternError('nests more than 32 groups');
    const options = [this.#sequence()];
    while (this.pattern[this.#i] === '|') {
      this.#i++;
      options.push(this.#sequence());
    }
    this.#depth--;
    if (options.length === 1) return options[0]!;
    const fork = this.#state(null);
    for (const option of options) this.#states[fork]!.edges.push(option.start);
    return { start: fork, open: options.flatMap((option) => option.open) };
  }

  #sequence(): Piece {
    let piece = this.#single(null);
    while (this.#i < this.pattern.length && this.pattern[this.#i] !== '|' && this.pattern[this.#i] !== ')') {
      const next = this.#repeated();
      this.#close(piece, next.start);
      piece = { start: piece.start, open: next.open };
    }
    return piece;
  }

  #repeated(): Piece {
    const from = this.#i;
    let piece = this.#atom();
    const range = this.#repeat();
    if (!range) return piece;
    const end = this.#i;
    const [min, max] = range;
    const again = (): Piece => {
      this.#i = from;
      return this.#atom();
    };
    const out: Piece = this.#single(null);
    let tail = out.open;
    const append = (next: Piece) => {
      for (const id of tail) this.#states[id]!.edges.push(next.start);
      tail = next.open;
    };
    for (let n = 0; n < min; n++, piece = again()) append(piece);
    if (max === Infinity) {
      const fork = this.#state(null);
      append({ start: fork, open: [fork] });
      this.#states[fork]!.edges.push(piece.start);
      this.#close(piece, fork);
    } else {
      const exits: number[] = [];
      for (let n = min; n < max; n++, piece = again()) {
        exits.push(...tail);
        append(piece);
      }
      tail = [...tail, ...exits];
    }
    this.#i = end;
    if (this.#repeat()) throw new PatternError('repeats a repeat');
    return { start: out.start, open: tail };
  }

  /** The repeat at the cursor as [min, max]. A lazy mark is skipped: it changes which match is found, not whether. */
  #repeat(): [number, number] | null {
    const simple = ({ '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] } as Record<string, [number, number]>)[
      this.pattern[this.#i] ?? ''
    ];
    const braces = simple ? null : /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(this.pattern.slice(this.#i));
    if (!simple && !braces) return null;
    this.#i += simple ? 1 : braces![0].length;
    if (this.pattern[this.#i] === '?') this.#i++;
    if (simple) return simple;
    const min = Number(braces![1]);
    const max = !braces![2] ? min : braces![3] ? Number(braces![3]) : Infinity;
    if (max < min) throw new PatternError(`has the repeat {${min},${max}}, which runs backwards`);
    return [min, max];
  }

  #atom(): Piece {
    const c = this.pattern[this.#i++]!;
    switch (c) {
      case '(':
        return this.#group();
      case '[':
        return this.#single(this.#class());
      case '.':
        return this.#single((x) => x !== '\n');
      case '^':
        return this.#single(null, 'start');
      case '$':
        return this.#single(null, 'end');
      case '\\':
        return this.#single(this.#escape());
      case '*':
      case '+':
      case '?':
        throw new PatternError(`has a "${c}" that repeats nothing`);
      default:
        return this.#single((x) => x === c);
    }
  }

  #group(): Piece {
    if (this.pattern[this.#i] === '?') {
      if (this.pattern[this.#i + 1] !== ':')
        throw new PatternError('uses a group that starts with "(?"; only "(?:" is accepted');
      this.#i += 2;
    }
    const piece = this.#alternatives();
    if (this.pattern[this.#i++] !== ')') throw new PatternError('has a "(" that closes nowhere');
    return piece;
  }

  #escape(): Test {
    const c = this.pattern[this.#i++];
    if (c === undefined) throw new PatternError('ends in a backslash');
    const known = ESCAPES[c];
    if (known) return known;
    if (/[A-Za-z0-9]/.test(c)) throw new PatternError(`uses "\\${c}", which is not accepted`);
    return (x) => x === c;
  }

  #class(): Test {
    const not = this.pattern[this.#i] === '^';
    if (not) this.#i++;
    const tests: Test[] = [];
    for (let first = true; ; first = false) {
      const c = this.pattern[this.#i++];
      if (c === undefined) throw new PatternError('has a "[" that closes nowhere');
      if (c === ']' && !first) break;
      if (c === '\\') {
        tests.push(this.#escape());
      } else if (
        this.pattern[this.#i] === '-' &&
        this.pattern[this.#i + 1] !== ']' &&
        this.#i + 1 < this.pattern.length
      ) {
        const to = this.pattern[this.#i + 1]!;
        if (to === '\\' || to < c) throw new PatternError(`has the range "${c}-${to}", which is not accepted`);
        this.#i += 2;
        tests.push((x) => x >= c && x <= to);
      } else {
        tests.push((x) => x === c);
      }
    }
    return (x) => tests.some((test) => test(x)) !== not;
  }
}

const word = /^\w$/;
const space = /^\s$/;
const digit = /^\d$/;
const ESCAPES: Record<string, Test> = {
  d: (x) => digit.test(x),
  D: (x) => !digit.test(x),
  w: (x) => word.test(x),
  W: (x) => !word.test(x),
  s: (x) => space.test(x),
  S: (x) => !space.test(x),
  n: (x) => x === '\n',
  t: (x) => x === '\t',
};
