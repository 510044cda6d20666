// Continues the last message: appends a marker to it and cuts the rendered prompt at the marker. Follows transformers step by
// step, so that prompts end at the same place.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatMessage } from './chat-message.ts';
import { stripEnd, stripStart } from './jinja/white-space.ts';

const MARK = 'CONTINUE_FINAL_MESSAGE_TAG ';

export interface Continued {
  messages: ChatMessage[];
  /** The rendered prompt up to the marker; null when the template dropped or changed the message. */
  cut(rendered: string): string | null;
}

/** Null when the last message has no text to continue. */
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
      // When the space after the marker is gone, the template trims message ends, so trim here, too.
      return rendered.startsWith(MARK, at) ? before : stripEnd(before);
    },
  };
}

/** The text to continue, and the content with the marker appended: to the last text part, if there are several. */
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
