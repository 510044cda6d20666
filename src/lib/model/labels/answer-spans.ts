// Finds the learned words in a rendered conversation. In this order: the template's generation tags; the prefix rule (what the
// template writes after the prompt that precedes an answer); marks around the content of the answer; what follows the shared part of
// that prompt. Knows no tokens.

import type { ChatMessage } from '../chat-message.ts';
import { ChatTemplateError } from '../errors.ts';
import type { StopWords } from './end-of-turn.ts';
import type { ChatSource, LabelMethod } from './label-source.ts';
import { markContent } from './mark-content.ts';
import { takeMarks } from './private-marks.ts';

export interface AnswerSpan {
  start: number;
  end: number;
  /** A token at which the model stops is part of it. */
  isEnded: boolean;
  method: LabelMethod;
}

export interface RenderedAnswers {
  text: string;
  spans: AnswerSpan[];
  /** Numbers, from 1, of messages that were to be learned and cannot be found in the text. */
  missed: number[];
}

export interface SpanTools {
  /** Messages to text, as the model's template writes them. `tags`: with the marks around what generation tags enclose. */
  render(
    messages: readonly ChatMessage[],
    options: { addGenerationPrompt: boolean; tags?: readonly [string, string] },
  ): string;
  marks: readonly [open: string, close: string];
  stops: StopWords;
}

/** @throws ChatTemplateError when the template refuses the whole conversation */
export function findAnswers(source: ChatSource, tools: SpanTools): RenderedAnswers {
  const { messages, learned } = source;
  const { marks, render } = tools;
  const {
    text,
    places: [opens, closes],
  } = takeMarks(render(messages, { addGenerationPrompt: false, tags: marks }), marks);
  const tagged = spansOfTags(opens!, closes!, text, tools.stops);
  const answers = messages.flatMap(({ role }, at) => (role === 'assistant' ? [at] : []));
  const wanted = answers.filter((at) => learned[at]);
  if (tagged.length > 0 && tagged.length === answers.length)
    return { text, spans: tagged.filter((_, i) => learned[answers[i]!]), missed: [] };
  if (tagged.length > 0 && wanted.length === answers.length) return { text, spans: tagged, missed: [] };
  const found: RenderedAnswers = { text, spans: [], missed: [] };
  for (const at of wanted) {
    const span =
      spanByPrefix(source, at, text, tools) ??
      spanByMarks(source, at, text, tools) ??
      spanBySharedPrompt(source, at, text, tools);
    if (span) found.spans.push(span);
    else found.missed.push(at + 1);
  }
  return found;
}

/** What the tags enclose, and the end of the turn when it follows directly. */
function spansOfTags(
  opens: readonly number[],
  closes: readonly number[],
  text: string,
  stops: StopWords,
): AnswerSpan[] {
  if (opens.length !== closes.length) return [];
  return opens.map((start, i) => {
    const close = closes[i]!;
    if (stops.endWithin(text, start, close) !== null) return { start, end: close, isEnded: true, method: 'tags' };
    return { start, ...endedBehind(text, close, stops), method: 'tags' };
  });
}

function endedBehind(text: string, at: number, stops: StopWords): Pick<AnswerSpan, 'end' | 'isEnded'> {
  const end = stops.endBehind(text, at);
  return { end: end ?? at, isEnded: end !== null };
}

/** Null when the template refuses a conversation that stops here; the next method is tried then. */
function rendered(
  render: SpanTools['render'],
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): string | null {
  try {
    return render(messages, { addGenerationPrompt });
  } catch (error) {
    if (error instanceof ChatTemplateError) return null;
    throw error;
  }
}

function spanByPrefix(
  { messages }: ChatSource,
  at: number,
  text: string,
  { render, stops }: SpanTools,
): AnswerSpan | null {
  if (at === 0) return null;
  const prompt = rendered(render, messages.slice(0, at), true);
  const upTo = rendered(render, messages.slice(0, at + 1), false);
  if (prompt === null || upTo === null) return null;
  const start = prompt.length;
  if (!text.startsWith(prompt) || !upTo.startsWith(prompt) || upTo.length === start) return null;
  const hasStop = stops.endWithin(upTo, start, upTo.length) !== null;
  // A turn that writes a stop token writes it here, too, even where the template words earlier turns differently.
  const end = hasStop ? stops.endWithin(text, start, text.length) : null;
  if (end !== null) return { start, end, isEnded: true, method: 'prefix' };
  if (!text.startsWith(upTo)) return null;
  return { start, ...endedBehind(text, upTo.length, stops), method: 'prefix' };
}

function spanByMarks(
  { messages }: ChatSource,
  at: number,
  text: string,
  { render, marks, stops }: SpanTools,
): AnswerSpan | null {
  const message = messages[at]!;
  for (const from of ['start', 'thought'] as const) {
    const content = markContent(message.content, marks, from);
    if (content === null) continue;
    const marked = messages.map((one, i) => (i === at ? { ...message, content } : one));
    const {
      text: again,
      places: [opens, closes],
    } = takeMarks(rendered(render, marked, false) ?? '', marks);
    if (again !== text || opens!.length !== 1 || closes!.length !== 1) continue;
    return { start: opens![0]!, ...endedBehind(text, closes![0]!, stops), method: 'marks' };
  }
  return null;
}

/**
 * A turn without words, such as a call: from where the text leaves the prompt that precedes the turn, to the token that ends it. Only
 * where the conversation before is written as it is in the whole text. A token that the two share in part is learned.
 */
function spanBySharedPrompt(
  { messages }: ChatSource,
  at: number,
  text: string,
  { render, stops }: SpanTools,
): AnswerSpan | null {
  if (at === 0) return null;
  const before = rendered(render, messages.slice(0, at), false);
  const prompt = rendered(render, messages.slice(0, at), true);
  const upTo = at === messages.length - 1 ? text : rendered(render, messages.slice(0, at + 1), false);
  if (before === null || prompt === null || upTo === null) return null;
  if (!text.startsWith(before) || !text.startsWith(upTo) || !prompt.startsWith(before)) return null;
  let start = before.length;
  while (start < prompt.length && prompt[start] === text[start]) start++;
  const end = start > before.length ? stops.endWithin(text, start, upTo.length) : null;
  return end === null ? null : { start, end, isEnded: true, method: 'prompt' };
}
