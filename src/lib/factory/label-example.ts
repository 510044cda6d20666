// A form becomes examples of at most `length` tokens, or the reason why not. A conversation is cut at its end, but never to one
// without loss; a long text becomes several examples.

import { type PayableError } from '#lib/core/errors.ts';
import { parseExactJson, type Plain } from '#lib/formats/json/exact-json.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatMessage } from '#lib/model/chat-message.ts';
import { ChatTemplateError } from '#lib/model/errors.ts';
import type { LabelledTokens, LabelSource } from '#lib/model/labels/label-source.ts';
import type { Unusable } from '#lib/model/labels/label-tokens.ts';
import type { ExampleForm, NoForm } from './example-form.ts';
import type { Labeller } from './training-example.ts';

export interface LabelOptions {
  /** Most tokens of an example. */
  length: number;
  /** Variables of the chat template, such as `enable_thinking`. */
  variables?: Readonly<Record<string, Plain>>;
}

export interface LabelledExample extends LabelledTokens {
  /** Tokens that were cut off at the end. */
  cut: number;
}

export function labelExample(form: ExampleForm, labeller: Labeller, options: LabelOptions): LabelledExample[] | NoForm {
  const labelled = labelForm(form, labeller, options);
  if ('reason' in labelled) return labelled;
  const { ids, loss } = labelled;
  const first = loss.indexOf(1);
  if (first < 0) return { reason: 'no token of it carries loss' };
  const { length } = options;
  if (ids.length <= length) return [{ ...labelled, cut: 0 }];
  if (form.kind === 'text') return windowsOf(labelled, length);
  if (first >= length) return { reason: `its first learned token comes after the length limit of ${length}` };
  return [{ ...labelled, ids: ids.slice(0, length), loss: loss.slice(0, length), cut: ids.length - length }];
}

/** Each window but the first begins with the last token of the one before it, so that every token is learned once. */
function windowsOf(labelled: LabelledTokens, length: number): LabelledExample[] {
  const { ids, hasBos } = labelled;
  const windows: LabelledExample[] = [];
  const opening = hasBos ? ids.slice(0, 1) : [];
  for (let from = opening.length; from < ids.length - 1;) {
    const isFirst = windows.length === 0;
    const window = [...opening, ...ids.slice(from, from + length - opening.length)];
    const context = opening.length + (isFirst && hasBos ? 0 : 1);
    windows.push({
      ...labelled,
      ids: window,
      loss: Uint8Array.from(window, (_, at) => (at < context ? 0 : 1)),
      cut: 0,
    });
    from += length - opening.length - 1;
  }
  return windows;
}

function labelForm(form: ExampleForm, labeller: Labeller, { variables }: LabelOptions): LabelledTokens | Unusable {
  if (form.kind === 'text') return labeller.label(form);
  if (!labeller.hasChatTemplate) {
    if (form.plain) return labeller.label({ kind: 'completion', ...form.plain });
    return { reason: 'the model has no chat template, and the row is more than one question and its answer' };
  }
  const { messages, tools, documents, learned } = form;
  const source = { kind: 'chat', messages, tools, documents, learned, ...(variables && { variables }) } as const;
  const spelled = withArguments(messages);
  try {
    return labeller.label({ ...source, messages: spelled ?? messages });
  } catch (error) {
    if (!(error instanceof ChatTemplateError)) throw error;
    return spelled ? labelAsWritten(source, labeller) : refused(error);
  }
}

/** Some templates want the arguments of calls as text, as the row has them. */
function labelAsWritten(source: LabelSource, labeller: Labeller): LabelledTokens | Unusable {
  try {
    return labeller.label(source);
  } catch (error) {
    if (error instanceof ChatTemplateError) return refused(error);
    throw error;
  }
}

const refused = ({ message }: PayableError): Unusable => ({ reason: message.slice(0, 300).replace(/[.]$/, '') });

/** Messages whose calls have their arguments as values, which most templates expect; null when there is nothing to change. */
function withArguments(messages: readonly ChatMessage[]): ChatMessage[] | null {
  const changed = messages.map((message) => {
    const { tool_calls: calls } = message;
    if (!Array.isArray(calls)) return message;
    const read = (calls as readonly Plain[]).map((call) => callWithValues(call) ?? call);
    return read.some((call, i) => call !== (calls as readonly Plain[])[i]) ? { ...message, tool_calls: read } : message;
  });
  return changed.some((message, i) => message !== messages[i]) ? changed : null;
}

/** Null for a call whose arguments are values already, or no JSON of an object or a list. */
function callWithValues(call: Plain): Plain | null {
  const made = isJsonObject(call) ? call['function'] : undefined;
  if (!isJsonObject(call) || !isJsonObject(made) || typeof made['arguments'] !== 'string') return null;
  try {
    const value = parseExactJson(made['arguments'], 'arguments');
    if (typeof value !== 'object' || value === null || value instanceof Number) return null;
    return { ...call, function: { ...made, arguments: value } };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
