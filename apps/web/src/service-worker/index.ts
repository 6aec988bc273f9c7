/** Keeps the shell of the application, so that it opens without a network and says that it is offline. Data is never cached. */
import { assets, immutable } from '$app/manifest';
import { self } from '$app/service-worker';
import { version } from '$app/env';
import { listenForPush } from './push.ts';

const cacheName = `navis-shell-${version}`;
/** Answered by the hub itself: never from the cache. */
const shellPath = '/';
const pagePaths =
  /^\/(pair|terminal\/[^/]+|c(\/[^/]+)?|approvals(\/[^/]+)?|r|p(\/[^/]+)?|fleet|settings(\/(devices|models|access))?)?$/;
/** A network that answers no sooner is as good as none. */
const pagePatienceMs = 3_000;
/** Fonts of other writings and the terminal's parts load when they are used, then stay. */
const isForLater = (path: string): boolean => path.endsWith('.woff2') && !/-latin-wght-normal/.test(path);

const shellFiles = (): string[] =>
  [...immutable, ...assets]
    .map(({ path }) => new URL(path, self.location.origin).pathname)
    .filter((path) => !isForLater(path))
    .concat(shellPath);

listenForPush(self);

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(cacheName);
      await cache.addAll(shellFiles().map((path) => new Request(path, { cache: 'no-cache' })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const names = (await caches.keys()).filter((name) => name !== cacheName);
      // Pages of the version before may still load parts of it.
      await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pagePaths.test(url.pathname)) event.respondWith(answerPage(request));
  else if (url.pathname.startsWith('/_app/immutable/') || isShellFile(url.pathname)) {
    event.respondWith(answerFile(request));
  }
});

const isShellFile = (path: string): boolean =>
  assets.some((asset) => new URL(asset.path, self.location.origin).pathname === path);

/** The network's page when it comes soon, so that a new version is seen at once; else the kept one. */
const answerPage = async (request: Request): Promise<Response> => {
  const kept = async (): Promise<Response | undefined> => (await caches.open(cacheName)).match(shellPath);
  const fetched = fetch(request);
  const patience = new Promise<undefined>((resolve) => setTimeout(resolve, pagePatienceMs));
  const soon = await Promise.race([fetched.catch(() => undefined), patience]);
  return soon ?? (await kept()) ?? fetched;
};

const answerFile = async (request: Request): Promise<Response> => {
  const kept = await caches.match(request, { ignoreSearch: true });
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) {
    const copy = response.clone();
    const cache = await caches.open(cacheName);
    await cache.put(request, copy);
  }
  return response;
};
