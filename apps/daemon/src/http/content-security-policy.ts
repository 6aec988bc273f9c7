/** What pages of this hub may load and talk to: only the hub itself (A8). */
import { createHash } from 'node:crypto';

/** `host` was checked before (I11). xterm.js sets styles inline, so these are allowed; scripts need a hash. */
export const contentSecurityPolicy = ({ host, hashes }: { host: string; hashes: readonly string[] }): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes.map((hash) => `'sha256-${hash}'`).join(' ')}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' wss://${host}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Base64 SHA-256 of every inline script: SvelteKit starts the app with one. */
export const inlineScriptHashes = (page: string): string[] =>
  Array.from(page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi), ([, script]) =>
    createHash('sha256')
      .update(script ?? '')
      .digest('base64'),
  );
