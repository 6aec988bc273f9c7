/** Puts believable agents into a hub: a model, projects, recalls, a program of others, and a question that waits. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@navisai/testkit';
import type { ModelServer, TestHub, TestNode } from '@navisai/testkit';

export interface FilledAgents {
  /** Id of a conversation whose agent asks for something risky. */
  asking: string;
  /** Id of what it asks. */
  approval: string;
  /** Name of a project with changes. */
  project: string;
}

const project = 'website';

export const fillAgents = async (hub: TestHub, model: ModelServer, nas: TestNode): Promise<FilledAgents> => {
  const { api } = hub.host;
  await api.addModelProvider({
    body: {
      id: 'ollama',
      kind: 'openai-compatible',
      baseUrl: model.baseUrl('openai-compatible'),
      models: [{ id: 'qwen3:8b', contextTokens: 32_768 }],
    },
  });
  await api.setDefaultModels({ body: { models: ['ollama/qwen3:8b'] } });
  await makeProject(join(hub.userHome, project), { language: 'package.json', isChanged: true });
  await makeProject(join(hub.userHome, 'notes'), { language: 'README.md', isChanged: false });
  await makeProject(join(nas.userHome, 'backup-scripts'), { language: 'pyproject.toml', isChanged: true });
  await api.addMcpToken({ body: { name: 'Editor on the laptop', approvals: 'risky', days: 90 } });
  await api.addMcpToken({ body: { name: 'Build server', tools: ['terminal'], nodeId: nas.id, days: 30 } });
  await fillRecalls(hub, model, nas);
  return { project, ...(await ask(hub, model)) };
};

const makeProject = async (
  folder: string,
  { language, isChanged }: { language: string; isChanged: boolean },
): Promise<void> => {
  const git = (...words: string[]) => promisify(execFile)('git', words, { cwd: folder, env: gitEnvironment });
  await mkdir(join(folder, 'src'), { recursive: true });
  const manifest = language === 'package.json' ? '{ "name": "website", "dependencies": { "svelte": "5" } }\n' : '\n';
  await writeFile(join(folder, language), manifest);
  await writeFile(join(folder, 'src/config.ts'), configBefore);
  await git('init', '-q', '-b', 'main');
  await git('add', '.');
  await git('commit', '-q', '-m', 'First version');
  if (!isChanged) return;
  await writeFile(join(folder, 'src/config.ts'), configAfter);
  await writeFile(join(folder, 'src/address.ts'), "export const host = 'localhost';\n");
};

const gitEnvironment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Mira',
  GIT_AUTHOR_EMAIL: 'mira@example.com',
  GIT_COMMITTER_NAME: 'Mira',
  GIT_COMMITTER_EMAIL: 'mira@example.com',
};
const configBefore = `export const port = 4173;

export function address() {
  return \`http://localhost:\${port}\`;
}
`;
const configAfter = `import { host } from './address.ts';

export const port = 4173;
export const config = { port, host } as const;

export function address(secure = false): string {
  return \`\${secure ? 'https' : 'http'}://\${config.host}:\${port}\`;
}
`;

/** One that went well, one that failed, one that waits and one that is paused. */
const fillRecalls = async (hub: TestHub, model: ModelServer, nas: TestNode): Promise<void> => {
  const { api } = hub.host;
  const daily = { kind: 'cron', expression: '30 7 * * *', timezone: 'Europe/Berlin' } as const;
  const backups = {
    title: 'Check the backups',
    task: 'Look whether last night’s backup is there and as large as the one before. Say what is odd.',
    schedule: daily,
    nodeId: nas.id,
  };
  const updates = { title: 'Update the packages', task: 'Update what is out of date.', schedule: weekly };
  const disk = { title: 'Watch the disk', task: 'Look how full the disks are.', schedule: hourly };
  const certificate = { title: 'Renew the certificate', task: 'Renew it.', schedule: monthly };
  model.script(() => ({ text: 'All 12 backups are there; the largest is 1.4 GB.' }), backups.task);
  model.script(() => ({ status: 400, error: 'The model is overloaded' }), updates.task);
  for (const body of [certificate, disk, updates, backups]) {
    const { id } = await api.createRecall({ body });
    if (body === certificate) await api.changeRecall({ params: { id }, body: { paused: true } });
    if (body !== updates && body !== backups) continue;
    await api.runRecall({ params: { id } });
    await until('it has ended', async () => (await api.recall({ params: { id } })).lastRun?.endedAt);
  }
};

const weekly = { kind: 'cron', expression: '0 17 * * 5', timezone: 'Europe/Berlin' } as const;
const hourly = { kind: 'interval', seconds: 3600 } as const;
const monthly = { kind: 'cron', expression: '0 6 1 * *', timezone: 'Europe/Berlin' } as const;

/** What it has done so far really happened; what it asks for waits for ever. */
const ask = async (hub: TestHub, model: ModelServer): Promise<Pick<FilledAgents, 'asking' | 'approval'>> => {
  const { api } = hub.host;
  const directory = join(hub.userHome, project);
  const session = await api.createSession({
    body: { kind: 'agent', title: 'Deploy the website', agent: { profile: 'developer', directory } },
  });
  const wish = 'Look over my changes, then put the website online.';
  const plan = {
    entries: [
      { content: 'Look over the changes', status: 'completed' },
      { content: 'Deploy to production', status: 'in_progress' },
      { content: 'Check that the site answers', status: 'pending' },
    ],
  };
  const run = (command: string, more = {}) => ({ tool: 'terminal', arguments: { action: 'run', command, ...more } });
  model.script(
    [
      {
        thinking: 'Before anything goes online I should see what would go online.',
        text: 'I’ll look at what changed first.',
        calls: [run('git status --short'), run('git diff --stat')],
      },
      {
        text: 'Both changes belong together: `address()` can now be secure, and the host has a place of its own.',
        calls: [{ tool: 'plan', arguments: plan }],
      },
      {
        text: 'Now the deployment. It removes the old release, so I’ll need your word.',
        calls: [run('rm -rf old-release && ./deploy.sh --to production', { working_dir: '/srv/www' })],
      },
    ],
    wish,
  );
  await api.sendMessage({ params: { id: session.id }, body: { text: wish } });
  const { id } = await until(
    'it is asked',
    async () => (await api.pendingApprovals()).approvals.find(({ kind }) => kind !== 'pairing'),
    30_000,
  );
  return { asking: session.id, approval: id };
};
