// Registers the service worker of a built app and reports when a newer version is ready.

import { dev } from '$app/environment';
import { Workbox } from 'workbox-window';
import { appUrl } from './app-url.ts';

export interface Update {
  /** Activates the newer version and reloads the page. */
  apply(): void;
}

/** Returns a function that stops watching. */
export function watchForUpdate(onUpdate: (update: Update) => void): () => void {
  if (dev || !('serviceWorker' in navigator)) return () => undefined;
  const workbox = new Workbox(appUrl('service-worker.js'));
  const onWaiting = () => {
    onUpdate({
      apply() {
        workbox.addEventListener('controlling', () => location.reload());
        workbox.messageSkipWaiting();
      },
    });
  };
  workbox.addEventListener('waiting', onWaiting);
  // Without a service worker the app still works online.
  workbox.register().catch(() => undefined);
  return () => workbox.removeEventListener('waiting', onWaiting);
}
