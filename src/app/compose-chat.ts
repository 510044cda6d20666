// Puts the chat together: database, engine worker and states. They are made once and live until the page is closed, so the
// model, its adapters and the conversation survive navigation between pages.

import type { FolderRef } from '#lib/core/folder.ts';
import { createConversations } from '#lib/db/conversations.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { openKeptFiles } from '#lib/engine/shell/kept-files.ts';
import { removePrebuilt } from '#lib/engine/shell/prebuilt-files.ts';
import { ggufKind } from '#lib/model/sources/gguf-adapter.ts';
import { AdapterChoiceState } from '#lib/state/adapter-choice.svelte.ts';
import { ChatState } from '#lib/state/chat-state.svelte.ts';
import { KeptInUseState } from '#lib/state/kept-in-use.svelte.ts';
import { ModelState, type ModelSource } from '#lib/state/model-state.svelte.ts';
import { RuntimeChoiceState } from '#lib/state/runtime-choice.svelte.ts';
import { SettingsState } from '#lib/state/settings.svelte.ts';
import { appUrl } from './app-url.ts';
import { composeHub, type HubApp } from './compose-hub.ts';
import { database } from './database.ts';
import { findGpu, gpuFeatures } from './find-gpu.ts';
import { localStorageOrNull } from './local-storage.ts';
import { builtInModel, startAnyRuntime } from './start-any-runtime.ts';

export interface ChatApp {
  model: ModelState;
  runtimes: RuntimeChoiceState;
  chat: ChatState;
  choice: AdapterChoiceState;
  settings: SettingsState;
  demo: ModelSource;
  hub: HubApp;
  /** Which of what the hub gave is loaded. */
  inUse: KeptInUseState;
  drawSeed(): number;
  /** What a GGUF file holds, from its header. */
  ggufKind(folder: FolderRef): Promise<'model' | 'adapter'>;
}

let composed: ChatApp | null = null;

export const composeChat = (): ChatApp => (composed ??= compose());

function compose(): ChatApp {
  const model = new ModelState({
    startRuntime: startAnyRuntime,
    openFolder: openBrowserFolder,
    openKeptFiles,
    findGpu,
    onDamaged: (source) => void inUse.dropDamaged(source),
    now: () => performance.now(),
  });
  const chat = new ChatState({
    conversations: createConversations(database),
    now: () => Date.now(),
    newId: () => crypto.randomUUID(),
  });
  // Ends the worker and frees its GPU memory, unless the browser may restore the page from its cache.
  window.addEventListener('pagehide', ({ persisted }) => {
    if (persisted) return;
    chat.close();
    model.close();
  });
  const hub = composeHub();
  const { kept, openKept } = hub;
  const inUse = new KeptInUseState({ model, kept, openKept, storage: localStorageOrNull() });
  const runtimes = new RuntimeChoiceState({
    readList: async () => (await fetch(appUrl('web-llm.json'))).text(),
    removeFiles: removePrebuilt,
    gpuFeatures,
    hasBuiltIn: builtInModel() !== undefined,
    isIsolated: crossOriginIsolated,
  });
  return {
    model,
    runtimes,
    chat,
    choice: new AdapterChoiceState(),
    settings: new SettingsState(localStorageOrNull()),
    hub,
    inUse,
    demo: { kind: 'hosted', url: appUrl('models/nano/') },
    ggufKind: (folder) => ggufKind(openBrowserFolder(folder)),
    drawSeed: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
  };
}
