// Going on within the last message: a mark is put behind it, and what the template writes from the mark on is cut off.
// It follows transformers step by step, so that a prompt ends where it ends there.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatMessage } from './chat-message.ts';
import { stripEnd, stripStart } from './jinja/white-space.ts';

const MARK = 'CONTINUE_FINAL_MESSAGE_TAG ';

export interface Continued {
  messages: ChatMessage[];
  /** The rendered prompt up to the mark; null where the template dropped the message or changed it. */
  cut(rendered: string): string | null;
}

/** Null where the last message has no text to go on with. */
export function continueFinalMessage(messages: readonly ChatMessage[]): Continued | null {
  const last = messages.at(-1);
  if (!last) return null;
  const marked = markText(last.content);
  if (!marked) return null;
  const { text, content } = marked;
  return {
    messages: [...messages.slice(0, -1), { ...last, content }],
    cut: (rendered) => {
      const bareMark = MARK.trimEnd();
      const at = rendered.lastIndexOf(bareMark);
      if (at < 0 || !rendered.includes(stripEnd(stripStart(text)))) return null;
      const before = rendered.slice(0, at);
      // Without the space behind it, the template trims what messages end in.
      return rendered.startsWith(MARK, at) ? before : stripEnd(before);
    },
  };
}

/** The text to go on with, and the content with the mark behind it: the last part that is text, of several. */
function markText(content: Plain): { text: string; content: Plain } | null {
  if (typeof content === 'string') return { text: content, content: content + MARK };
  if (!Array.isArray(content)) return null;
  const parts = [...(content as Plain[])];
  const at = parts.findLastIndex((part) => isJsonObject(part) && typeof part['text'] === 'string');
  if (at < 0) return null;
  const part = parts[at] as { readonly text: string };
  parts[at] = { ...part, text: part.text + MARK };
  return { text: part.text, content: parts };
}
