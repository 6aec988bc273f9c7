/** Lets a bundle take along what its code finds beside itself: `new URL('./pty-host.ts', import.meta.url)`. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'rolldown';

const siblingPattern = /new URL\(\s*(['"])([^'":]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;

export interface FollowOptions {
  root: string;
  /** Folders that are copied as they are, and their names in the bundle. */
  folders: Readonly<Record<string, string>>;
}

/** Everything lands flat in one folder, so the new address is always `./name`. */
export function followSiblings({ root, folders }: FollowOptions): Plugin {
  const programs = new Map<string, string>();
  return {
    name: 'follow-siblings',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      return code.replaceAll(siblingPattern, (original: string, _quote: string, specifier: string) => {
        const target = resolve(dirname(id), specifier);
        const folder = folders[relative(root, target)];
        if (folder !== undefined) return address(`${folder}/`);
        if (!existsSync(target) || !statSync(target).isFile()) return original;
        const name = flatName(root, target);
        if (extname(target) !== '.ts') {
          this.emitFile({ type: 'asset', fileName: name, source: readFileSync(target) });
        } else if (!programs.has(target)) {
          programs.set(target, name);
          this.emitFile({ type: 'chunk', id: target, fileName: name });
        }
        return address(name);
      });
    },
  };
}

function address(name: string): string {
  return `new URL('./${name}', import.meta.url)`;
}

/** `packages/machine/src/host/pty-host.ts` → `machine-host-pty-host.js`. */
function flatName(root: string, path: string): string {
  const parts = relative(root, path)
    .split('/')
    .filter((part) => !['packages', 'apps', 'src'].includes(part));
  return join(parts.join('-')).replace(/\.ts$/, '.js');
}
