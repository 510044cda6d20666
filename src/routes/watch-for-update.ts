// Registers the service worker of a built app and says when a newer version waits.

import { dev } from '$app/environment';
import { resolve } from '$app/paths';
import { Workbox } from 'workbox-window';

export interface Update {
  /** Activates the newer version and reloads. */
  take(): void;
}

/** Returns a way to stop watching. */
export function watchForUpdate(onUpdate: (update: Update) => void): () => void {
  if (dev || !('serviceWorker' in navigator)) return () => undefined;
  const workbox = new Workbox(`${resolve('/')}service-worker.js`);
  const onWaiting = () => {
    onUpdate({
      take() {
        workbox.addEventListener('controlling', () => location.reload());
        workbox.messageSkipWaiting();
      },
    });
  };
  workbox.addEventListener('waiting', onWaiting);
  // Without a service worker the app still works; it only needs the network at the next visit.
  workbox.register().catch(() => undefined);
  return () => workbox.removeEventListener('waiting', onWaiting);
}
