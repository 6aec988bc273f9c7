/** Starts the service worker that keeps the shell for times without a network, and offers new versions. */
import type { Notices } from '../notices/notices.svelte.ts';

/** The worker fetches everything that the application has: not while the page loads what it needs itself. */
const loadingMs = 3_000;

/** Does nothing more where it is started already; rejects where the certificate is not trusted. */
export const startServiceWorker = (workers: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> =>
  workers.register('/service-worker.js', { type: 'module', updateViaCache: 'none' });

export const registerServiceWorker = (notices: Notices): void => {
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (workers === undefined) return;
  const hadWorker = workers.controller !== null;
  setTimeout(() => {
    startServiceWorker(workers).catch(() => {
      // An untrusted certificate forbids it; then the page only works with a network.
    });
  }, loadingMs);
  workers.addEventListener('controllerchange', () => {
    if (!hadWorker) return;
    const reload = { label: 'Reload', run: () => location.reload() };
    notices.show({ tone: 'calm', text: 'A new version of Navis is ready.', action: reload });
  });
};
