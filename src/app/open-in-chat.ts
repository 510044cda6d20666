// Takes an adapter that was trained here into the chat: opens its base, unless it is open, and applies the adapter.

import type { FactoryBase } from '#lib/state/factory-run.ts';
import { composeChat } from './compose-chat.ts';

/** What goes wrong is shown in the chat. */
export async function openInChat(base: FactoryBase, adapterId: string): Promise<void> {
  const { model, inUse, choice, settings, hub, demo } = composeChat();
  const adapter = await hub.kept.get(adapterId);
  if (base.kind === 'demo') {
    if (!(model.isDemo && model.status === 'ready')) {
      inUse.forget();
      await model.open(demo, settings.loading);
    }
  } else if (inUse.current?.id !== base.id || model.status !== 'ready') {
    const found = await hub.kept.get(base.id);
    if (found) await inUse.open(found, settings.keptLoading);
  }
  if (model.status !== 'ready' || !adapter) return;
  const id = await inUse.addAdapter(adapter);
  if (id !== undefined) choice.choose(id);
}
