// Roles in a chat: the roles of rows, and the names that files use for them.

export const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;
export type Role = (typeof ROLES)[number];
export type RoleNames = Readonly<Record<string, Role>>;

const KNOWN: RoleNames = {
  ...{ system: 'system', developer: 'developer' },
  ...{ user: 'user', human: 'user', prompter: 'user', customer: 'user', instruction: 'user' },
  ...{ assistant: 'assistant', gpt: 'assistant', bot: 'assistant', model: 'assistant', ai: 'assistant' },
  ...{ chatgpt: 'assistant', bing: 'assistant', bard: 'assistant', chatbot: 'assistant', output: 'assistant' },
  ...{ function_call: 'assistant', tool_call: 'assistant', tool_calls: 'assistant' },
  ...{ tool: 'tool', function: 'tool', observation: 'tool', ipython: 'tool', environment: 'tool' },
  ...{ tool_response: 'tool', tool_result: 'tool', function_response: 'tool', function_result: 'tool' },
};

/** The role called `said`, by this file's names first; null when unknown. */
export function roleOf(said: unknown, names: RoleNames): Role | null {
  if (typeof said !== 'string') return null;
  const small = said.trim().toLowerCase();
  const plain = small.replace(/[ -]/g, '_');
  if (Object.hasOwn(names, small)) return names[small]!;
  return Object.hasOwn(KNOWN, plain) ? KNOWN[plain]! : null;
}

/** Whether a turn with this role is a call, written as JSON. */
export const isCallName = (said: unknown): boolean =>
  typeof said === 'string' && /^(?:function|tool)[ _-]calls?$/i.test(said.trim());
