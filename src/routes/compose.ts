// Puts the chat's parts together: the database, the engine's worker, the states. The only place that makes them, once for the
// whole visit: the model, its adapters and the conversation stay while the reader goes from page to page.

import { Database } from '#lib/db/database.ts';
import { createConversations } from '#lib/db/conversations.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { startEngine } from '#lib/engine/shell/client.ts';
import { openKeptFiles } from '#lib/engine/shell/kept-files.ts';
import { AdapterChoiceState } from '#lib/state/adapter-choice.svelte.ts';
import { ChatState } from '#lib/state/chat-state.svelte.ts';
import { ModelState, type ModelSource, type Problem } from '#lib/state/model-state.svelte.ts';
import { SettingsState } from '#lib/state/settings.svelte.ts';
import { localStorageOrNull } from './local-storage.ts';

export interface App {
  model: ModelState;
  chat: ChatState;
  choice: AdapterChoiceState;
  settings: SettingsState;
  demo: ModelSource;
  drawSeed(): number;
}

async function findGpu(): Promise<Problem | null> {
  // The type says it is always there; the browser may know better.
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) {
    return isSecureContext
      ? { message: 'The browser does not know WebGPU or has it turned off.' }
      : { message: 'The page was not loaded over https or from localhost, so the browser hides WebGPU.' };
  }
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter ? null : { message: 'The browser knows WebGPU but found no graphics card it trusts with it.' };
}

let composed: App | null = null;

/** `base` is where the app lives, with a slash at its end. */
export const composeApp = (base: string): App => (composed ??= compose(base));

function compose(base: string): App {
  const model = new ModelState({
    startEngine,
    openFolder: openBrowserFolder,
    openKeptFiles,
    findGpu,
    now: () => performance.now(),
  });
  const chat = new ChatState({
    conversations: createConversations(new Database()),
    now: () => Date.now(),
    newId: () => crypto.randomUUID(),
  });
  // The worker and its GPU memory go with the page, unless the browser only sets the page aside.
  window.addEventListener('pagehide', ({ persisted }) => {
    if (persisted) return;
    chat.close();
    model.close();
  });
  return {
    model,
    chat,
    choice: new AdapterChoiceState(),
    settings: new SettingsState(localStorageOrNull()),
    demo: { kind: 'hosted', url: new URL(`${base}models/nano/`, location.origin).href },
    drawSeed: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
  };
}
