// The order in which waiting requests go in, over answers of an admission that the test gives.

import { expect, it } from 'vitest';
import type { Answer } from './admission.ts';
import type { Sequence, SequenceRequest } from './requests.ts';
import { createWaitingLine } from './waiting-line.ts';

function lineOver(answers: Record<string, Answer | Error>) {
  const events: string[] = [];
  const names = new Map<Sequence, string>();
  const line = createWaitingLine({
    admission: {
      ask(sequence, mayPlace) {
        const name = names.get(sequence)!;
        events.push(mayPlace ? `ask ${name}` : `ask ${name} without placing`);
        const answer = answers[name]!;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      withdraw: (sequence) => void events.push(`withdraw ${names.get(sequence)}`),
    },
    onAdmitted: (sequence) => void events.push(`in ${names.get(sequence)}`),
    onFailed: (sequence) => void events.push(`failed ${names.get(sequence)}`),
  });
  const add = (name: string): Sequence => {
    const request = { adapters: [] } as unknown as SequenceRequest;
    const sequence: Sequence = { request, tokens: [], cancelled: false, ended: false, running: null };
    names.set(sequence, name);
    line.add(sequence);
    return sequence;
  };
  const step = () => {
    line.advance();
    return events.splice(0);
  };
  return { line, answers, add, step };
}

it('lets those that are ready pass those whose adapters are on their way', () => {
  const { line, answers, add, step } = lineOver({ a: 'waiting', b: 'admitted', c: 'waiting', d: 'admitted' });
  for (const name of 'abcd') add(name);
  expect(step()).toEqual(['ask a', 'ask b', 'in b', 'ask c', 'ask d', 'in d']);
  // Nothing changed, so nothing is asked.
  expect(step()).toEqual([]);
  answers.a = answers.c = 'admitted';
  line.stir();
  expect(step()).toEqual(['ask a', 'in a', 'ask c', 'in c']);
});

it('keeps room for the oldest that waits for nothing else: no younger one passes it', () => {
  const { line, answers, add, step } = lineOver({ a: 'waiting', b: 'no room', c: 'admitted' });
  for (const name of 'abc') add(name);
  expect(step()).toEqual(['ask a', 'ask b']);
  answers.b = 'admitted';
  line.stir();
  expect(step()).toEqual(['ask a', 'ask b', 'in b', 'ask c', 'in c']);
});

it('keeps pages for the oldest that waits for them: younger ones go in where they take none', () => {
  const { add, step } = lineOver({ a: 'no pages', b: 'no pages', c: 'admitted' });
  for (const name of 'abc') add(name);
  expect(step()).toEqual(['ask a', 'ask b without placing', 'ask c without placing', 'in c']);
});

it('fails only the request that cannot be admitted', () => {
  const { add, step } = lineOver({ a: new Error('gone'), b: 'admitted' });
  for (const name of 'ab') add(name);
  expect(step()).toEqual(['ask a', 'withdraw a', 'failed a', 'ask b', 'in b']);
});

it('gives back what one that leaves had claimed, once', () => {
  const { line, add, step } = lineOver({ a: 'waiting', b: 'waiting' });
  const [a] = [add('a'), add('b')];
  step();
  expect([line.leave(a), line.leave(a)]).toEqual([true, false]);
  expect(line.drain()).toHaveLength(1);
  expect(step()).toEqual(['withdraw a', 'withdraw b']);
});
