// Prompts for wllama: messages are rendered with the model's template by the same code as on the product's own engine, so both read
// the same text; llama.cpp cuts it into tokens.

import type { Prompt } from '#lib/model/chat-message.ts';
import { createChatTemplate } from '#lib/model/chat-template.ts';
import { ChatTemplateError } from '#lib/model/errors.ts';
import type { GgufFields } from '#lib/model/sources/gguf-fields.ts';
import { tokenizerConfig } from '#lib/model/sources/gguf-folder.ts';
import { textPrompt } from '../plain-messages.ts';

export interface WllamaPrompts {
  /** `shown` is the text that the model reads. @throws RequestError for token ids, which this llama.cpp does not take */
  read(prompt: Prompt): { shown: string; sent: string };
}

interface PromptRules {
  /** llama.cpp writes a BOS token in front by itself. */
  addsBos: boolean;
  today(): Date;
}

export function createWllamaPrompts(fields: GgufFields, { addsBos, today }: PromptRules): WllamaPrompts {
  const { chat_template: source, ...named } = tokenizerConfig(fields);
  const specials = named as Record<string, string>;
  const template = typeof source === 'string' ? createChatTemplate(source, specials, fields.file) : null;
  const bos = specials['bos_token'];
  const sent = (text: string) => (addsBos && bos && text.startsWith(bos) ? text.slice(bos.length) : text);
  return {
    read(given) {
      const prompt = textPrompt(given, 'wllama');
      if ('text' in prompt) return { shown: prompt.text, sent: sent(prompt.text) };
      if (!template)
        throw new ChatTemplateError(fields.file, 'the model has no chat template', {
          hint: 'Send a plain text prompt.',
        });
      const text = template.render(prompt, today);
      return { shown: text, sent: sent(text) };
    },
  };
}
