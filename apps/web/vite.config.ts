/** Builds the PWA: a single-page application with a strict content security policy and precompressed, hashed assets. */
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { firstLoads } from './first-loads.ts';
import { routeAddresses } from './route-addresses.ts';

/**
 * Our own code and what it stands on. Not SvelteKit: it must not run before it was told its version and base. Not what
 * loads when it is first shown.
 */
const isShared = (id: string): boolean =>
  /\/node_modules\/(svelte|@lucide)\/|\/packages\/(client|link|protocol)\/|\/src\/lib\//.test(id) &&
  !/\/src\/lib\/(terminal|settings|pairing|conversation(?!\/conversation-memory)|approvals)\/|\/client\/src\/conversation/.test(
    id,
  ) &&
  !/\/src\/lib\/(push|devices|conversations\/(Agent|Pick|No|Search|agent-))|\/(approval-decision|approval-rules|signed-statements)\.ts/.test(
    id,
  );

const loads = firstLoads({
  '/(hub)/terminal/[id]': /@xterm\/(xterm|addon-search|addon-web-links)\/|\/(xterm\.|jetbrains-mono-latin-wght-normal)/,
  '/(hub)/c/[id]': /\/node_modules\/(marked|dompurify)\//,
});

export default defineConfig({
  // Inlined files would be `data:` addresses, which the policy below forbids.
  build: {
    assetsInlineLimit: 0,
    target: ['chrome125', 'firefox129', 'safari17.5'],
    // What pages share comes in one piece: thirty small ones would cost a fifth more to fetch.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shell', test: isShared, minShareCount: 2 }] } } },
  },
  plugins: [
    routeAddresses(),
    loads.plugin,
    tailwindcss(),
    sveltekit({
      adapter: loads.into(adapter({ fallback: 'index.html', precompress: true })),
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          // xterm.js sizes its rows with style elements.
          'style-src': ['self', 'unsafe-inline'],
          'font-src': ['self'],
          'img-src': ['self', 'data:'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'base-uri': ['none'],
          'form-action': ['none'],
        },
      },
      serviceWorker: { register: false },
    }),
  ],
});
