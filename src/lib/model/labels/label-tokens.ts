// A training example becomes token ids with their loss. The whole text is tokenised once; a token carries loss when a character of
// the learned words is in it, as in transformers. Special tokens that users spell out stay words.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import type { ChatPrompt } from '../chat-message.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { findAnswers, type AnswerSpan } from './answer-spans.ts';
import { createStopWords } from './end-of-turn.ts';
import { createWordGuard } from './guard-words.ts';
import type { ChatSource, LabelledTokens, LabelSource } from './label-source.ts';
import { freeMarks, mapTexts, takeMarks } from './private-marks.ts';

export interface LabelTools {
  tokenizer: Tokenizer;
  /** The model's template; null when it has none. */
  render: ((prompt: ChatPrompt, tags?: readonly [string, string]) => string) | null;
  /** The texts of its templates, which may use private-use characters themselves. */
  templates: readonly string[];
  stopIds: ReadonlySet<number>;
  bosId: number | null;
  eosId: number | null;
}

type Unguarded = Omit<LabelledTokens, 'guarded'>;

/** Why an example cannot be used: a part of a sentence. */
export interface Unusable {
  reason: string;
}

/** @throws ChatTemplateError when the template refuses the conversation */
export function labelTokens(source: LabelSource, tools: LabelTools): LabelledTokens | Unusable {
  const marks = freeMarks([...tools.templates, ...textsOf(source)], 3);
  if (!marks) return { reason: 'it uses all private-use characters' };
  const [open, close, seam] = marks as [string, string, string];
  const words = createWordGuard(tools.tokenizer.specials, seam);
  const labelled = labelGuarded(source, words.guard, { open, close, seam }, tools);
  return 'ids' in labelled ? { ...labelled, guarded: words.found } : labelled;
}

function labelGuarded(
  source: LabelSource,
  guard: (text: string) => string,
  { open, close, seam }: { open: string; close: string; seam: string },
  tools: LabelTools,
): Unguarded | Unusable {
  if (source.kind === 'text') {
    const text = guard(source.text);
    return encode(text, [{ start: 0, end: text.length, isEnded: false, method: 'whole' }], seam, {
      ...tools,
      isRendered: false,
    });
  }
  if (source.kind === 'completion') {
    const prompt = guard(source.prompt);
    const text = prompt + guard(source.completion);
    const span: AnswerSpan = { start: prompt.length, end: text.length, isEnded: false, method: 'whole' };
    return encode(text, [span], seam, { ...tools, isRendered: false });
  }
  const { render, tokenizer, stopIds } = tools;
  if (!render) return { reason: 'the model has no chat template' };
  const prompt = guardChat(source, guard);
  const stops = createStopWords([...stopIds].flatMap((id) => tokenizer.tokenOf(id) ?? []));
  const { text, spans, missed } = findAnswers(prompt, {
    marks: [open, close],
    stops,
    render: (messages, { addGenerationPrompt, tags }) => render({ ...prompt, messages, addGenerationPrompt }, tags),
  });
  if (spans.length === 0 && missed.length > 0)
    return { reason: `the template does not write the answer in message ${missed[0]!} as it is` };
  const labelled = encode(text, spans, seam, { ...tools, isRendered: true });
  return 'ids' in labelled ? { ...labelled, missed } : labelled;
}

/** Spans may lie in any order; they are places of the text with its seams. */
function encode(
  guarded: string,
  guardedSpans: readonly AnswerSpan[],
  seam: string,
  { tokenizer, bosId, eosId, isRendered }: LabelTools & { isRendered: boolean },
): Unguarded | Unusable {
  const { text, places } = takeMarks(guarded, [seam]);
  const seams = places[0]!;
  const plainPlace = (place: number) => takeMarks(guarded.slice(0, place), [seam]).text.length;
  const spans = guardedSpans
    .map((span) => ({ ...span, start: plainPlace(span.start), end: plainPlace(span.end) }))
    .sort((a, b) => a.start - b.start);
  const wanted = spans.flatMap(({ start, end }) => [start, end]).sort((a, b) => a - b);
  const found = tokenizer.encodeAt(text, { places: wanted, seams });
  if (!found) return { reason: 'the tokenizer has no tokens that spell its text' };
  const placeOf = new Map(wanted.map((place, i) => [place, found.places[i]!]));
  const ids = found.ids;
  const loss = ids.map(() => 0);
  for (const { start, end } of spans) {
    if (end <= start) continue;
    const { token, inside } = placeOf.get(end)!;
    loss.fill(1, placeOf.get(start)!.token, token + (inside ? 1 : 0));
  }
  // A plain text, or an answer that ends the text without a stop token, is ended by the model's own end token.
  const last = spans.at(-1);
  if (last && !last.isEnded && eosId !== null && last.end >= text.trimEnd().length && last.end > last.start) {
    ids.push(eosId);
    loss.push(1);
  }
  beginWithBos(ids, loss, bosId, startsWithBos(tokenizer, bosId), isRendered);
  if (loss.length > 0) loss[0] = 0;
  return {
    ids,
    loss: Uint8Array.from(loss),
    hasBos: bosId !== null && ids[0] === bosId,
    methods: [...new Set(spans.map(({ method }) => method))],
    missed: [],
  };
}

/** Whether the tokenizer puts a BOS before every text. */
const startsWithBos = (tokenizer: Tokenizer, bosId: number | null): boolean =>
  bosId !== null && tokenizer.encode('', { addSpecial: true })[0] === bosId;

/** One BOS at the beginning, where the tokenizer adds one or the template writes one. */
function beginWithBos(ids: number[], loss: number[], bosId: number | null, adds: boolean, isRendered: boolean): void {
  if (bosId === null) return;
  if (adds && ids[0] !== bosId) {
    ids.unshift(bosId);
    loss.unshift(0);
  }
  while (isRendered && ids[0] === bosId && ids[1] === bosId) {
    ids.shift();
    loss.shift();
  }
}

/** Roles are read by templates and are none of the user's words. */
function guardChat(source: ChatSource, guard: (text: string) => string): ChatSource {
  const messages = source.messages.map(({ role, ...rest }) => ({ ...(mapTexts(rest, guard) as object), role }));
  const each = (list: readonly Plain[] | null | undefined) => list && list.map((one) => mapTexts(one, guard));
  return { ...source, messages, tools: each(source.tools) ?? null, documents: each(source.documents) ?? null };
}

function textsOf(source: LabelSource): string[] {
  if (source.kind === 'text') return [source.text];
  if (source.kind === 'completion') return [source.prompt, source.completion];
  const texts: string[] = [];
  const { messages, tools, documents, variables } = source;
  mapTexts([messages, tools, documents, variables], (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}
