/** Projects on any machine: found, told and looked at (I18, N4). */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectFacts } from '@navisai/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasProgram } from './terminal-target.fixture.ts';
import type { MakeTarget, TerminalTarget } from './terminal-target.fixture.ts';

export const projectsSuite = (makeTarget: MakeTarget): void => {
  describe.skipIf(!hasProgram('git'))('projects', () => {
    let made: TerminalTarget | undefined;
    const target = (): TerminalTarget => {
      if (made === undefined) throw new Error('The target is not made yet.');
      return made;
    };
    const at = (...names: string[]): string => join(target().home, ...names);
    const git = (path: string, ...words: string[]): void => {
      const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=trunk'];
      execFileSync('git', [...identity, ...words], { cwd: path, stdio: 'ignore' });
    };
    const make = (path: string, files: Record<string, string>): string => {
      mkdirSync(at(path), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(at(path, name), text);
      return at(path);
    };
    const found = async (): Promise<Map<string, ProjectFacts>> => {
      const all = new Map<string, ProjectFacts>();
      for (let scan: string | undefined; ;) {
        const answer = await target().machine.discoverProjects(scan);
        for (const project of answer.projects) all.set(project.path, project);
        if (answer.isDone) return all;
        scan = answer.scan;
      }
    };

    beforeAll(async () => {
      made = await makeTarget();
      const site = make('code/site', {
        'package.json': JSON.stringify({ dependencies: { svelte: '5', fastify: '5' } }),
        'tsconfig.json': '{}',
        Dockerfile: 'FROM x',
        kept: 'one\ntwo\n',
      });
      git(site, 'init');
      git(site, 'add', '.');
      git(site, 'commit', '-m', 'first');
      make('code/site/node_modules/dependency', { 'package.json': '{}' });
      make('code/deep/er/still', { 'go.mod': 'module x\nrequire github.com/gin-gonic/gin v1' });
      make('code/deep/er/too/far', { 'go.mod': 'module x' });
      make('.hidden/project', { 'Cargo.toml': '' });
      make('tool', { 'pyproject.toml': 'dependencies = ["fastapi"]' });
      symlinkSync(at('tool'), at('link-to-tool'));
    });
    afterAll(async () => made?.[Symbol.asyncDispose]());

    test('I18: projects below the home directory are found with languages and frameworks, others are left alone', async () => {
      const all = await found();
      expect([...all.keys()].toSorted()).toEqual([at('code/deep/er/still'), at('code/site'), at('tool')]);
      expect(all.get(at('code/site'))).toMatchObject({
        name: 'site',
        languages: ['TypeScript'],
        frameworks: ['Docker', 'Fastify', 'Svelte'],
        git: { branch: 'trunk', staged: 0, changed: 0, untracked: 1, conflicts: 0, insertions: 0, deletions: 0 },
      });
      expect(all.get(at('tool'))).toMatchObject({ languages: ['Python'], frameworks: ['FastAPI'], git: null });
      expect(all.get(at('code/deep/er/still'))).toMatchObject({ languages: ['Go'], frameworks: ['Gin'] });
    });

    test('I18: changes are counted and shown, and what is new is found the next time', async () => {
      appendFileSync(at('code/site/kept'), 'three\n');
      writeFileSync(at('code/site/new file'), 'x');
      git(at('code/site'), 'mv', 'Dockerfile', 'Containerfile');
      make('code/later', { 'Cargo.toml': '[dependencies]\naxum = "1"\n' });
      const all = await found();
      expect(all.get(at('code/later'))).toMatchObject({ languages: ['Rust'], frameworks: ['Axum'] });
      expect(all.get(at('code/site'))?.git).toMatchObject({ staged: 1, changed: 1, untracked: 2, insertions: 1 });
      const detail = await target().machine.project(at('code/site'));
      expect(detail.files).toContainEqual({ path: 'kept', index: '.', tree: 'M' });
      expect(detail.files).toContainEqual({ path: 'new file', index: '?', tree: '?' });
      expect(detail.diff).toContain('+three');
      expect(detail).toMatchObject({ isTruncated: false, git: { branch: 'trunk' } });
      await expect(target().machine.project(at('code'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(target().machine.project(at('.navis'))).rejects.toMatchObject({ code: 'POLICY_DENIED' });
    });

    test('I18: a diff reads the same whatever the person has set for their own eyes', async () => {
      const site = at('code/site');
      const { diff } = await target().machine.project(site);
      expect(diff).toContain('--- a/kept\n+++ b/kept\n');
      writeFileSync(at('order'), 'kept\n');
      const order = ['diff.orderFile', at('order')];
      const shown = ['mnemonicPrefix', 'noprefix', 'relative', 'suppressBlankEmpty'].map((name) => [
        `diff.${name}`,
        'true',
      ]);
      for (const setting of [
        ...shown,
        order,
        ['diff.renames', 'false'],
        ['color.ui', 'always'],
        ['diff.srcPrefix', 'x/'],
      ]) {
        git(site, 'config', ...setting);
        expect({ setting, diff: (await target().machine.project(site)).diff }).toEqual({ setting, diff });
        git(site, 'config', '--unset', setting[0] ?? '');
      }
    });

    test('I18: nothing of a repository is executed, and it is not changed', async () => {
      const site = at('code/site');
      const evil = make('evil', { 'run.sh': `#!/bin/sh\ntouch ${at('executed')}\n` });
      chmodSync(join(evil, 'run.sh'), 0o755);
      for (const setting of ['core.fsmonitor', 'core.pager', 'diff.external', 'core.editor'])
        git(site, 'config', setting, join(evil, 'run.sh'));
      for (const hook of ['post-index-change', 'fsmonitor-watchman'])
        symlinkSync(join(evil, 'run.sh'), join(site, '.git/hooks', hook));
      await found();
      expect((await target().machine.project(site)).diff).toContain('+three');
      expect(existsSync(at('executed'))).toBe(false);
    });

    test('I18: a project around an open terminal is found wherever it lies', async () => {
      const session = target().session();
      const inside = make('.hidden/project/src', { file: '' });
      await session.open('there', 'sleep 100', { background: true, working_dir: inside });
      expect((await found()).get(at('.hidden/project'))).toMatchObject({ languages: ['Rust'] });
      await target().machine.closeSession(session.id, 'test');
      expect((await found()).has(at('.hidden/project'))).toBe(false);
    });
  });
};
