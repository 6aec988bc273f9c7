/** The files of the PWA: what was built, as it was built, with the headers that keep it safe and fast (I7, A8). */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { NavisError } from '@navisai/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentSecurityPolicy, inlineScriptHashes } from './content-security-policy.ts';
import { missingWebPage } from './missing-web-page.ts';

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** SvelteKit puts the hash of their content into the names of these. */
const immutablePrefix = '/_app/immutable/';

/** A worker obeys the policy that its own file came with; it has to fetch what it keeps. */
const workerPath = '/service-worker.js';
const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** Answers GET and HEAD of everything that is no route. Rejects NavisError NOT_FOUND. */
export type WebFiles = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export const createWebFiles =
  (folder: string): WebFiles =>
  async (request, reply) => {
    const path = pathOf(request.raw.url ?? '/');
    const file = path === undefined ? undefined : await findFile(folder, path, request);
    if (file !== undefined && path !== undefined && path !== '/index.html')
      return sendFile(reply, { ...file, path, request });
    const wantsPage = (request.headers.accept ?? '').includes('text/html') || path === '/' || path === '/index.html';
    if (!wantsPage) throw new NavisError('NOT_FOUND', 'There is no such address here.');
    return sendPage(reply, { folder, request });
  };

/** `undefined` for a path that no built file can have. */
const pathOf = (url: string): string | undefined => {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, ''));
    const isPlain = path.startsWith('/') && !/[\0\\]|\/\.|\/\//.test(path) && path.length < 500;
    return isPlain ? path : undefined;
  } catch {
    return undefined;
  }
};

interface FoundFile {
  file: string;
  encoding: 'br' | 'gzip' | undefined;
  etag: string;
}

const findFile = async (folder: string, path: string, request: FastifyRequest): Promise<FoundFile | undefined> => {
  if (path.endsWith('/')) return undefined;
  const file = join(folder, ...path.split('/'));
  if (!file.startsWith(folder + sep)) return undefined;
  const plain = await etagOf(file);
  if (plain === undefined) return undefined;
  const accepted = request.headers['accept-encoding'] ?? '';
  for (const [encoding, ending] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    const etag = accepted.includes(encoding) ? await etagOf(file + ending) : undefined;
    if (etag !== undefined) return { file: file + ending, encoding, etag };
  }
  return { file, encoding: undefined, etag: plain };
};

const etagOf = async (file: string): Promise<string | undefined> => {
  const stats = await stat(file).catch(() => undefined);
  return stats?.isFile() === true
    ? `"${stats.size.toString(36)}-${Math.round(stats.mtimeMs).toString(36)}"`
    : undefined;
};

const sendFile = async (
  reply: FastifyReply,
  { file, encoding, etag, path, request }: FoundFile & { path: string; request: FastifyRequest },
): Promise<FastifyReply> => {
  const isImmutable = path.startsWith(immutablePrefix);
  reply
    .header('cache-control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('vary', 'accept-encoding')
    .header('etag', etag);
  if (path === workerPath) reply.header('content-security-policy', workerPolicy);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(contentTypes[extname(path)] ?? 'application/octet-stream').send(await readFile(file));
};

/** The shell of the PWA, for `/` and every address that the PWA itself routes. */
const sendPage = async (
  reply: FastifyReply,
  { folder, request }: { folder: string; request: FastifyRequest },
): Promise<FastifyReply> => {
  const built = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined);
  const page = built ?? missingWebPage;
  const etag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 20)}"`;
  reply
    .header('cache-control', 'no-cache')
    .header('etag', etag)
    .header(
      'content-security-policy',
      contentSecurityPolicy({ host: request.headers.host ?? '', hashes: inlineScriptHashes(page) }),
    );
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply
    .code(built === undefined ? 503 : 200)
    .type('text/html; charset=utf-8')
    .send(page);
};
