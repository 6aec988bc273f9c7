/** Lets a browser ask at once for what the page at its address loads, where it would find that out step by step (W1). */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Adapter } from '@sveltejs/kit';
import type { Plugin, Rolldown } from 'vite';

/** What pages load by themselves as soon as they run, by the folder of their route. */
export type LoadedSoon = Readonly<Record<string, RegExp>>;

interface FirstLoads {
  plugin: Plugin;
  /** Writes what was found into the page that `adapter` makes. */
  into: (adapter: Adapter) => Adapter;
}

/** The files of one page, as they are addressed. */
interface PageLoads {
  /** A pattern of paths. */
  path: string;
  files: string[];
}

export const firstLoads = (soon: LoadedSoon): FirstLoads => {
  let pages: PageLoads[] = [];
  return {
    plugin: {
      name: 'navis-first-loads',
      generateBundle: {
        // After chunks that hold nothing but styles were taken away.
        order: 'post',
        handler(_options, bundle) {
          if (this.environment.name === 'client') pages = loadsOf(bundle, soon);
        },
      },
    },
    into: (adapter) => ({
      ...adapter,
      adapt: (builder) =>
        adapter.adapt({
          ...builder,
          generateFallback: async (destination) => {
            await builder.generateFallback(destination);
            const page = readFileSync(destination, 'utf8');
            writeFileSync(destination, withLoads(withAppearance(page), pages));
          },
        }),
    }),
  };
};

const loadsOf = (bundle: Rolldown.OutputBundle, soon: LoadedSoon): PageLoads[] => {
  const outputs = Object.values(bundle);
  const chunks = outputs.filter((output) => output.type === 'chunk');
  const holding = (pattern: RegExp) => chunks.filter(({ moduleIds }) => moduleIds.some((id) => pattern.test(id)));
  const needed = (chunk: Rolldown.OutputChunk, seen: Set<string>): Set<string> => {
    if (seen.has(chunk.fileName)) return seen;
    seen.add(chunk.fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) seen.add(style);
    for (const name of chunk.imports) {
      const imported = bundle[name];
      if (imported?.type === 'chunk') needed(imported, seen);
    }
    return seen;
  };
  const around = holding(/\/src\/routes\/(\+error|\(hub\)\/\+layout)\.svelte$/);
  return chunks.flatMap((chunk) => {
    const route = chunk.moduleIds.map((id) => /\/src\/routes(\/.*)\/\+page\.svelte$/.exec(id)?.[1]).find(Boolean);
    if (route === undefined) return [];
    const pattern = soon[route];
    const files = new Set<string>();
    for (const one of [...around, chunk, ...(pattern ? holding(pattern) : [])]) needed(one, files);
    for (const { type, fileName } of outputs) if (type === 'asset' && pattern?.test(fileName)) files.add(fileName);
    const path = route.replaceAll(/\/\([^)]+\)/g, '').replaceAll(/\[[^\]]+\]/g, '[^/]+');
    return [{ path: `^${path}/?$`, files: [...files].map((name) => `/${name}`) }];
  });
};

/**
 * The page with a script that adds links to these files, after those that every page needs; what it links anyway is left
 * out. Style sheets are asked for before and linked after: a script would wait for them.
 */
const withLoads = (page: string, pages: readonly PageLoads[]): string => {
  const added = pages.map(({ path, files }) => ({ path, files: files.filter((file) => !page.includes(`"${file}"`)) }));
  const files = [...new Set(added.flatMap((one) => one.files))];
  const table = added.map((one) => [one.path, one.files.map((file) => files.indexOf(file))]);
  const given = JSON.stringify([files, table]).replaceAll('<', String.raw`\u003c`);
  const script = `(${addLinks.toString()})(...${given})`;
  const styles = page.matchAll(/<link href="([^"]+)" rel="stylesheet">/g);
  const early = Array.from(styles, ([, href]) => `<link href="${href}" rel="preload" as="style">\n\t\t`).join('');
  const hash = createHash('sha256').update(script).digest('base64');
  return page
    .replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`)
    .replace(/<link [^>]*rel="stylesheet"/, (link) => `${early}<script>${script}</script>\n\t\t${link}`);
};

/** The script that every page waits for stands in the page. It comes before the policy, whose hashes the hub takes of it. */
const withAppearance = (page: string): string =>
  page.replace('<script src="/appearance.js"></script>', () => {
    const script = readFileSync(new URL('static/appearance.js', import.meta.url), 'utf8');
    return `<script>\n${script}</script>`;
  });

/** Runs in the browser, as it is written here. */
const addLinks = (files: string[], pages: [string, number[]][]): void => {
  for (const index of pages.find(([path]) => new RegExp(path).test(location.pathname))?.[1] ?? []) {
    const file = files[index] ?? '';
    const link = document.createElement('link');
    link.href = file;
    if (file.endsWith('.js')) link.rel = 'modulepreload';
    else {
      link.rel = 'preload';
      link.as = file.endsWith('.css') ? 'style' : 'font';
      if (link.as === 'font') link.crossOrigin = 'anonymous';
    }
    document.head.append(link);
  }
};
