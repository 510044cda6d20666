// Finds the learned words in a rendered conversation. In this order: the template's generation tags; the prefix rule (what the
// template writes after the prompt that precedes an answer); marks around the content of the answer. Knows no tokens.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatMessage } from '../chat-message.ts';
import { ChatTemplateError } from '../errors.ts';
import { stripEnd, stripStart } from '../jinja/white-space.ts';
import type { StopWords } from './end-of-turn.ts';
import type { ChatSource, LabelMethod } from './label-source.ts';
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

function spanByPrefix(
  { messages }: ChatSource,
  at: number,
  text: string,
  { render, stops }: SpanTools,
): AnswerSpan | null {
  if (at === 0) return null;
  let prompt: string;
  let upTo: string;
  try {
    prompt = render(messages.slice(0, at), { addGenerationPrompt: true });
    upTo = render(messages.slice(0, at + 1), { addGenerationPrompt: false });
  } catch (error) {
    // A template may refuse a conversation that stops here; the marks are tried next.
    if (error instanceof ChatTemplateError) return null;
    throw error;
  }
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
    } = takeMarks(render(marked, { addGenerationPrompt: false }), marks);
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
  let before: string;
  let prompt: string;
  let upTo: string;
  try {
    before = render(messages.slice(0, at), { addGenerationPrompt: false });
    prompt = render(messages.slice(0, at), { addGenerationPrompt: true });
    upTo = at === messages.length - 1 ? text : render(messages.slice(0, at + 1), { addGenerationPrompt: false });
  } catch (error) {
    if (error instanceof ChatTemplateError) return null;
    throw error;
  }
  if (![before, upTo].every((one) => text.startsWith(one)) || !prompt.startsWith(before)) return null;
  let start = before.length;
  while (start < prompt.length && prompt[start] === text[start]) start++;
  const end = start > before.length ? stops.endWithin(text, start, upTo.length) : null;
  return end === null ? null : { start, end, isEnded: true, method: 'prompt' };
}

/** The content with marks around its words: all of them, or those behind the last thought, which templates leave out of history. */
function markContent(
  content: Plain,
  [open, close]: readonly [string, string],
  from: 'start' | 'thought',
): Plain | null {
  if (typeof content === 'string') {
    const thought = content.lastIndexOf('</think>');
    if (from === 'thought' && thought < 0) return null;
    const begin = from === 'start' ? 0 : thought + '</think>'.length;
    const words = stripStart(stripEnd(content.slice(begin)));
    if (words === '') return null;
    // White space at both ends stays outside, where a template may trim it as Python does.
    const start = content.indexOf(words, begin);
    return content.slice(0, start) + open + words + close + content.slice(start + words.length);
  }
  if (!Array.isArray(content) || from !== 'start') return null;
  const parts = [...(content as Plain[])];
  const isWords = (part: Plain) =>
    isJsonObject(part) && typeof part['text'] === 'string' && stripStart(part['text']) !== '';
  const [first, last] = [parts.findIndex(isWords), parts.findLastIndex(isWords)];
  if (first < 0) return null;
  const change = (index: number, edit: (text: string) => string) => {
    const part = parts[index] as { readonly text: string };
    parts[index] = { ...part, text: edit(part.text) };
  };
  change(first, (text) => text.slice(0, text.length - stripStart(text).length) + open + stripStart(text));
  change(last, (text) => stripEnd(text) + close + text.slice(stripEnd(text).length));
  return parts;
}
