// Forms of chat that can be said without a chat template: each turn is its text between two marks. A template has a form when it
// writes the same as the form for conversations of every shape that Ollama sends.

type Role = 'system' | 'user' | 'assistant';

interface PlainMessage {
  role: Role;
  content: string;
  [field: string]: string;
}

export interface ChatForm {
  /** What the tokenizer writes before a prompt; some templates write it, too. */
  bos: string;
  turns: Record<Exclude<Role, 'system'>, readonly [before: string, after: string]>;
  /** A turn of its own, a text before that of the first user with an empty line between, or none at all. */
  system: readonly [before: string, after: string] | 'with-user' | 'none';
  /** What is written for the model to go on from. */
  start: string;
  /** The system turn of a conversation without one. */
  defaultSystem: string | null;
}

const CHATML: ChatForm = {
  bos: '',
  system: ['<|im_start|>system\n', '<|im_end|>\n'],
  turns: { user: ['<|im_start|>user\n', '<|im_end|>\n'], assistant: ['<|im_start|>assistant\n', '<|im_end|>\n'] },
  start: '<|im_start|>assistant\n',
  defaultSystem: null,
};

const header = (role: Role) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;

const LLAMA3: ChatForm = {
  bos: '<|begin_of_text|>',
  system: [header('system'), '<|eot_id|>'],
  turns: { user: [header('user'), '<|eot_id|>'], assistant: [header('assistant'), '<|eot_id|>'] },
  start: header('assistant'),
  defaultSystem: null,
};

const GEMMA: ChatForm = {
  bos: '<bos>',
  system: 'with-user',
  turns: {
    user: ['<start_of_turn>user\n', '<end_of_turn>\n'],
    assistant: ['<start_of_turn>model\n', '<end_of_turn>\n'],
  },
  start: '<start_of_turn>model\n',
  defaultSystem: null,
};

/** Versions of Mistral's differ in the spaces. */
const mistral = (user: readonly [string, string], answer: string, end: string): ChatForm => ({
  bos: '<s>',
  system: 'with-user',
  turns: { user, assistant: [answer, end] },
  start: '',
  defaultSystem: null,
});

const FORMS: readonly ChatForm[] = [
  CHATML,
  LLAMA3,
  GEMMA,
  mistral(['[INST] ', ' [/INST]'], '', '</s>'),
  mistral(['[INST] ', ' [/INST]'], ' ', '</s>'),
  mistral(['[INST] ', '[/INST]'], ' ', '</s>'),
  mistral(['[INST]', '[/INST]'], '', '</s>'),
].flatMap((form) => (form.system === 'with-user' ? [form, { ...form, system: 'none' as const }] : [form]));

const SYSTEM: PlainMessage = { role: 'system', content: 'Answer in verse.' };
const SHORT: readonly PlainMessage[] = [{ role: 'user', content: 'Who wrote it?' }];
const LONG: readonly PlainMessage[] = [
  ...SHORT,
  { role: 'assistant', content: 'A poet.\nOf Rome' },
  { role: 'user', content: 'When' },
];

/** The form of what `render` writes of conversations; null for any other. `render` throws where the template refuses one. */
export function findChatForm(render: (messages: readonly PlainMessage[]) => string): ChatForm | null {
  const attempt = (messages: readonly PlainMessage[]): string | null => {
    try {
      return render(messages);
    } catch {
      // The template refuses conversations of this shape.
      return null;
    }
  };
  const written = [SHORT, LONG, [SYSTEM, ...SHORT], [SYSTEM, ...LONG]].map((messages) => ({
    messages,
    text: attempt(messages),
  }));
  return (
    FORMS.map((form) => ({ ...form, defaultSystem: defaultSystemOf(form, written[0]!.text) })).find((form) =>
      written.every(({ messages, text }) => {
        const isRefused = form.system === 'none' && messages[0]!.role === 'system';
        return isRefused
          ? text === null
          : text !== null && [form.bos, ''].includes(rest(text, renderForm(form, messages)));
      }),
    ) ?? null
  );
}

/** What stands before `end`; a text that is no BOS where `text` does not end so. */
const rest = (text: string, end: string): string =>
  text.endsWith(end) ? text.slice(0, text.length - end.length) : '\0';

function defaultSystemOf({ bos, system, ...form }: ChatForm, text: string | null): string | null {
  if (text === null || typeof system === 'string') return null;
  const plain = renderForm({ ...form, bos, system, defaultSystem: null }, SHORT);
  const before = rest(text, plain).slice(text.startsWith(bos) ? bos.length : 0);
  const isTurn = before.startsWith(system[0]) && before.endsWith(system[1]) && before.length >= system.join('').length;
  return isTurn ? before.slice(system[0].length, before.length - system[1].length) : null;
}

function renderForm({ turns, system, start, defaultSystem }: ChatForm, messages: readonly PlainMessage[]): string {
  const isTurn = typeof system !== 'string';
  let pending = '';
  let text = '';
  if (isTurn && defaultSystem !== null && messages[0]?.role !== 'system') text += system[0] + defaultSystem + system[1];
  for (const { role, content } of messages) {
    if (role === 'system') {
      if (isTurn) text += system[0] + content + system[1];
      else pending = `${content}\n\n`;
      continue;
    }
    const [before, after] = turns[role === 'user' ? 'user' : 'assistant'];
    text += before + pending + content + after;
    pending = '';
  }
  return text + start;
}

/** The form in the language of Go's templates, as Ollama fills it; null where a text of it would be read as a part of that language. */
export function goTemplate({ turns, system, start, defaultSystem }: ChatForm): string | null {
  if (/\{\{|\}\}|"""/.test(defaultSystem ?? '')) return null;
  const isTurn = typeof system !== 'string';
  const said = '{{ $m.Content }}';
  const [user, assistant] = [turns.user, turns.assistant];
  const beside = system === 'with-user' ? '{{ if and $.System (eq $i 1) }}{{ $.System }}\n\n{{ end }}' : '';
  const opening = isTurn && defaultSystem !== null ? `{{ if not .System }}${system.join(defaultSystem)}{{ end }}` : '';
  const ofSystem = isTurn ? `{{ if eq $m.Role "system" }}${system.join(said)}{{ else if` : '{{ if';
  return (
    `${opening}{{ range $i, $m := .Messages }}${ofSystem} eq $m.Role "user" }}${user[0]}${beside}${said}${user[1]}` +
    `{{ else if eq $m.Role "assistant" }}${assistant.join(said)}{{ end }}{{ end }}${start}`
  );
}
