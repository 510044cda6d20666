// The methods of Python's str that a template can call.

import { bind, flag, optionalCount, optionalText, wantCount, wantText } from './arguments.ts';
import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { toList } from './iterate.ts';
import { characterIndex, unitOffset } from './slicing.ts';
import { join, lines, pad, partition, replace, split, splitEnd, strip } from './text-operations.ts';
import { capitalize, QUESTIONS, swapCase, title } from './text-case.ts';
import { isBlank } from './white-space.ts';
import { sizeOf, Tuple, type CallArguments, type Value } from './values.ts';

type Method = (text: string, args: CallArguments, budget: Budget) => Value;

const plain =
  (name: string, run: (text: string) => Value): Method =>
  (text, args) => {
    bind(name, args, []);
    return run(text);
  };

const stripping =
  (name: string, sides: 'left' | 'right' | 'both'): Method =>
  (text, args) => {
    const [signs] = bind(name, args, ['chars']);
    return strip(text, optionalText(signs, 'strip arg'), sides);
  };

const splitting =
  (name: string, run: typeof split): Method =>
  (text, args, budget) => {
    const [separator, most] = bind(name, args, ['sep', 'maxsplit']);
    const mark = optionalText(separator, 'separator');
    const count = most === undefined ? -1 : wantCount(most);
    return run(text, mark, count < 0 ? Infinity : count, budget);
  };

/** Index of `part` between two indices, which are counted in characters from the front or the end; -1 when absent. */
const searching =
  (name: string, fromEnd: boolean, mustBe: boolean): Method =>
  (text, args, budget) => {
    const [part, start, end] = bind(name, args, ['sub', 'start', 'end'], 1);
    const needle = wantText(part!, 'sub');
    budget.search(text, needle);
    const within = window(text, start, end);
    const at = within === null ? -1 : fromEnd ? within.text.lastIndexOf(needle) : within.text.indexOf(needle);
    if (at < 0 && mustBe) return fail('ValueError', 'substring not found');
    return BigInt(at < 0 ? -1 : characterIndex(text, within!.offset + at));
  };

/** The part of a text between two indices, or null when the first one is beyond the end. */
function window(
  text: string,
  start: Value | undefined,
  end: Value | undefined,
): { text: string; offset: number } | null {
  if (start === undefined && end === undefined) return { text, offset: 0 };
  const size = sizeOf(text);
  const clamp = (index: number) => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  const from = optionalCount(start) ?? 0;
  const to = clamp(optionalCount(end) ?? size);
  if (from > size || clamp(from) > to) return null;
  const offset = unitOffset(text, clamp(from));
  return { text: text.slice(offset, unitOffset(text, to)), offset };
}

const affix =
  (name: string, fits: (text: string, part: string) => boolean): Method =>
  (text, args) => {
    const [parts, start, end] = bind(name, args, ['prefix', 'start', 'end'], 1);
    const within = window(text, start, end);
    const list = parts instanceof Tuple ? parts.items : [parts!];
    return within !== null && list.some((part) => fits(within.text, wantText(part, `${name} first arg`)));
  };

const padding =
  (name: string, side: 'left' | 'right' | 'both'): Method =>
  (text, args, budget) => {
    const [width, sign] = bind(name, args, ['width', 'fillchar'], 1);
    const mark = optionalText(sign, 'fillchar') ?? ' ';
    if (sizeOf(mark) !== 1) return fail('TypeError', 'The fill character must be exactly one character long');
    return pad(text, wantCount(width!), mark, side, budget);
  };

const questions = Object.fromEntries(
  Object.entries({ ...QUESTIONS, isspace: isBlank }).map(([name, test]) => [name, plain(name, test)]),
);

