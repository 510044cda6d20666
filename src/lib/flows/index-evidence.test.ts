import { expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import { createDigester } from '#lib/core/digester.ts';
import { createEvidenceBuilder, type EvidenceBuilder } from '#lib/attribution/evidence/evidence-builder.ts';
import { memoryEvidenceStore } from '#lib/attribution/evidence/memory-evidence-store.ts';
import { readIndexed } from '#lib/attribution/evidence/open-evidence.ts';
import { traceAnswer } from '#lib/attribution/evidence/trace-answer.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { indexed } from '#tests/support/evidence.ts';
import { indexEvidence, type EvidenceIndexed } from './index-evidence.ts';

/** A builder whose segments end with every shard. */
function smallSegments(): EvidenceBuilder & { added: number } {
  const builder = createEvidenceBuilder(createDigester);
  return {
    ...builder,
    added: 0,
    async add(...args) {
      this.added++;
      return (await builder.add(...args)) ?? builder.finish();
    },
  };
}

it('reports its progress, and the index holds every row', async () => {
  const { open } = await packRows(someRows(300));
  const store = memoryEvidenceStore();
  const builder = createEvidenceBuilder(createDigester);
  const events: EvidenceIndexed[] = [];
  const { signal } = new AbortController();
  for await (const event of indexEvidence({ builder, store, digester }, open, { signal })) events.push(event);
  expect(events.slice(0, -1).at(-1)).toEqual({ type: 'indexing', rows: 300, ofRows: 300 });
  const stored = [...store.blocks.values()].reduce((sum, { length }) => sum + length, 0);
  expect(events.at(-1)).toEqual({ type: 'indexed', index: await store.indexOf(open.cid), bytes: stored });
  for (const n of [0, 150, 299]) {
    const { rows } = await traceAnswer({
      answer: someRows(1, n)[0]!.text,
      evidence: [await indexed(open, store)],
    });
    expect(rows[0]!.id).toBe(someRows(1, n)[0]!.id);
  }
});

it('goes on behind the last segment that was kept, and gives the same index', async () => {
  const { open } = await packRows(someRows(400));
  expect(open.shards.length).toBeGreaterThan(3);
  const store = memoryEvidenceStore();
  const stop = new AbortController();
  const first = async () => {
    const context = { builder: smallSegments(), store, digester };
    for await (const event of indexEvidence(context, open, { signal: stop.signal }))
      if (event.type === 'indexing' && event.rows >= open.shards[0]!.rows + open.shards[1]!.rows)
        stop.abort(new AbortedError());
  };
  await expect(first()).rejects.toThrow(AbortedError);
  const kept = await readIndexed(open, (await store.indexOf(open.cid))!, store, digester);
  expect(kept.shards).toBe(2);
  const builder = smallSegments();
  const { signal } = new AbortController();
  for await (const _ of indexEvidence({ builder, store, digester }, open, { signal }));
  expect(builder.added).toBe(open.shards.length - 2);

  const whole = memoryEvidenceStore();
  for await (const _ of indexEvidence({ builder: smallSegments(), store: whole, digester }, open, { signal }));
  expect((await store.indexOf(open.cid))!.toString()).toBe((await whole.indexOf(open.cid))!.toString());
});
