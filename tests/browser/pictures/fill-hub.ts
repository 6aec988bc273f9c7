/** Puts believable work into a hub, so that pictures show what people will see. */
import { until } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import type { TerminalInfo } from '@navisai/protocol';
import { fillConversation } from './fill-conversation.ts';

export interface FilledHub {
  /** Id of a conversation that shows everything. */
  conversation: string;
  terminals: Record<'shell' | 'logs' | 'build' | 'monitor' | 'web', TerminalInfo>;
}

const shellText = String.raw`
cd ~; mkdir -p site/src && cd site && git init -q . 2>/dev/null
printf '%s\n' 'export const port = 4173;' > src/config.ts; echo '# site' > README.md; touch src/main.ts src/routes.ts package.json
PS1='\[\e[36m\]\w\[\e[0m\] \[\e[32m\]❯\[\e[0m\] '
clear; ls -la --color; git status -sb; exec bash --norc --noprofile`;

const logLine = String.raw`printf '\e[90m%s\e[0m \e[32m%s\e[0m %-28s \e[36m%s\e[0m %s ms\n' "2026-01-12 09:$((10+n/60%50)):$(printf %02d $((n%60)))"`;

const commands: Record<
  keyof FilledHub['terminals'],
  { command: string; description: string; session: 'site' | 'ops' }
> = {
  shell: {
    command: `export PS1='\\[\\e[36m\\]\\w\\[\\e[0m\\] \\[\\e[32m\\]❯\\[\\e[0m\\] '; ${shellText}`,
    description: 'Interactive shell',
    session: 'site',
  },
  web: {
    command: `printf '\\n  \\e[32m➜\\e[0m  \\e[1mLocal\\e[0m:   \\e[36mhttp://localhost:4173/\\e[0m\\n  \\e[90m➜  press h + enter to show help\\e[0m\\n'; exec sleep 100000`,
    description: 'Dev server with hot reload',
    session: 'site',
  },
  build: {
    command: `printf '\\e[1msite@0.4.0 build\\e[0m\\n\\e[36mvite\\e[0m building for production…\\n\\e[32m✓\\e[0m 148 modules transformed\\n\\e[31mError\\e[0m: src/routes.ts:12:7 "config" is not exported\\n'; exit 1`,
    description: 'Production build',
    session: 'site',
  },
  logs: {
    command: `n=0; while [ $n -lt 4000 ]; do n=$((n+1)); ${logLine} GET "/api/items/$((n*37%911))" 200 "$((n*13%90))"; done; exec sleep 100000`,
    description: 'Access log of the API',
    session: 'ops',
  },
  monitor: { command: 'htop -d 50', description: 'What this machine does', session: 'ops' },
};

export const fillHub = async (hub: TestHub): Promise<FilledHub> => {
  const { api } = hub.host;
  const site = await api.createSession({ body: { title: 'Website' } });
  const ops = await api.createSession({ body: { title: 'Operations' } });
  const ids = { site: site.id, ops: ops.id };
  const terminals: Partial<FilledHub['terminals']> = {};
  for (const [name, { command, description, session }] of Object.entries(commands)) {
    const id = ids[session];
    const body = { action: 'open', terminal_name: name, command, description, background: true, keep_alive: true };
    const result = await api.callTool({ params: { id, tool: 'terminal' }, body });
    if (!result.success) throw new Error(`${name}: ${result.error?.message}`);
    terminals[name as keyof FilledHub['terminals']] = await until(`${name} is listed`, async () =>
      (await api.session({ params: { id } })).terminals.find((terminal) => terminal.name === name),
    );
  }
  await until('the build has failed', async () => {
    const session = await api.session({ params: { id: site.id } });
    return session.terminals.some(({ status }) => status === 'idle');
  });
  const { id: conversation } = await api.createSession({ body: { kind: 'agent', title: 'Fix the production build' } });
  await fillConversation(conversation).write(hub.home);
  return { conversation, terminals: terminals as FilledHub['terminals'] };
};