/** Each behaves as in Python; `format` needs more than a text and is made where attributes are read. */
export const TEXT_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>(
  Object.entries({
    ...questions,
    capitalize: plain('capitalize', capitalize),
    casefold: plain('casefold', (text) =>
      text.replaceAll('ß', 'ss').replaceAll('ẞ', 'ss').toLowerCase().replaceAll('ς', 'σ'),
    ),
    lower: plain('lower', (text) => text.toLowerCase()),
    upper: plain('upper', (text) => text.toUpperCase()),
    swapcase: plain('swapcase', swapCase),
    title: plain('title', title),
    strip: stripping('strip', 'both'),
    lstrip: stripping('lstrip', 'left'),
    rstrip: stripping('rstrip', 'right'),
    split: splitting('split', split),
    rsplit: splitting('rsplit', splitEnd),
    splitlines: (text, args, budget) => lines(text, flag(bind('splitlines', args, ['keepends'])[0]), budget),
    partition: (text, args, budget) => {
      const [mark] = bind('partition', args, ['sep'], 1);
      return partition(text, wantText(mark!, 'separator'), false, budget);
    },
    rpartition: (text, args, budget) => {
      const [mark] = bind('rpartition', args, ['sep'], 1);
      return partition(text, wantText(mark!, 'separator'), true, budget);
    },
    find: searching('find', false, false),
    rfind: searching('rfind', true, false),
    index: searching('index', false, true),
    rindex: searching('rindex', true, true),
    count: (text, args, budget) => {
      const [part, start, end] = bind('count', args, ['sub', 'start', 'end'], 1);
      const within = window(text, start, end)?.text;
      const needle = wantText(part!, 'sub');
      if (within === undefined) return 0n;
      if (needle === '') return BigInt(sizeOf(within) + 1);
      return BigInt(split(within, needle, Infinity, budget).length - 1);
    },
    startswith: affix('startswith', (text, part) => text.startsWith(part)),
    endswith: affix('endswith', (text, part) => text.endsWith(part)),
    replace: (text, args, budget) => {
      const [old, by, count] = bind('replace', args, ['old', 'new', 'count'], 2);
      const most = count === undefined ? -1 : wantCount(count);
      return replace(text, wantText(old!, 'replace() argument 1'), wantText(by!, 'replace() argument 2'), most, budget);
    },
    removeprefix: (text, args) => {
      const part = wantText(bind('removeprefix', args, ['prefix'], 1)[0]!, 'prefix');
      return text.startsWith(part) ? text.slice(part.length) : text;
    },
    removesuffix: (text, args) => {
      const part = wantText(bind('removesuffix', args, ['suffix'], 1)[0]!, 'suffix');
      return part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text;
    },
    join: (text, args, budget) => {
      const items = toList(bind('join', args, ['iterable'], 1)[0]!);
      return join(
        text,
        items.map((item, i) => wantText(item, `sequence item ${i}`)),
        budget,
      );
    },
    ljust: padding('ljust', 'right'),
    rjust: padding('rjust', 'left'),
    center: padding('center', 'both'),
    zfill: (text, args, budget) => {
      const width = wantCount(bind('zfill', args, ['width'], 1)[0]!);
      const sign = /^[+-]/.exec(text)?.[0] ?? '';
      return sign + pad(text.slice(sign.length), width - sign.length, '0', 'left', budget);
    },
    expandtabs: (text, args, budget) => {
      const [size] = bind('expandtabs', args, ['tabsize']);
      return expandTabs(text, size === undefined ? 8 : wantCount(size), budget);
    },
  } satisfies Record<string, Method>),
);

function expandTabs(text: string, size: number, budget: Budget): string {
  let out = '';
  let column = 0;
  for (const sign of text) {
    const wide = sign === '\t' ? (size > 0 ? size - (column % size) : 0) : 1;
    if (wide > 1) budget.text(out.length + wide);
    out += sign === '\t' ? ' '.repeat(wide) : sign;
    column = sign === '\n' || sign === '\r' ? 0 : column + wide;
  }
  return out;
}
