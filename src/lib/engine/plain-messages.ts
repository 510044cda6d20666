// Prompts for runtimes that read text alone: plain text, or messages that are roles and text, rendered by a template of their own.

import type { ChatPrompt, Prompt } from '#lib/model/chat-message.ts';
import { RequestError } from './errors.ts';

export interface PlainMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

const ROLES: readonly string[] = ['system', 'user', 'assistant'];

/** The prompt, unless it is token ids. @throws RequestError */
export function textPrompt(prompt: Prompt, runtime: string): Exclude<Prompt, { ids: number[] }> {
  if (!('ids' in prompt)) return prompt;
  throw new RequestError(`${runtime} reads text, not token ids.`, 'Send text or messages.');
}

/** Ends with a message of the user. @throws for what such a runtime would leave out */
export function plainMessages(prompt: ChatPrompt, runtime: string): PlainMessage[] {
  const { messages, tools, documents, variables, addGenerationPrompt = true, continueFinalMessage } = prompt;
  const hint = "Leave it out, or open the model on Payable's own engine.";
  if (tools?.length || documents?.length || Object.keys(variables ?? {}).length > 0)
    throw new RequestError(`${runtime} takes no tools, documents or variables of templates.`, hint);
  if (!addGenerationPrompt || continueFinalMessage) throw new RequestError(`${runtime} only begins new answers.`, hint);
  const plain = messages.map(({ role, content }, at): PlainMessage => {
    if (ROLES.includes(role) && typeof content === 'string') return { role: role as PlainMessage['role'], content };
    throw new RequestError(`Message ${at + 1} is not text of system, user or assistant.`, hint);
  });
  if (plain.at(-1)?.role !== 'user')
    throw new RequestError('The last message is not of the user.', 'End the conversation with a question.');
  return plain;
}
