import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { SLOT } from '../../step-state.ts';
import { constrain, constrainGroups, encodeConstraint, encodeLists, type Constraint } from './constrain.ts';
import { CONSTRAINT_WORDS } from './constraint-words.ts';

const OUTPUTS = [4, 0, 2, 5];
const CONTEXT = 40;

/** Few different tokens, so that sequences repeat. */
function constrainCase(vocab: number, different: number, constraint: Partial<Constraint>, unconstrained: number[]) {
  const random = createRng(vocab + different);
  const token = () => random.below(Math.min(vocab, different));
  const step = stepCase({
    rows: 6,
    longest: 32,
    outputs: OUTPUTS,
    positionOf: (row) => (row === 4 ? 0 : row === 2 ? null : 5 * row + 9),
  });
  for (let slot = 0; slot < 6; slot++) {
    const at = step.params.slotsAt + slot * SLOT.words;
    step.state[at + SLOT.constrained] = +!unconstrained.includes(slot);
    step.state[at + SLOT.token] = token();
    step.state[at + SLOT.position] = 3 * slot + 7;
  }
  for (let row = 0; row < 6; row++) {
    const at = step.params.rowsAt + row * 4;
    if (step.state[at] !== 0xffff_ffff) step.state[at] = token();
  }
  const tokens = (length: number) => Array.from({ length }, token);
  const sequences = (count: number) => Array.from({ length: count }, (_, i) => tokens(1 + (i % 4)));
  const lists = encodeLists({
    suppress: tokens(3),
    beginSuppress: tokens(2),
    stop: tokens(2),
    forcedBos: [vocab - 1],
    forcedEos: [0, vocab - 1],
    badWords: sequences(vocab > 1 ? 37 : 1),
    biases: sequences(75).map((ids, i) => ({ ids, bias: i === 60 ? -Infinity : random.normal() })),
  });
  const rules: Constraint = { beginAt: 0, ngram: 0, minLength: 0, forcedAt: 0, ...constraint };
  const constraints = new Uint32Array(6 * CONSTRAINT_WORDS);
  for (let slot = 0; slot < 6; slot++) constraints.set(encodeConstraint(rules), slot * CONSTRAINT_WORDS);
  const history = Uint32Array.from({ length: 6 * CONTEXT }, token);
  const bias = unwritten(OUTPUTS.length * vocab);
  return { step, buffers: { lists, constraints, state: step.state, history, bias } };
}

describe.each([32, 256])('constrain with %i threads', (threads) => {
  it.each<[string, number, number, Partial<Constraint>, number[]]>([
    ['one token', 1, 1, { ngram: 1 }, []],
    ['bans and biases', 301, 40, { minLength: 90 }, []],
    ['beside others', 64, 9, { ngram: 2 }, [0, 1, 3]],
    ['n-grams of one', 77, 30, { ngram: 1, beginAt: 15 }, []],
    ['n-grams of three among three tokens', 33, 3, { ngram: 3 }, []],
    ['n-grams longer than the sequence', 33, 3, { ngram: 39 }, []],
    ['n-grams beyond any sequence', 33, 3, { ngram: 65_536 }, []],
    ['forced', 1003, 50, { forcedAt: 20, beginAt: 20, ngram: 2 }, []],
  ])('%s over %i tokens is what the plain kernel says', async (_, vocab, different, constraint, unconstrained) => {
    const { step, buffers } = constrainCase(vocab, different, constraint, unconstrained);
    await expectSame({
      kernel: constrain,
      params: { ...step.params, vocab, contextLength: CONTEXT, threads },
      groups: constrainGroups(OUTPUTS.length),
      buffers,
      compare: { bias: 'floats', history: 'words' },
    });
  });
});
