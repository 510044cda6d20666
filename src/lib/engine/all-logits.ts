// Logits of every position of a sequence, for scoring and for comparing engines. Runs beside other requests.

import type { AdapterUse, LogitsResult } from './engine.ts';
import { RequestError } from './errors.ts';
import { phaseAt, phaseEnd } from './phases.ts';
import { checkIds, checkSampling, type Sequence } from './requests.ts';
import type { Session } from './session.ts';

export async function allLogits(
  session: Session,
  ids: readonly number[],
  adapters: readonly AdapterUse[],
): Promise<LogitsResult> {
  const { architecture: a, sizes, admission, transformer, device, writer, info } = session;
  checkIds(ids, { vocab: a.vocab, contextLength: sizes.contextLength, model: info.name });
  const ignore = () => undefined;
  const sequence: Sequence = {
    request: {
      ids,
      promptTokens: ids.length,
      adapters,
      maxTokens: 1,
      sampling: checkSampling(),
      constraint: null,
      // A shared prefix has its keys and values, but not its logits.
      reusePrefix: false,
      keeps: false,
      guesses: null,
      topCount: 0,
      onToken: () => false,
      onStart: ignore,
      onProposed: ignore,
      onEnd: ignore,
      onError: ignore,
    },
    tokens: [...ids],
    cancelled: false,
    ended: false,
    running: null,
  };
  await admitAlone(session, sequence);
  const running = sequence.running!;
  const data = new Float32Array(ids.length * a.vocab);
  try {
    const chunk = Math.min(sizes.maxRows, sizes.maxOutputs);
    for (let first = 0, next = 0; first < ids.length; first = next) {
      next = Math.min(first + chunk, phaseEnd(running.phases, first));
      const part = ids.slice(first, next);
      const { blend, rankWidth, head, tables } = phaseAt(running.phases, first);
      if (first > 0) writer.blend(running.slot, blend);
      const rows = part.map((token, i) => ({
        slot: running.slot,
        explicit: { token, position: first + i, angles: running.anglesAt },
      }));
      writer.rows(rows, [...rows.keys()], rankWidth);
      const dispatches = transformer.dispatches({
        rows: rows.length,
        outputs: rows.length,
        rankWidth,
        heads: [{ head, first: 0, count: rows.length }],
        tables,
        sample: false,
      });
      const bytes = rows.length * a.vocab * 4;
      data.set(new Float32Array(await device.submitAndRead(dispatches, transformer.logits, bytes)), first * a.vocab);
    }
  } finally {
    admission.leave(sequence);
  }
  const { logitScale, logitSoftcap: cap } = a;
  if (logitScale !== 1 || cap) {
    for (let i = 0; i < data.length; i++) {
      const v = data[i]! * logitScale;
      data[i] = cap ? cap * Math.tanh(v / cap) : v;
    }
  }
  return { data, tokens: ids.length, vocab: a.vocab };
}

/** Waits for its adapters, but not for room. */
async function admitAlone({ admission, changes }: Session, sequence: Sequence): Promise<void> {
  try {
    for (;;) {
      const changed = changes.next();
      const answer = admission.ask(sequence, true);
      if (answer === 'admitted') return;
      if (answer !== 'waiting') {
        throw new RequestError('The engine is busy.', 'Ask for logits when fewer requests are running.');
      }
      await changed;
    }
  } catch (error) {
    admission.withdraw(sequence);
    throw error;
  }
}
