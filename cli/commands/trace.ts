// `payable trace`: the rows of Datanets in which the words of an answer stand.

import { createDigester } from '#lib/core/digester.ts';
import { createEvidenceBuilder } from '#lib/attribution/evidence/evidence-builder.ts';
import { memoryEvidenceStore } from '#lib/attribution/evidence/memory-evidence-store.ts';
import { openEvidence, type OpenEvidence } from '#lib/attribution/evidence/open-evidence.ts';
import { traceAnswer, type AnswerTrace } from '#lib/attribution/evidence/trace-answer.ts';
import { indexEvidence } from '#lib/flows/index-evidence.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { createNodeDigester } from '#node/digester.ts';
import type { Command } from '../command.ts';
import { withData } from '../datanet/open-data.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';

export const trace: Command = {
  summary: 'find the rows in which the words of an answer stand',
  help: `payable trace --text ANSWER --data DIR|ROWS.jsonl|MODEL [--data …] [--question TEXT] [--most N] [--json]

Finds the longest spans of an answer that stand word for word in rows of Datanets, and the rows that share most with
question and answer. This is evidence: it pays nothing, and rows that say the same in other words are not found.

  --text ANSWER      the answer
  --question TEXT    what was asked; it ranks rows, and no spans of it are looked for
  --data DATA        a directory that "payable datanet pack" wrote, a file of rows, or "nano" for its five Datanets
  --most N           rows, and places of each span (default 10)
  --json             print the result as one JSON object`,
  options: {
    text: { type: 'string' },
    question: { type: 'string' },
    data: { type: 'string', multiple: true },
    most: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(values, { write, signal }) {
    const answer = option.required(values, 'text', 'the answer');
    const data = option.list(values, 'data');
    if (data.length === 0) throw new UsageError('No rows are named.', 'Name them with --data.');
    const question = option.text(values, 'question');
    const most = option.whole(values, 'most', 1, 100) ?? 10;
    const digester = await createNodeDigester();
    await withData(data, digester, signal, async (versions) => {
      const evidence: OpenEvidence[] = [];
      for (const version of versions) evidence.push(await indexOf(version, signal));
      const found = await traceAnswer({ answer, evidence, most, ...(question !== undefined && { question }) }, signal);
      const names = versions.map(({ name }) => name);
      write(option.flag(values, 'json') ? `${JSON.stringify({ versions: names, ...found })}\n` : table(answer, found));
    });
  },
};

async function indexOf(version: OpenVersion, signal: AbortSignal): Promise<OpenEvidence> {
  const [store, digester] = [memoryEvidenceStore(), await createNodeDigester()];
  const context = { builder: createEvidenceBuilder(createDigester), store, digester };
  for await (const event of indexEvidence(context, version, { signal }))
    if (event.type === 'indexed') return openEvidence(version, event.index, store, digester, signal);
  throw new UsageError(`${version.name} has no rows.`, 'Name another version.');
}

function table(answer: string, { spans, rows, notices }: AnswerTrace): string {
  const lines = spans.flatMap(({ from, to, bits, occurrences, places }) => [
    `"${answer.slice(from, to)}": ${bits.toFixed(1)} bits, ${occurrences} times`,
    ...places.map(({ id, contributor, path, isVerbatim }) =>
      [`  ${id}`, contributor ?? 'no contributor', path, isVerbatim ? 'verbatim' : 'other case or blanks'].join('  '),
    ),
  ]);
  const ranked = rows.map(({ id, contributor, licence, score }) =>
    [score.toFixed(2).padStart(8), id, contributor ?? 'no contributor', licence].join('  '),
  );
  const asked = notices.map(({ terms, line }) => `  ${terms}: ${line}`);
  return [
    ...(lines.length > 0 ? lines : ['No span of the answer stands in these rows.']),
    'rows by shared words:',
    ...ranked,
    ...(asked.length > 0 ? ['licences of what is repeated:', ...asked] : []),
    '',
  ].join('\n');
}
