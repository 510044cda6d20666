// `payable generate`: one streamed answer, or many at once from a file of requests.

import type { Engine, GenerateEvent, GenerateRequest } from '#lib/engine/engine.ts';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { Command, CommandContext, OptionValues } from '../command.ts';
import { chooseEngine, deviceName, ENGINE_HELP, ENGINE_OPTIONS, openEngine } from '../engine-options.ts';
import { FileError } from '#node/errors.ts';
import { RequestsFailedError, UsageError } from '../errors.ts';
import { GENERATE_OPTIONS, requestFromLine, requestFromOptions, type LineRequest } from '../generate-request.ts';
import { readJsonLines } from '../input-files.ts';
import * as option from '../option-values.ts';

export const generate: Command = {
  summary: 'answer a prompt, or a file of prompts at once',
  help: `payable generate --model DIR [--adapter DIR[:SCALE]]... (--prompt TEXT | --chat FILE.json | --ids 1,2,3) [--json]
payable generate --model DIR --requests FILE.jsonl --json

Streams the answer as text; with --json prints one object {"ids", "text", "finish", "timings", "device"} at the end.
With --requests every line is {"id", "adapter": DIR | [[DIR, weight], ...] | null, "prompt" | "ids" | "messages",
"maxTokens", "seed", "temperature", "topP", "topK", "minP", "repetitionPenalty", "presencePenalty", "frequencyPenalty",
"noRepeatNgramSize", "minNewTokens", "stop"}, with "messages" also "tools", "documents", "chat_template_kwargs",
"add_generation_prompt" and "continue_final_message"; all run together in one engine and each prints one JSON line when it
is done.

${ENGINE_HELP}
  --prompt TEXT          text as it is        --chat FILE.json  messages, through the chat template (see payable render)
  --ids 1,2,3            token ids            --requests FILE   many requests, one JSON object per line
                         An adapter that begins at an invocation (aLoRA) is applied from there on. A prompt of messages ends
                         with it; in --prompt and --ids you write it. "notInvoked" lists adapters whose invocation is missing.
  --max-tokens N         default 128          --seed N          default 0
  --temperature X        0 is greedy (default)
  --top-p X  --top-k N  --min-p X             narrow the choice
  --repetition-penalty X                      weakens tokens that stand in prompt or answer; 1 is off
  --presence-penalty X  --frequency-penalty X weaken tokens that stand in the answer
  --no-repeat-ngram-size N                    no N tokens come twice in the same order; 0 is off
  --min-new-tokens N                          no end before
                         What you do not say of these is taken from the model's generation_config.json.
  --stop TEXT            ends the answer; may be repeated
  --logprobs N           with --json: "logprobs", for every token its log-probability and the N most likely ones (0 to 20)`,
  options: { ...ENGINE_OPTIONS, ...GENERATE_OPTIONS, requests: { type: 'string' }, json: { type: 'boolean' } },
  run: (values, context) =>
    option.text(values, 'requests') === undefined ? generateOne(values, context) : generateMany(values, context),
};

type Done = Extract<GenerateEvent, { type: 'done' }>;
type Token = Extract<GenerateEvent, { type: 'token' }>;

async function generateOne(values: OptionValues, { signal, write }: CommandContext): Promise<void> {
  const request = requestFromOptions(values);
  const json = option.flag(values, 'json');
  if (request.logprobs && !json)
    throw new UsageError('Option --logprobs needs --json.', 'Log-probabilities come as part of the JSON object.');
  const { engine, model, uses, log } = await openEngine(chooseEngine(values), signal);
  try {
    const logprobs: Pick<Token, 'id' | 'logprob' | 'top'>[] = [];
    const { done, missing } = await answer(engine, { ...request, adapters: uses }, signal, (token) => {
      const { text, id, logprob, top } = token;
      if (!json) write(text);
      // The last event, with text that was held back, has no token.
      else if (logprob !== undefined) logprobs.push({ id, logprob, ...(top && { top }) });
    });
    const { ids, text, finish, timings } = done;
    const asked = request.logprobs ? { logprobs } : {};
    const device = deviceName(model);
    if (json) write(`${JSON.stringify({ ids, text, finish, ...asked, timings, device, ...missing })}\n`);
    // A model without a tokenizer has no text to show.
    else write(text === '' && ids.length > 0 ? `${ids.join(',')}\n` : '\n');
    for (const name of missing.notInvoked ?? []) log(`${name} is not applied: its invocation is not in the prompt.`);
    if (finish === 'cancelled') throw new AbortedError();
  } finally {
    await engine.dispose();
  }
}

async function generateMany(values: OptionValues, { signal, write }: CommandContext): Promise<void> {
  const path = option.text(values, 'requests')!;
  if (!option.flag(values, 'json'))
    throw new UsageError('Option --requests needs --json.', 'Results come as one JSON object per line.');
  const other = Object.keys(GENERATE_OPTIONS).find((name) => values[name] !== undefined);
  if (other !== undefined || values['adapter'] !== undefined) {
    throw new UsageError(
      `Options --requests and --${other ?? 'adapter'} exclude each other.`,
      'Write it into the lines of the file.',
    );
  }
  const lines = readJsonLines(path).map((line) => requestFromLine(line, `${path} line ${line.line}`));
  if (lines.length === 0) throw new FileError(path, 'the file holds no request', 'Write one JSON object per line.');
  const { engine } = await openEngine(chooseEngine(values), signal);
  try {
    const ids = new Map<string, string>();
    for (const adapter of new Set(lines.flatMap(({ adapters }) => adapters.map((use) => use.path)))) {
      ids.set(adapter, (await engine.loadAdapter({ kind: 'directory', path: adapter })).id);
    }
    const run = async ({ id, adapters, request }: LineRequest): Promise<boolean> => {
      const uses = adapters.map(({ path: adapter, weight }) => ({ id: ids.get(adapter)!, weight }));
      try {
        const { done, missing } = await answer(engine, { ...request, adapters: uses }, signal);
        const { ids: said, text, finish, timings } = done;
        write(`${JSON.stringify({ id, ids: said, text, finish, timings, ...missing })}\n`);
        return true;
      } catch (error) {
        if (!(error instanceof PayableError) || error instanceof AbortedError) throw error;
        write(`${JSON.stringify({ id, error: { code: error.code, message: error.toLine() } })}\n`);
        return false;
      }
    };
    const results = await Promise.all(lines.map(run));
    if (signal.aborted) throw new AbortedError();
    const failed = results.filter((good) => !good).length;
    if (failed > 0) throw new RequestsFailedError(failed, results.length);
  } finally {
    await engine.dispose();
  }
}

async function answer(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal,
  onToken?: (token: Token) => void,
): Promise<{ done: Done; missing: { notInvoked?: string[] } }> {
  let missing: { notInvoked?: string[] } = {};
  for await (const event of engine.generate(request, signal)) {
    if (event.type === 'start' && event.notInvoked) missing = { notInvoked: await namesOf(engine, event.notInvoked) };
    if (event.type === 'token') onToken?.(event);
    if (event.type === 'done') return { done: event, missing };
  }
  throw new AbortedError();
}

async function namesOf(engine: Engine, ids: readonly string[]): Promise<string[]> {
  const adapters = await engine.listAdapters();
  return adapters.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
}
